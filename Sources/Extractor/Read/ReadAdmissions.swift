internal import Shared

/// The cohort's admissions, grouped by patient, and how event tables find them.
struct Admissions: Sendable {
  /// For each admission its patient, counted from 0.
  private(set) var patients: [UInt32] = []
  private(set) var categories: [Attribute: CategoryColumn] = [:]
  /// For each `hadm_id` its place in `places`.
  private let index: IntegerIndex
  private var places: [Place]

  /// Where an admission of the file is: whose it is, and its number in the cohort; nil where the cohort leaves it out.
  struct Place: Sendable {
    let subject: Int
    fileprivate(set) var number: UInt32?
  }

  var count: Int { patients.count }

  func place(of admission: Int) -> Place? { index[admission].map { places[Int($0)] } }

  /// Reads the admissions table and keeps the policy's cohort. The result does not depend on the order of rows.
  ///
  /// - Parameter attributes: the single-valued attributes that come from this table and the patients table.
  /// - Throws: status 65 for values that can't be right, a doubled admission or an unknown patient.
  init(
    _ input: InputFolder, _ patients: Patients, policy: Policy, attributes: [Attribute]
  ) throws(CloisterError) {
    var table = try TableRows(.admissions, of: input)
    let admissionColumn = try table.column("hadm_id")
    let subjectColumn = try table.column("subject_id")
    var stay = try StayColumns(table, policy: policy, attributes: attributes, schema: input.schema)
    var index = IntegerIndex()
    places = []
    var kept: [Row] = []
    while try table.next() {
      let admission = try table.integer(admissionColumn)
      let subject = try table.integer(subjectColumn)
      guard index.insert(admission, UInt32(places.count)) else {
        throw table.refusal(admissionColumn, "stands in an earlier row too, where each admission has one row")
      }
      guard let patient = patients.rows[subject] else {
        throw table.refusal(subjectColumn, "names a patient that the patients table does not have")
      }
      places.append(Place(subject: subject, number: nil))
      if try stay.keep(table, patients, Int(patient)) {
        kept.append(Row(admission: admission, subject: subject, place: places.count - 1, position: kept.count))
      }
    }
    self.index = index
    group(kept, stay, patients)
  }

  private struct Row {
    let admission: Int
    let subject: Int
    let place: Int
    /// Among the kept rows, in the order of the file.
    let position: Int
  }

  private mutating func group(_ rows: [Row], _ stay: StayColumns, _ patients: Patients) {
    let sorted = rows.sorted { ($0.subject, $0.admission) < ($1.subject, $1.admission) }
    var lastSubject: Int?
    for (number, row) in sorted.enumerated() {
      let patient = self.patients.last.map { row.subject == lastSubject ? $0 : $0 + 1 } ?? 0
      self.patients.append(patient)
      lastSubject = row.subject
      places[row.place].number = UInt32(number)
    }
    for column in stay.columns(patients) {
      categories[column.attribute] = CategoryColumn(
        ids: sorted.map { column.ids[$0.position] }, names: column.names)
    }
  }
}
