internal import Shared

/// The rows of one result, in whatever order its files have them, without the heading row that identifies the result.
///
/// Claim: when `next` has returned false, there was exactly one heading row, it matches, and no row is missing.
struct CountedRows: ~Copyable {
  let result: CountedResult
  /// What the result must name as its policy, by source.
  private let digest: @Sendable (SourceSchema) -> String
  private let expected: SourceSchema?
  private var rows: TableRows
  /// The columns that every result has, followed by this result's own.
  private var columns: [TableRows.Column]
  private var rest: [CSVReader]
  private var stated: Int?
  private var seen = 0
  private(set) var heading: Heading?

  /// What the heading row says about a result.
  struct Heading: Sendable {
    let schema: SourceSchema
    /// Admissions in the policy's cohort; 0 for results that count no admissions.
    let admissions: Int
    let patients: Int
  }

  /// - Parameter schema: the source that the result must name; nil for any source.
  init(
    _ result: CountedResult, _ folder: CountsFolder, _ policy: Policy, _ schema: SourceSchema?
  ) throws(CloisterError) {
    self.result = result
    digest = { [kept = folder.kept] in (kept[$0] ?? .none).digest(with: policy) }
    expected = schema
    var readers = try folder.open(result)
    var first = TableRows(RowReader(readers.removeFirst()), isAhead: false)
    columns = try Self.columns(of: &first, result)
    rest = readers
    rows = first
  }

  private static func columns(
    of rows: inout TableRows, _ result: CountedResult
  ) throws(CloisterError) -> [TableRows.Column] {
    var columns: [TableRows.Column] = []
    do throws(CloisterError) {
      for name in common + result.columns { columns.append(try rows.column(name)) }
    } catch {
      throw CloisterError(
        error.status, error.what, hint: "rerun the query of this file as cloister-extractor sql wrote it")
    }
    return columns
  }

  private static let common = ["row_count", "policy", "source", "result"]
  private static let (rowCount, policy, source, name) = (
    Place(number: 0), Place(number: 1), Place(number: 2), Place(number: 3)
  )

  /// A column of the result.
  struct Place: Sendable { fileprivate let number: Int }

  func place(_ column: String) -> Place {
    guard let place = result.columns.firstIndex(of: column) else { preconditionFailure("the result has the column") }
    return Place(number: Self.common.count + place)
  }

  mutating func next() throws(CloisterError) -> Bool {
    while true {
      if try rows.next() {
        try countRow()
        if rows.isEmpty(column(Self.policy)) { return true }
        try readHeading()
      } else if rest.isEmpty {
        try checkEnd()
        return false
      } else {
        rows = TableRows(RowReader(rest.removeFirst()), isAhead: false)
        columns = try Self.columns(of: &rows, result)
      }
    }
  }

  func text(_ place: Place) throws(CloisterError) -> String { try rows.category(column(place)) }

  func count(_ place: Place) throws(CloisterError) -> Int {
    let count = try rows.integer(column(place))
    guard count < 1 << 32 - 1 else { throw refusal(place, "is too large a number") }
    return count
  }

  func optionalCount(_ place: Place) throws(CloisterError) -> Int? {
    rows.isEmpty(column(place)) ? nil : try count(place)
  }

  /// The number that an interner gives a value.
  func id(
    _ place: Place, _ names: inout CategoryInterner, keeping real: Set<String>,
    _ meaning: (String) throws(CloisterError) -> String
  ) throws(CloisterError) -> UInt32 {
    let number = try names.id(rows, column(place)) { () throws(CloisterError) in
      try meaning(try rows.category(column(place), keeping: real))
    }
    return number ?? 0
  }

  func refusal(_ place: Place, _ what: String) -> CloisterError { rows.refusal(column(place), what) }

  private func column(_ place: Place) -> TableRows.Column { columns[place.number] }

  private mutating func countRow() throws(CloisterError) {
    let count = try count(Self.rowCount)
    guard stated ?? count == count else {
      throw refusal(Self.rowCount, "differs from the value in earlier rows: the file combines several results")
    }
    (stated, seen) = (count, seen + 1)
  }

  private mutating func readHeading() throws(CloisterError) {
    guard try text(Self.name) == result.title else {
      throw refusal(Self.name, "names a different result than the file name does")
    }
    guard let schema = SourceSchema(rawValue: try text(Self.source)), schema == expected ?? schema else {
      throw refusal(Self.source, "is not a known source, or differs from the source in the result checks")
    }
    guard try text(Self.policy) == digest(schema) else {
      throw CloisterError(
        .inputRefused,
        refusal(Self.policy, "belongs to a different policy than the file given with --policy, or to another ledger")
          .what,
        hint: "run the queries that sql writes for exactly this policy file; if codes are rolled up, sql needs "
          + "--ledger with the same ledger, and must run again after each release")
    }
    guard heading == nil else {
      throw refusal(Self.policy, "also appears in an earlier row: this result is present twice")
    }
    let counted = result.columns.contains("admissions")
    heading = Heading(
      schema: schema, admissions: counted ? try count(place("admissions")) : 0,
      patients: result.columns.contains("patients") ? try count(place("patients")) : 0)
  }

  private func checkEnd() throws(CloisterError) {
    guard heading != nil, let stated, stated == seen else {
      throw CloisterError(
        .inputRefused,
        stated.map { "\(result.name): \(seen) rows were found, but \($0) were written" }
          ?? "\(result.name): the row that identifies the result is missing",
        hint: "rerun this query, or copy its result again; the file was truncated, duplicated or changed")
    }
  }
}

extension CountedResult {
  /// The name of the result in its heading row.
  var title: String {
    switch self {
    case .table, .together: PublishedTable.name(of: attributes)
    case .checks, .titles: name
    }
  }

  /// The columns after those that every result has.
  var columns: [String] {
    switch self {
    case .checks: ["problem", "found"]
    case .table(let request):
      request.attributes.map(\.column) + ["admissions", "patients", "largest", "patients_without"]
    case .together(let attributes): attributes.map(\.column) + ["admissions"]
    case .titles: ["code", "title"]
    }
  }
}
