internal import Shared

/// The cohort's admissions, grouped by patient, and how event tables find them.
struct Admissions {
  var patients: [UInt32] = []
  var categories: [Attribute: CategoryColumn] = [:]
  private var places: [Int: Place] = [:]

  /// Where an admission of the file is: whose it is, and its index in the cohort; nil where the cohort leaves it out.
  struct Place {
    let subject: Int
    let index: UInt32?
  }

  func place(of admission: Int) -> Place? { places[admission] }

  /// Orders the rows by patient and admission, so that the result does not depend on the order in the file.
  fileprivate init(_ rows: [AdmissionRow], excluded: [Int: Int], attributes: [Attribute], names: [Attribute: [String]])
  {
    let sorted = rows.sorted { ($0.subject, $0.admission) < ($1.subject, $1.admission) }
    var lastSubject: Int?
    for (index, row) in sorted.enumerated() {
      let patient = patients.last.map { row.subject == lastSubject ? $0 : $0 + 1 } ?? 0
      patients.append(patient)
      lastSubject = row.subject
      places[row.admission] = Place(subject: row.subject, index: UInt32(index))
    }
    for (admission, subject) in excluded { places[admission] = Place(subject: subject, index: nil) }
    for (position, attribute) in attributes.enumerated() {
      categories[attribute] = CategoryColumn(ids: sorted.map { $0.ids[position] }, names: names[attribute] ?? [])
    }
  }
}

private struct AdmissionRow {
  let admission: Int
  let subject: Int
  let ids: [UInt32]
}

/// Reads the admissions table and keeps the policy's cohort.
///
/// - Parameter attributes: the single-valued attributes that come from this table and the patients table.
func readAdmissions(
  _ input: InputFolder, _ patients: [Int: PatientRow], policy: Policy, attributes: [Attribute]
) throws(CloisterError) -> Admissions {
  var rows = try TableRows(.admissions, of: input)
  let admissionColumn = try rows.column("hadm_id")
  let subjectColumn = try rows.column("subject_id")
  let stay = try StayColumns(rows, policy: policy, attributes: attributes, schema: input.schema)
  var kept: [AdmissionRow] = []
  var excluded: [Int: Int] = [:]
  var seen: Set<Int> = []
  var interners = [Interner](repeating: Interner(), count: attributes.count)
  while try rows.next() {
    let admission = try rows.integer(admissionColumn)
    let subject = try rows.integer(subjectColumn)
    guard seen.insert(admission).inserted else {
      throw rows.refusal(admissionColumn, "stands in an earlier row too, where each admission has one row")
    }
    guard let patient = patients[subject] else {
      throw rows.refusal(subjectColumn, "names a patient that the patients table does not have")
    }
    guard let age = try stay.ageInCohort(rows, patient) else {
      excluded[admission] = subject
      continue
    }
    var ids: [UInt32] = []
    for (position, attribute) in attributes.enumerated() {
      ids.append(interners[position].id(of: try stay.category(attribute, rows, patient, age: age)))
    }
    kept.append(AdmissionRow(admission: admission, subject: subject, ids: ids))
  }
  let names = Dictionary(uniqueKeysWithValues: zip(attributes, interners.map(\.names)))
  return Admissions(kept, excluded: excluded, attributes: attributes, names: names)
}

/// The columns of the admissions table that the policy needs, and what they mean.
private struct StayColumns {
  let policy: Policy
  let admitted: TableRows.Column
  let type: TableRows.Column?
  let discharged: TableRows.Column?
  let texts: [Attribute: TableRows.Column]

  init(_ rows: TableRows, policy: Policy, attributes: [Attribute], schema: SourceSchema) throws(CloisterError) {
    self.policy = policy
    admitted = try rows.column("admittime")
    type = policy.cohort.excludedAdmissionTypes.isEmpty ? nil : try rows.column("admission_type")
    discharged = attributes.contains(.lengthOfStayBand) ? try rows.column("dischtime") : nil
    var texts: [Attribute: TableRows.Column] = [:]
    for attribute in attributes {
      if let name = admissionColumn(of: attribute, schema) { texts[attribute] = try rows.column(name) }
    }
    self.texts = texts
  }

  /// The age at admission; nil where the cohort leaves the admission out.
  func ageInCohort(_ rows: TableRows, _ patient: PatientRow) throws(CloisterError) -> Int? {
    let age = patient.age(at: try rows.time(admitted))
    guard age >= 0 else { throw rows.refusal(admitted, "is before the patient's birth") }
    guard age >= policy.cohort.minimumAge else { return nil }
    if let type, policy.cohort.excludedAdmissionTypes.contains(try rows.category(type)) { return nil }
    return age
  }

  func category(
    _ attribute: Attribute, _ rows: TableRows, _ patient: PatientRow, age: Int
  ) throws(CloisterError) -> String {
    switch attribute {
    case .gender: return patient.gender
    case .ageBand: return policy.ageBands.first { $0.contains(age) }?.label ?? missingCategory
    case .lengthOfStayBand: return try lengthOfStay(rows)
    default:
      guard let column = texts[attribute] else { return missingCategory }
      if attribute == .diedInHospital { return try rows.flag(column) ? "1" : "0" }
      return try rows.category(column)
    }
  }

  private func lengthOfStay(_ rows: TableRows) throws(CloisterError) -> String {
    guard let discharged, let end = try rows.optionalTime(discharged) else { return missingCategory }
    let days = try rows.time(admitted).completedDays(until: end)
    guard days >= 0 else { return missingCategory }
    return Attribute.lengthOfStayBand.fixedBands?.first { $0.contains(days) }?.label ?? missingCategory
  }
}

/// The column of the admissions table that holds an attribute as text; nil where it is not a text of that table.
private func admissionColumn(of attribute: Attribute, _ schema: SourceSchema) -> String? {
  switch attribute {
  case .admissionType: "admission_type"
  case .admissionLocation: "admission_location"
  case .dischargeLocation: "discharge_location"
  case .insurance: "insurance"
  case .language: "language"
  case .religion: "religion"
  case .maritalStatus: "marital_status"
  case .ethnicity: schema == .mimicIII ? "ethnicity" : "race"
  case .diedInHospital: "hospital_expire_flag"
  default: nil
  }
}
