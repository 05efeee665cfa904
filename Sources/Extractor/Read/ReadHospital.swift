internal import Shared

/// Reads only what the policy's tables need from a hospital's folder.
///
/// - Throws: status 65 with file, line and column for data that can't be trusted; status 66 for a missing table.
func readHospital(_ input: InputFolder, policy: Policy) throws(CloisterError) -> HospitalRecords {
  let wanted = Set(policy.release.flatMap(\.attributes)).filter { input.schema.holds($0) && !$0.isEvaluated }
  let singles = Attribute.allCases.filter { wanted.contains($0) && eventTable(of: $0) == nil }
  let patients = try Patients(input)
  let admissions = try Admissions(input, patients, policy: policy, attributes: singles)
  var findings = InputFindings(tables: [patients.findings, admissions.findings])
  var categories = admissions.categories
  var codes: [Attribute: CodeColumn] = [:]
  for table in [SourceTable.diagnoses, .procedures, .cptEvents, .prescriptions, .labEvents] {
    let attributes = wanted.filter { eventTable(of: $0) == table }
    if attributes.isEmpty { continue }
    let events = try readEvents(table, input, admissions, policy: policy)
    findings.tables.append(events.findings)
    if table == .diagnoses { findings.codeUses["diagnosis"] = events.uses }
    if table == .procedures { findings.codeUses["procedure"] = events.uses }
    for attribute in attributes {
      if let bands = policy.bands(of: attribute) {
        categories[attribute] = events.countColumn(bands)
      } else if attribute == .mainDiagnosis {
        categories[attribute] = events.mainColumn
      } else {
        codes[attribute] = events.column
      }
    }
  }
  let titles = try readTitles(input, groups: Set(wanted.compactMap(\.titleGroup)), &findings)
  return HospitalRecords(
    schema: input.schema, patients: admissions.patients, subjects: admissions.subjects, hadmIDs: admissions.hadmIDs,
    categories: categories, codes: codes,
    titles: titles, findings: findings)
}

/// The event table that an attribute comes from; nil for attributes of the patients and admissions tables.
func eventTable(of attribute: Attribute) -> SourceTable? {
  switch attribute {
  case .mainDiagnosis, .diagnosis, .diagnosisCountBand: .diagnoses
  case .procedure, .procedureCountBand: .procedures
  case .cpt: .cptEvents
  case .drug, .drugCountBand: .prescriptions
  case .lab: .labEvents
  default: nil
  }
}
