/// The differences between SQL engines.
enum SQLDialect: String, CaseIterable, Sendable {
  case postgresql, duckdb, spark

  var text: String {
    switch self {
    case .postgresql: "text"
    case .duckdb: "VARCHAR"
    case .spark: "STRING"
    }
  }

  var double: String { self == .postgresql ? "double precision" : "DOUBLE" }

  func literal(_ text: String) -> String {
    switch self {
    case .postgresql, .duckdb: "'\(text.replacing("'", with: "''"))'"
    // Spark joins adjacent literals, and backslash is its escape character.
    case .spark: "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
    }
  }

  func literals(_ texts: [String]) -> String { "(\(texts.map(literal).joined(separator: ", ")))" }

  func asText(_ expression: String) -> String { "CAST(\(expression) AS \(text))" }

  /// A text in Unicode's composed form. Spark has no function for it, so `extract` refuses results in which one text
  /// appears in two forms.
  func composed(_ expression: String) -> String {
    switch self {
    case .postgresql: "normalize(\(expression))"
    case .duckdb: "nfc_normalize(\(expression))"
    case .spark: expression
    }
  }

  func isNotANumber(_ expression: String) -> String {
    self == .postgresql ? "\(expression) = 'NaN'" : "isnan(\(expression))"
  }

  /// Whether a regular expression matches some part of a text.
  func matches(_ expression: String, _ pattern: String) -> String {
    switch self {
    case .postgresql: "\(expression) ~ '\(pattern)'"
    case .duckdb: "regexp_matches(\(expression), '\(pattern)')"
    case .spark: "\(expression) RLIKE '\(pattern)'"
    }
  }

  /// The number of days between two dates, ignoring the time of day.
  func days(from first: String, to last: String) -> String {
    let (first, last) = ("CAST(\(first) AS date)", "CAST(\(last) AS date)")
    return self == .spark ? "datediff(\(last), \(first))" : "(\(last) - \(first))"
  }

  /// Makes the expression compare by bytes.
  func byBytes(_ expression: String) -> String { self == .postgresql ? "\(expression) COLLATE \"C\"" : expression }

  /// SHA-256 of a text, as hexadecimal digits.
  func hash(_ text: String) -> String {
    switch self {
    case .postgresql: "encode(sha256(convert_to(\(text), 'UTF8')), 'hex')"
    case .duckdb: "sha256(\(text))"
    case .spark: "sha2(\(text), 256)"
    }
  }

  /// The command that runs the whole file. It must be run in the folder that will hold the results.
  var usage: String {
    switch self {
    case .postgresql: "psql -X -d DATABASE -f counts.sql"
    case .duckdb: "duckdb -readonly HOSPITAL.duckdb < counts.sql"
    case .spark: "spark-sql -f counts.sql"
    }
  }

  /// The beginning of the file. It ensures that all statements see the same state of the database and can't change it,
  /// except in Spark, which can't ensure this.
  var opening: String {
    switch self {
    case .postgresql:
      """
      \\set ON_ERROR_STOP on
      \\encoding UTF8
      \\pset format csv
      \\pset tuples_only off
      \\pset null ''
      BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
      """
    case .duckdb: "BEGIN TRANSACTION READ ONLY;"
    case .spark:
      "-- Spark has no transactions: run this while no data is being loaded. extract checks that the results agree."
    }
  }

  var closing: String { self == .spark ? "" : "COMMIT;" }

  /// A statement that writes a query's result into a file of that name or, in Spark, into a folder.
  func statement(_ query: String, to name: String) -> String {
    switch self {
    case .postgresql: "\(query)\n\\g '\(name).csv'"
    case .duckdb: "COPY (\n\(query)\n) TO '\(name).csv' (FORMAT csv, HEADER true);"
    case .spark:
      "INSERT OVERWRITE DIRECTORY '\(name)' USING csv\n"
        + "OPTIONS ('header' 'true', 'quote' '\"', 'escape' '\"')\n\(query);"
    }
  }
}
