internal import Shared

/// The cohort's admissions, grouped by patient, with the index by which event tables find them.
struct Admissions: Sendable {
  /// For each admission, its patient, numbered from 0.
  private(set) var patients: [UInt32] = []
  /// For each patient, the `subject_id`.
  private(set) var subjects: [Int] = []
  /// For each admission, the `hadm_id`.
  private(set) var hadmIDs: [Int] = []
  private(set) var categories: [Attribute: CategoryColumn] = [:]
  private(set) var findings: TableFindings
  /// All admissions of the file, by `hadm_id`.
  private var places: IntegerIndex<Place>

  /// An admission in the file: its patient, and its number in the cohort, which is nil if the cohort excludes the
  /// admission.
  struct Place: Sendable {
    let subject: Int
    fileprivate(set) var number: UInt32?
  }

  var count: Int { patients.count }

  func place(of admission: Int) -> Place? { places[admission] }

  /// Reads the admissions table and keeps the policy's cohort. The result does not depend on the order of rows.
  ///
  /// - Parameter attributes: the single-valued attributes that come from this table and the patients table.
  /// - Throws: status 65 for impossible values, a repeated admission or an unknown patient.
  init(
    _ input: InputFolder, _ patients: Patients, policy: Policy, attributes: [Attribute]
  ) throws(CloisterError) {
    var table = try TableRows(.admissions, of: input)
    let admissionColumn = try table.column("hadm_id")
    let subjectColumn = try table.column("subject_id")
    var stay = try StayColumns(&table, policy: policy, attributes: attributes, schema: input.schema)
    places = IntegerIndex(filler: Place(subject: 0, number: nil))
    findings = table.findings(.admissions)
    var kept: [Row] = []
    while try table.next() {
      let admission = try table.integer(admissionColumn)
      let subject = try table.integer(subjectColumn)
      guard places.insert(admission, Place(subject: subject, number: nil)) else {
        throw table.refusal(admissionColumn, "also appears in an earlier row; an admission may have only one row")
      }
      guard let patient = patients.rows[subject] else {
        throw table.refusal(subjectColumn, "names a patient that is not in the patients table")
      }
      if try stay.keep(table, patients, Int(patient)) {
        kept.append(Row(admission: admission, subject: subject, position: kept.count))
      }
    }
    findings = table.findings(.admissions)
    findings.usedRows = kept.count
    findings.endsBeforeStart = stay.negativeStays
    for (name, column) in stay.findings { findings.columns[name, default: ColumnFindings()].add(column) }
    group(kept, stay, patients)
    if attributes.contains(.admissionNumberBand) { number(kept, stay.times) }
  }

  private struct Row {
    let admission: Int
    let subject: Int
    /// The row's position among the kept rows, in file order.
    let position: Int
  }

  /// Numbers each patient's admissions in the cohort by their start time.
  private mutating func number(_ rows: [Row], _ times: [CalendarTime]) {
    let bands = Attribute.admissionNumberBand.fixedBands ?? []
    let sorted = rows.sorted {
      ($0.subject, times[$0.position], $0.admission) < ($1.subject, times[$1.position], $1.admission)
    }
    var ids = [UInt32](repeating: 0, count: rows.count)
    var rank = 0
    for (place, row) in sorted.enumerated() {
      rank = place > 0 && sorted[place - 1].subject == row.subject ? rank + 1 : 1
      let band = bands.firstIndex { $0.contains(rank) } ?? bands.count - 1
      if let number = places[row.admission]?.number { ids[Int(number)] = UInt32(band) }
    }
    categories[.admissionNumberBand] = CategoryColumn(ids: ids, names: bands.map(\.label))
  }

  private mutating func group(_ rows: [Row], _ stay: StayColumns, _ patients: Patients) {
    let sorted = rows.sorted { ($0.subject, $0.admission) < ($1.subject, $1.admission) }
    hadmIDs = sorted.map(\.admission)
    var lastSubject: Int?
    for (number, row) in sorted.enumerated() {
      let patient = self.patients.last.map { row.subject == lastSubject ? $0 : $0 + 1 } ?? 0
      self.patients.append(patient)
      if row.subject != lastSubject { subjects.append(row.subject) }
      lastSubject = row.subject
      places.update(row.admission) { $0.number = UInt32(number) }
    }
    for column in stay.columns(patients) {
      categories[column.attribute] = CategoryColumn(
        ids: sorted.map { column.ids[$0.position] }, names: column.names)
    }
  }
}
