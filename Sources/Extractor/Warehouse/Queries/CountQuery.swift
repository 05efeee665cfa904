internal import Shared

/// One SQL query, built as named steps, each with a comment above it.
struct CountQuery {
  let policy: Policy
  let schema: SourceSchema
  let dialect: SQLDialect
  let mapping: SourceMapping
  /// The categories under which earlier releases count codes.
  let kept: CodeCategories
  /// The random text from which lots are drawn under a policy with noise.
  let salt: String
  private var steps: [Step] = []

  private struct Step {
    let name: String
    let comment: String
    let body: String
  }

  init(_ script: CountsScript) {
    (policy, schema, dialect) = (script.policy, script.schema, script.dialect)
    (mapping, kept, salt) = (script.mapping, script.kept, script.salt)
  }

  /// Adds a step unless it already exists.
  ///
  /// - Returns: its name.
  @discardableResult
  mutating func add(_ name: String, _ comment: String, _ body: String) -> String {
    if !steps.contains(where: { $0.name == name }) { steps.append(Step(name: name, comment: comment, body: body)) }
    return name
  }

  /// The query's text: its steps, then the result's rows below a heading row that identifies the result.
  ///
  /// - Parameters:
  ///   - columns: the result's columns with their types and their values in the heading row; nil for no value.
  ///   - heading: the step that the heading row's values are computed from; nil if they are constants.
  ///   - rows: the step with the other rows, which have the same columns.
  func text(_ result: CountedResult, _ columns: [Column], heading: String?, rows: String) -> String {
    let constants = [
      ("policy", kept.digest(with: policy)), ("source", schema.rawValue),
      ("result", result.title),
    ]
    let head =
      constants.map { "\(dialect.literal($1)) AS \($0)" }
      + columns.map { "\($0.heading ?? "CAST(NULL AS \($0.type))") AS \($0.name)" }
    let others =
      constants.map { _ in "CAST(NULL AS \(dialect.text))" } + columns.map { "CAST(\($0.name) AS \($0.type))" }
    let names = (constants.map(\.0) + columns.map(\.name)).joined(separator: ", ")
    let with = steps.map { "-- \($0.comment)\n\($0.name) AS (\n\($0.body.indented)\n)" }.joined(separator: ",\n")
    return """
      \(steps.isEmpty ? "" : "WITH\n\(with)\n")-- The result: a row that identifies it, then its rows. \
      row_count lets extract notice missing rows.
      SELECT count(*) OVER () AS row_count, \(names)
      FROM (
        SELECT \(head.joined(separator: ",\n    "))\(heading.map { "\n  FROM \($0)" } ?? "")
        UNION ALL
        SELECT \(others.joined(separator: ",\n    "))
        FROM \(rows)
      ) AS result
      """
  }

  /// A column of a result.
  struct Column {
    let name: String
    let type: String
    var heading: String?
  }

  // MARK: Reading tables

  struct ReadColumn {
    /// SQL, with the source's own column names in braces: `trim({icd_code})`.
    let expression: String
    let name: String

    init(_ expression: String, as name: String) { (self.expression, self.name) = (expression, name) }

    /// A column that keeps its own name.
    init(_ name: String) { self.init("{\(name)}", as: name) }
  }

  /// Adds the step that reads a table; no other step reads that table.
  ///
  /// - Parameters:
  ///   - columns: the wanted columns as SQL, with the source's own names in braces: `trim({icd_code}) AS code`.
  ///   - where: a condition in the same form.
  mutating func read(_ table: SourceTable, _ columns: [ReadColumn], where condition: String? = nil) -> String {
    let mapped = mapping.tables[table.sqlName]
    let own = mapping.databaseSchema.map { "\($0).\(table.sqlName)" } ?? table.sqlName
    func inDatabase(_ expression: String) -> String {
      table.columns(schema).reduce(expression) { $0.replacing("{\($1)}", with: mapped?.columns[$1] ?? $1) }
    }
    let selected = columns.map { column in
      let sql = inDatabase(column.expression)
      return sql == column.name ? sql : "\(sql) AS \(column.name)"
    }
    return add(
      "read_\(table.sqlName)", "Read from \(table.sqlName): these columns and no others.",
      "SELECT \(selected.joined(separator: ",\n  "))\nFROM \(mapped?.from ?? own)"
        + (condition.map { "\nWHERE \(inDatabase($0))" } ?? ""))
  }
}

extension String {
  fileprivate var indented: String {
    split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "  \($0)" }.joined(separator: "\n")
  }
}
