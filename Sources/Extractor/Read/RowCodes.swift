internal import Shared

/// Finds the codes in the rows of an event table.
protocol RowCodes {
  /// Returns the number of the row's code; nil if the row has none.
  mutating func code(_ rows: borrowing TableRows) throws(CloisterError) -> UInt32?
  /// All codes so far, by number.
  var names: [String] { get }
  /// What the column of codes held instead of codes.
  var findings: (column: String, found: ColumnFindings)? { get }
}

/// Codes from a public list, or drug names. The category is the value of one column, with the ICD version if the table
/// has codes of two versions.
struct ListedCodes: RowCodes {
  private let table: SourceTable
  private let value: TableRows.Column
  private let version: TableRows.Column?
  /// Drug names in capital letters that look like missing values, but are none under the policy.
  private let real: Set<String>
  private var categories = CategoryInterner()

  init(
    _ table: SourceTable, _ schema: SourceSchema, _ policy: Policy, _ rows: inout TableRows
  ) throws(CloisterError) {
    self.table = table
    real = policy.realCategories(of: .drug)
    switch table {
    case .prescriptions: value = try rows.column("drug")
    case .cptEvents: value = try rows.column("cpt_cd")
    default: value = try rows.column(schema == .mimicIII ? "icd9_code" : "icd_code")
    }
    let isVersioned = schema == .mimicIV && (table == .diagnoses || table == .procedures)
    version = isVersioned ? try rows.column("icd_version") : nil
  }

  var names: [String] { categories.names }
  var findings: (column: String, found: ColumnFindings)? { (value.name, categories.findings) }

  mutating func code(_ rows: borrowing TableRows) throws(CloisterError) -> UInt32? {
    var number: Int?
    if let version {
      let stated = try rows.integer(version)
      guard stated == 9 || stated == 10 else { throw rows.refusal(version, "is neither 9 nor 10") }
      number = stated
    }
    let (table, value, real) = (table, value, real)
    return try categories.id(rows, value, part: number == 10 ? 1 : 0) { () throws(CloisterError) in
      if table == .prescriptions {
        let drug = try rows.category(value, keeping: real)
        return drug == missingCategory ? nil : drug
      }
      return try listedCode(rows, table, value, version: number)
    }
  }
}

/// The category of a code's value; nil if the value is empty.
private func listedCode(
  _ rows: borrowing TableRows, _ table: SourceTable, _ value: TableRows.Column, version: Int?
) throws(CloisterError) -> String? {
  switch (table, version) {
  case (.cptEvents, _): return try rows.code(value, .cpt)
  case (_, nil): return try rows.code(value, table == .diagnoses ? .icd9Diagnosis : .icd9Procedure)
  case (_, 10):
    return try rows.code(value, table == .diagnoses ? .icd10Diagnosis : .icd10Procedure)
      .map { VersionedCode.category(version: 10, code: $0) }
  default:
    return try rows.code(value, table == .diagnoses ? .icd9Diagnosis : .icd9Procedure)
      .map { VersionedCode.category(version: 9, code: $0) }
  }
}
