internal import Shared

/// Counts of records whose contributions are bounded. Only `boundedTally`, in this file, can make one, and noise is put on nothing
/// else.
struct BoundedTally: Sendable {
  let tally: Tally
  let noise: Policy.Noise

  fileprivate init(_ tally: Tally, _ noise: Policy.Noise) {
    self.tally = tally
    self.noise = noise
  }
}

/// Bounds what each patient contributes, then counts.
func boundedTally(
  _ records: HospitalRecords, _ policy: Policy, _ noise: Policy.Noise, _ lots: Lots, threads: Int
) throws(CloisterError) -> BoundedTally {
  let bounded = try boundContributions(records, policy, noise, lots)
  return BoundedTally(tally(bounded, policy: policy, threads: threads), noise)
}

/// Counts that a hospital's engine made of records whose contributions it bounded.
///
/// - Throws: status 65 where the counts show that it did not: a patient with more admissions in a cell, or more codes than the policy lets
///   count; and what `readCounts` throws.
func boundedTally(
  _ folder: CountsFolder, _ policy: Policy, _ noise: Policy.Noise
) throws(CloisterError) -> BoundedTally {
  let tally = try readCounts(folder, policy: policy)
  for table in tally.tables {
    let codes = table.request.attributes.filter(\.isMultiValued).reduce(tally.admissions) { count, _ in
      count * noise.codesPerAdmission
    }
    guard table.cells.allSatisfy({ $0.count.largest <= noise.admissionsPerPatient }),
      table.cells.reduce(0, { $0 + $1.admissions }) <= codes
    else {
      throw CloisterError(
        .inputRefused, "\(table.request.name): a patient counts for more than the policy's noise covers",
        hint: "run the queries as cloister-extractor sql wrote them for this policy")
    }
  }
  return BoundedTally(tally, noise)
}

/// Leaves of each patient at most so many admissions, and of each admission at most so many codes of a kind, chosen at random; every
/// category that no public list names becomes `other`, and such codes go.
///
/// Claim: what a patient contributes depends on that patient's records and on chance alone, and changes the cells of a table by at
/// most `Policy.Noise.sensitivity(of:)` in all. Nothing but the lists decides which categories there are.
///
/// - Throws: status 66 where a dictionary that the policy names is not there.
func boundContributions(
  _ records: HospitalRecords, _ policy: Policy, _ noise: Policy.Noise, _ lots: Lots
) throws(CloisterError) -> HospitalRecords {
  var chosen: [Int] = []
  var start = 0
  for end in 1...max(1, records.admissionCount)
  where end >= records.admissionCount || records.patients[end] != records.patients[start] {
    let own = Array(start..<min(end, records.admissionCount))
    chosen += choose(noise.admissionsPerPatient, of: own) { lots.lot(records.hadmIDs[$0]) }.sorted()
    start = end
  }
  var categories: [Attribute: CategoryColumn] = [:]
  for (attribute, column) in records.categories {
    let names = try publicNames(attribute, records.titles, policy, noise)
    let numbers = numbers(of: column.names, among: names)
    let other = UInt32(names.count - 1)
    categories[attribute] = CategoryColumn(
      ids: chosen.map { numbers[Int(column.ids[$0])] ?? other }, names: names)
  }
  var codes: [Attribute: CodeColumn] = [:]
  for (attribute, column) in records.codes {
    let names = try publicNames(attribute, records.titles, policy, noise)
    let numbers = numbers(of: column.names, among: names)
    codes[attribute] = CodeColumn(
      chosen.map { admission in
        choose(noise.codesPerAdmission, of: column.codes(of: admission).compactMap { numbers[Int($0)] }) {
          lots.lot(records.hadmIDs[admission], attribute, code: names[Int($0)])
        }
      }, names: names)
  }
  return HospitalRecords(
    schema: records.schema, patients: chosen.map { records.patients[$0] }, categories: categories, codes: codes,
    titles: records.titles)
}

/// The `count` values with the lowest lots: with fresh lots, each is as likely as any other.
private func choose<Value>(_ count: Int, of values: [Value], lot: (Value) -> UInt64) -> [Value] {
  guard values.count > count else { return values }
  return values.map { (lot: lot($0), value: $0) }.sorted { $0.lot < $1.lot }.prefix(count).map(\.value)
}

private func numbers(of names: [String], among known: [String]) -> [UInt32?] {
  let places = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, UInt32($0)) })
  return names.map { places[$0] }
}
