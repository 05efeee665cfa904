internal import Shared

/// Reads all results of a policy.
///
/// - Throws: status 65 with file, line and column for results that are of another policy, not whole, or contradict each other, and for
///   sources that don't fit together; status 66 for a missing result.
func readCounts(_ folder: CountsFolder, policy: Policy) throws(CloisterError) -> Tally {
  let schema = try readSchema(folder, policy)
  let results = CountedResult.all(policy, schema)
  if let stranger = folder.names.first(where: { name in !results.contains { $0.name == name } }) {
    throw CloisterError(
      .inputRefused, "\(Console.harmless(stranger)): no result of this policy",
      hint: "give the results of one run a folder of their own")
  }
  var titles = CodeTitles()
  var names = CountedNames(policy, schema)
  var tables: [TalliedTable] = []
  var joints: [JointCounts] = []
  var agreement = CountsAgreement()
  // Titles come first, as with noise they may be the public names.
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
      let joint = try readJoint(&rows, attributes, policy, &names, titles)
      if let heading = rows.heading { try agreement.take(joint, of: heading, result) }
      joints.append(joint)
    }
  }
  return Tally(
    schema: schema, admissions: agreement.admissions, tables: names.finished(tables), joints: names.finished(joints),
    titles: titles)
}

/// Which source the results are of; refuses a source whose rows don't fit together.
private func readSchema(_ folder: CountsFolder, _ policy: Policy) throws(CloisterError) -> SourceSchema {
  var rows = try CountedRows(.checks, folder, policy, nil)
  var found: [SourceProblem: Int] = [:]
  while try rows.next() {
    guard let problem = SourceProblem(rawValue: try rows.text("problem")) else {
      throw rows.refusal("problem", "is no problem that this version knows")
    }
    let count = try rows.count("found")
    guard count == 0 else {
      throw CloisterError(
        .inputRefused, "the database does not fit together: \(problem.text(count))",
        hint: "checks.csv has all such counts; repair or leave out these rows, and count again")
    }
    found[problem] = count
  }
  guard found.count > 4, let schema = rows.heading?.schema else {
    throw CloisterError(
      .inputRefused, "checks: the counts of some problems are missing",
      hint: "run the first query of the file again")
  }
  return schema
}

private func readTitles(
  _ group: String, _ folder: CountsFolder, _ policy: Policy, _ schema: SourceSchema, into titles: inout CodeTitles
) throws(CloisterError) {
  var rows = try CountedRows(.titles(group: group), folder, policy, schema)
  while try rows.next() {
    let code = try rows.text("code")
    guard titles[group, code] == nil else { throw rows.refusal("code", "stands in an earlier row too, with another title") }
    titles[group, code] = try rows.text("title")
  }
}

private func readTable(
  _ rows: inout CountedRows, _ request: Policy.TableRequest, _ policy: Policy, _ names: inout CountedNames,
  _ titles: CodeTitles
) throws(CloisterError) -> TalliedTable {
  var cells: [TalliedCell] = []
  var known: Set<SIMD4<UInt32>> = []
  let hasCodes = request.attributes.contains(where: \.isMultiValued)
  while try rows.next() {
    var ids = SIMD4<UInt32>()
    for (axis, attribute) in request.attributes.enumerated() { ids[axis] = try names.number(attribute, rows, titles) }
    guard known.insert(ids).inserted else { throw rows.refusal("admissions", "is of a cell that stands in an earlier row too") }
    let (admissions, patients, largest) = (
      try rows.count("admissions"), try rows.count("patients"), try rows.count("largest")
    )
    guard (1...admissions).contains(patients) else { throw rows.refusal("patients", "does not fit its admissions") }
    guard largest * patients >= admissions, largest <= admissions - patients + 1 else {
      throw rows.refusal("largest", "does not fit its admissions and patients")
    }
    var cell = TalliedCell(ids: ids, CellCount(admissions: admissions, patients: patients, largest: largest))
    let minimum = policy.protection.minimumPatients
    if let without = try rows.optionalCount("patients_without") {
      guard hasCodes, without > 0 else {
        throw rows.refusal("patients_without", "does not fit the table")
      }
      if patients >= minimum, without < minimum { cell.patientsWithout = without }
    }
    cells.append(cell)
  }
  return TalliedTable(request: request, categories: [], cells: cells)
}

private func readJoint(
  _ rows: inout CountedRows, _ attributes: [Attribute], _ policy: Policy, _ names: inout CountedNames, _ titles: CodeTitles
) throws(CloisterError) -> JointCounts {
  var admissions: [[UInt32]: Int] = [:]
  while try rows.next() {
    var key: [UInt32] = []
    for attribute in attributes { key.append(try names.number(attribute, rows, titles)) }
    guard admissions.updateValue(try rows.count("admissions"), forKey: key) == nil else {
      throw rows.refusal("admissions", "is of a cell that stands in an earlier row too")
    }
  }
  return JointCounts(attributes: attributes, categories: [], admissions: admissions)
}
