internal import Shared

/// The file that `cloister-extractor sql` writes: what a database administrator reads and runs.
struct CountsScript {
  let policy: Policy
  let schema: SourceSchema
  let dialect: SQLDialect
  let mapping: SourceMapping
  /// The random text by which lots are drawn, where there is noise.
  let salt: String

  var text: String {
    let results = CountedResult.all(policy, schema)
    let statements = results.enumerated().map { number, result in
      var query = CountQuery(policy, schema, dialect, mapping, salt: salt)
      return "-- \(number + 1) of \(results.count): \(title(result))\n"
        + dialect.statement(query.text(result), to: result.name)
    }
    return ([head(results.count), dialect.opening] + statements + [dialect.closing]).filter { !$0.isEmpty }
      .joined(separator: "\n\n") + "\n"
  }

  /// Without quotes and semicolons, as some clients look for them in comments too.
  private func head(_ count: Int) -> String {
    let lines = [
      "Raw counts for cloister-extractor extract --counts, made by cloister-extractor sql \(cloisterVersion).",
      "",
      "policy:  \(policy.title.replacing("'", with: "’").replacing(";", with: ","))",
      "         SHA-256 \(SHA256.hexadecimal(policy.bytes))",
      "source:  \(schema.title), read by \(dialect.rawValue)",
      "",
      "What it does: \(count) queries. Each reads the columns that its first steps name, and writes one file into the current folder. It",
      "changes nothing and makes no temporary tables: the right to SELECT from these tables is enough.",
      "What it writes is NOT protected: counts of single patients. Treat the files as patient data, keep them inside, delete them when",
      "extract is done.",
      "",
      "Run it in an empty folder that only you can read:",
      "  umask 077 && \(dialect.usage)",
      "then, with the same policy file:",
      "  cloister-extractor extract --counts FOLDER --policy POLICY --key KEY --cert CERT --out BUNDLE",
      "docs/warehouse.md answers the questions of administrators.",
    ]
    return lines.map { $0.isEmpty ? "--" : "-- \($0)" }.joined(separator: "\n")
  }

  private func title(_ result: CountedResult) -> String {
    switch result {
    case .checks: "rows that do not fit together"
    case .table(let request): "the table \(request.name)"
    case .together(let attributes): "\(PublishedTable.name(of: attributes)), for the attack alone: it does not leave"
    case .titles(let group): "titles of \(group) codes, from the dictionary of the source"
    }
  }
}
