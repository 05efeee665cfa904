internal import Shared

/// The rows of one result, in whatever order its files have them, without the row that says what the result is.
///
/// Claim: when `next` has returned false, that row was there once and fits, and no row is missing.
struct CountedRows: ~Copyable {
  let result: CountedResult
  private let policyDigest: String
  private let expected: SourceSchema?
  private var rows: TableRows
  private var columns: [String: TableRows.Column]
  private var rest: [CSVReader]
  private var stated: Int?
  private var seen = 0
  private(set) var heading: Heading?

  /// What the engine says of a result.
  struct Heading: Sendable {
    let schema: SourceSchema
    /// In the policy's cohort; 0 for results that count no admissions.
    let admissions: Int
    let patients: Int
  }

  /// - Parameter schema: the source that the results are of; nil: whichever they say.
  init(
    _ result: CountedResult, _ folder: CountsFolder, _ policy: Policy, _ schema: SourceSchema?
  ) throws(CloisterError) {
    self.result = result
    policyDigest = SHA256.hexadecimal(policy.bytes)
    expected = schema
    var readers = try folder.open(result)
    var first = TableRows(readers.removeFirst(), isAhead: false)
    columns = try Self.columns(of: &first, result)
    rest = readers
    rows = first
  }

  private static func columns(
    of rows: inout TableRows, _ result: CountedResult
  ) throws(CloisterError) -> [String: TableRows.Column] {
    var columns: [String: TableRows.Column] = [:]
    for name in ["row_count", "policy", "source", "result"] + result.columns { columns[name] = try rows.column(name) }
    return columns
  }

  mutating func next() throws(CloisterError) -> Bool {
    while true {
      if try rows.next() {
        try countRow()
        if rows.isEmpty(column("policy")) { return true }
        try readHeading()
      } else if rest.isEmpty {
        try checkEnd()
        return false
      } else {
        rows = TableRows(rest.removeFirst(), isAhead: false)
        columns = try Self.columns(of: &rows, result)
      }
    }
  }

  func text(_ name: String) throws(CloisterError) -> String { try rows.category(column(name)) }

  func count(_ name: String) throws(CloisterError) -> Int {
    let count = try rows.integer(column(name))
    guard count < 1 << 32 - 1 else { throw refusal(name, "is too large a number") }
    return count
  }

  func optionalCount(_ name: String) throws(CloisterError) -> Int? {
    rows.isEmpty(column(name)) ? nil : try count(name)
  }

  /// The number of a value in an interner.
  func id(
    _ name: String, _ names: inout CategoryInterner, _ meaning: (String) throws(CloisterError) -> String
  ) throws(CloisterError) -> UInt32 {
    let number = try names.id(rows, column(name)) { () throws(CloisterError) in try meaning(try text(name)) }
    return number ?? 0
  }

  func refusal(_ name: String, _ what: String) -> CloisterError { rows.refusal(column(name), what) }

  private func column(_ name: String) -> TableRows.Column {
    guard let column = columns[name] else { preconditionFailure("the columns of a result are known") }
    return column
  }

  private mutating func countRow() throws(CloisterError) {
    let count = try count("row_count")
    guard stated ?? count == count else {
      throw refusal("row_count", "is another than in earlier rows: the file is put together of several")
    }
    (stated, seen) = (count, seen + 1)
  }

  private mutating func readHeading() throws(CloisterError) {
    guard try text("policy") == policyDigest else {
      throw refusal("policy", "is of another policy than the file that --policy names")
    }
    guard try text("result") == result.title else { throw refusal("result", "names another result than the file does") }
    guard let schema = SourceSchema(rawValue: try text("source")), schema == expected ?? schema else {
      throw refusal("source", "is another source than that of checks")
    }
    guard heading == nil else { throw refusal("policy", "stands in an earlier row too: the file is there twice") }
    let counted = result.columns.contains("admissions")
    heading = Heading(
      schema: schema, admissions: counted ? try count("admissions") : 0,
      patients: result.columns.contains("patients") ? try count("patients") : 0)
  }

  private func checkEnd() throws(CloisterError) {
    guard heading != nil, let stated, stated == seen else {
      throw CloisterError(
        .inputRefused,
        stated.map { "\(result.name): \(seen) rows are there, and \($0) were written" }
          ?? "\(result.name): the row that says what the result is, is missing",
        hint: "the file was cut off, doubled or changed: run this query again, or copy its result again")
    }
  }
}

extension CountedResult {
  /// The result's own name for itself.
  var title: String {
    switch self {
    case .table, .together: PublishedTable.name(of: attributes)
    case .checks, .titles: name
    }
  }

  /// The columns behind those that every result has.
  var columns: [String] {
    switch self {
    case .checks: ["problem", "found"]
    case .table(let request): request.attributes.map(\.column) + ["admissions", "patients", "largest", "patients_without"]
    case .together(let attributes): attributes.map(\.column) + ["admissions"]
    case .titles: ["code", "title"]
    }
  }
}
