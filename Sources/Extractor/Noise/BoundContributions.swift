internal import Shared

/// Counts of records with bounded contributions. Noise is added to nothing else, and only the two `boundedTally`
/// functions in this file can make a value of this type.
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

/// Reads the counts from a hospital's own database, whose queries must have bounded the contributions.
///
/// - Throws: status 65 if the counts show that the contributions are not bounded: a patient has too many admissions in
///   a cell, or there are more codes than the policy allows. Also whatever `readCounts` throws.
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
        .inputRefused, "\(table.request.name): a patient contributes more than the policy's noise covers",
        hint: "run the queries exactly as cloister-extractor sql wrote them for this policy")
    }
  }
  return BoundedTally(tally, noise)
}

/// Keeps, at random, at most `admissionsPerPatient` admissions of each patient and, for each of these admissions, at
/// most `codesPerAdmission` codes of each kind. A category that no public list names becomes `other`, and a code that
/// no public list names is dropped.
///
/// Claim: a patient's contribution depends on that patient's records and on chance alone, and changes the cells of a
/// table by at most `Policy.Noise.sensitivity(of:)` in all. The lists alone decide which categories exist.
///
/// - Throws: status 66 if a dictionary that the policy names is missing.
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

/// The `count` values with the lowest lots. With fresh lots, every value is equally likely to be chosen.
private func choose<Value>(_ count: Int, of values: [Value], lot: (Value) -> UInt64) -> [Value] {
  guard values.count > count else { return values }
  return values.map { (lot: lot($0), value: $0) }.sorted { $0.lot < $1.lot }.prefix(count).map(\.value)
}

private func numbers(of names: [String], among known: [String]) -> [UInt32?] {
  let places = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, UInt32($0)) })
  return names.map { places[$0] }
}
