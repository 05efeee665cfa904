internal import Shared

/// One event table's codes: the main diagnosis apart from the others, where the table ranks them.
struct Events {
  fileprivate(set) var pairs: [(admission: UInt32, code: UInt32)] = []
  fileprivate(set) var mains: [UInt32: UInt32] = [:]
  fileprivate(set) var codes = Interner()

  /// Each admission's codes, without the main diagnosis.
  func column(_ admissions: Admissions) -> CodeColumn {
    CodeColumn(pairs: pairs, admissionCount: admissions.patients.count, names: codes.names)
  }

  /// Each admission's main diagnosis; `missing` where the table ranks none first.
  func mainColumn(_ admissions: Admissions) -> CategoryColumn {
    let missing = UInt32(codes.names.count)
    let ids = admissions.patients.indices.map { mains[UInt32($0)] ?? missing }
    return CategoryColumn(ids: ids, names: codes.names + [missingCategory])
  }

  /// The band of the number of different codes, the main diagnosis among them.
  func countColumn(_ admissions: Admissions, _ bands: [Band]) -> CategoryColumn {
    let all = pairs + mains.map { (admission: $0.key, code: $0.value) }
    let column = CodeColumn(pairs: all, admissionCount: admissions.patients.count, names: codes.names)
    let ids = admissions.patients.indices.map { admission in
      UInt32(bands.firstIndex { $0.contains(column.codes(of: admission).count) } ?? 0)
    }
    return CategoryColumn(ids: ids, names: bands.map(\.label))
  }
}

/// Reads one event table. Rows of admissions outside the cohort are checked and left out; rows of unknown admissions, or
/// under another patient than the admission's, are refused: such an export does not fit together.
func readEvents(
  _ table: SourceTable, _ input: InputFolder, _ admissions: Admissions
) throws(CloisterError) -> Events {
  var rows = try TableRows(table, of: input)
  let admissionColumn = try rows.column("hadm_id")
  let subjectColumn = try rows.column("subject_id")
  let rank = try table == .diagnoses ? rows.column("seq_num") : nil
  let code = try CodeReader(table, input.schema, rows)
  var events = Events()
  while try rows.next() {
    guard let place = admissions.place(of: try rows.integer(admissionColumn)) else {
      throw rows.refusal(admissionColumn, "names an admission that the admissions table does not have")
    }
    guard place.subject == (try rows.integer(subjectColumn)) else {
      throw rows.refusal(subjectColumn, "is another patient than the admission's")
    }
    guard let name = try code.category(rows), let admission = place.index else { continue }
    let id = events.codes.id(of: name)
    if let rank, !rows.isEmpty(rank), try rows.integer(rank) == 1 {
      guard events.mains.updateValue(id, forKey: admission) == nil else {
        throw rows.refusal(rank, "is 1 in an earlier row of the same admission too")
      }
    } else {
      events.pairs.append((admission, id))
    }
  }
  return events
}

/// How a row of an event table says its code.
private struct CodeReader {
  let table: SourceTable
  let value: TableRows.Column
  let version: TableRows.Column?

  init(_ table: SourceTable, _ schema: SourceSchema, _ rows: TableRows) throws(CloisterError) {
    self.table = table
    switch table {
    case .prescriptions: value = try rows.column("drug")
    case .cptEvents: value = try rows.column("cpt_cd")
    default: value = try rows.column(schema == .mimicIII ? "icd9_code" : "icd_code")
    }
    let isVersioned = schema == .mimicIV && (table == .diagnoses || table == .procedures)
    version = isVersioned ? try rows.column("icd_version") : nil
  }

  /// The category; nil where the row has none.
  func category(_ rows: TableRows) throws(CloisterError) -> String? {
    switch table {
    case .prescriptions:
      let drug = try rows.category(value)
      return drug == missingCategory ? nil : drug
    case .cptEvents: return try rows.code(value, .cpt)
    default: return try icd(rows)
    }
  }

  private func icd(_ rows: TableRows) throws(CloisterError) -> String? {
    let isDiagnosis = table == .diagnoses
    guard let version else { return try rows.code(value, isDiagnosis ? .icd9Diagnosis : .icd9Procedure) }
    switch try rows.integer(version) {
    case 9:
      return try rows.code(value, isDiagnosis ? .icd9Diagnosis : .icd9Procedure)
        .map { VersionedCode.category(version: 9, code: $0) }
    case 10:
      return try rows.code(value, isDiagnosis ? .icd10Diagnosis : .icd10Procedure)
        .map { VersionedCode.category(version: 10, code: $0) }
    default: throw rows.refusal(version, "is neither 9 nor 10")
    }
  }
}
