internal import Shared

/// Reads all results of a policy.
///
/// - Throws: status 65, with file, line and column if known, for results that belong to another policy, are incomplete
///   or contradict each other, and for an inconsistent source; status 66 for a missing result.
func readCounts(_ folder: CountsFolder, policy: Policy) throws(CloisterError) -> Tally {
  let schema = try readSchema(folder, policy)
  let results = CountedResult.all(policy, schema)
  if let stranger = folder.names.first(where: { name in !results.contains { $0.name == name } }) {
    throw CloisterError(
      .inputRefused, "\(harmless(stranger)): not a result of this policy",
      hint: "keep the results of each run in a folder of their own")
  }
  var titles = CodeTitles()
  var names = CountedNames(policy, schema)
  var tables: [TalliedTable] = []
  var joints: [JointCounts] = []
  var agreement = CountsAgreement(results)
  // Read the titles first: with noise, they may determine the public names.
  for case .titles(let group) in results { try readTitles(group, folder, policy, schema, into: &titles) }
  for result in results {
    switch result {
    case .checks, .titles: continue
    case .table(let request):
      var rows = try CountedRows(result, folder, policy, schema)
      let table = try readTable(&rows, request, policy, &names, titles)
      if let heading = rows.heading { try agreement.take(table, of: heading, result) }
      tables.append(table)
    case .together(let attributes):
      var rows = try CountedRows(result, folder, policy, schema)
      let joint = try readJoint(&rows, attributes, &names, titles)
      if let heading = rows.heading { try agreement.take(joint, of: heading, result) }
      joints.append(joint)
    }
  }
  let (finished, together) = (names.finished(tables), names.finished(joints))
  let rings = policy.joints(tables.map(\.request)).map { Set($0) }
  return Tally(
    schema: schema, admissions: agreement.admissions, tables: finished,
    joints: together.filter { rings.contains(Set($0.attributes)) },
    profiles: try CodeProfiles(policy, finished, together, admissions: agreement.admissions), titles: titles)
}

/// Reads which source the results come from, and refuses an inconsistent source.
///
/// - Throws: status 65 if the source is inconsistent or the results belong to another policy; 66 if they are missing.
func readSchema(_ folder: CountsFolder, _ policy: Policy) throws(CloisterError) -> SourceSchema {
  var rows = try CountedRows(.checks, folder, policy, nil)
  var found: Set<SourceProblem> = []
  let (name, count) = (rows.place("problem"), rows.place("found"))
  while try rows.next() {
    guard let problem = SourceProblem(rawValue: try rows.text(name)) else {
      throw rows.refusal(name, "is not a problem that this version knows")
    }
    let rows = try rows.count(count)
    guard rows == 0 else {
      throw CloisterError(
        .inputRefused, "the database is inconsistent: \(problem.text(rows))",
        hint: "repair or leave out these rows, and run the queries again; the result checks lists all such counts")
    }
    found.insert(problem)
  }
  guard let schema = rows.heading?.schema, found.isSuperset(of: SourceProblem.asked(by: policy, schema)) else {
    throw CloisterError(
      .inputRefused, "checks: the counts of some problems are missing",
      hint: "rerun the first query of the file")
  }
  return schema
}

private func readTitles(
  _ group: String, _ folder: CountsFolder, _ policy: Policy, _ schema: SourceSchema, into titles: inout CodeTitles
) throws(CloisterError) {
  var rows = try CountedRows(.titles(group: group), folder, policy, schema)
  let (name, title) = (rows.place("code"), rows.place("title"))
  while try rows.next() {
    let code = try rows.text(name)
    guard titles[group, code] == nil else {
      throw rows.refusal(name, "also appears in an earlier row; a code may have only one title")
    }
    titles[group, code] = try rows.text(title)
  }
}

private func readTable(
  _ rows: inout CountedRows, _ request: Policy.TableRequest, _ policy: Policy, _ names: inout CountedNames,
  _ titles: CodeTitles
) throws(CloisterError) -> TalliedTable {
  let axes = try names.axes(rows, titles)
  let places = (
    admissions: rows.place("admissions"), patients: rows.place("patients"), largest: rows.place("largest"),
    without: rows.place("patients_without")
  )
  var cells: [TalliedCell] = []
  var known: Set<SIMD4<UInt32>> = []
  while try rows.next() {
    var ids = SIMD4<UInt32>()
    for (axis, place) in axes.enumerated() { ids[axis] = try names.number(place, rows) }
    guard known.insert(ids).inserted else { throw rows.refusal(places.admissions, doubled) }
    let count = CellCount(
      admissions: try rows.count(places.admissions), patients: try rows.count(places.patients),
      largest: try rows.count(places.largest))
    guard count.patients >= 1, count.patients <= count.admissions else {
      throw rows.refusal(places.patients, "is not between 1 and the number of admissions")
    }
    guard count.largest * count.patients >= count.admissions, count.largest <= count.admissions - count.patients + 1
    else { throw rows.refusal(places.largest, "is impossible for these numbers of admissions and patients") }
    var cell = TalliedCell(ids: ids, count)
    if let without = try rows.optionalCount(places.without) {
      guard without > 0, request.attributes.contains(where: \.isMultiValued) else {
        throw rows.refusal(places.without, "is impossible in this table")
      }
      let minimum = policy.protection.minimumPatients
      if count.patients >= minimum, without < minimum { cell.patientsWithout = without }
    }
    cells.append(cell)
  }
  return TalliedTable(request: request, categories: [], cells: cells)
}

private let doubled = "belongs to a cell that also appears in an earlier row"

private func readJoint(
  _ rows: inout CountedRows, _ attributes: [Attribute], _ names: inout CountedNames, _ titles: CodeTitles
) throws(CloisterError) -> JointCounts {
  let axes = try names.axes(rows, titles)
  let count = rows.place("admissions")
  var joint = JointCounts(attributes: attributes)
  var numbering = ProfileNumbering(axes: axes.count)
  while try rows.next() {
    var key: [UInt32] = []
    for axis in axes { key.append(try names.number(axis, rows)) }
    guard Int(numbering.number { key[$0] }) == joint.admissions.count else { throw rows.refusal(count, doubled) }
    joint.append(key, try rows.count(count))
  }
  return joint
}
