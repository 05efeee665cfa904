internal import Shared

/// The file that `cloister-extractor sql` writes, for a database administrator to read and run.
struct CountsScript {
  let policy: Policy
  let schema: SourceSchema
  let dialect: SQLDialect
  let mapping: SourceMapping
  /// The categories under which earlier releases count codes.
  var kept = CodeCategories.none
  /// The random text that the lots are drawn from, under a policy with noise.
  let salt: String

  var text: String {
    let results = CountedResult.all(policy, schema)
    let statements = results.enumerated().map { number, result in
      var query = CountQuery(self)
      return "-- \(number + 1) of \(results.count): \(title(result))\n"
        + dialect.statement(query.text(result), to: result.name)
    }
    return ([head(results.count), dialect.opening] + statements + [dialect.closing]).filter { !$0.isEmpty }
      .joined(separator: "\n\n") + "\n"
  }

  /// Contains no quotes or semicolons, as some clients look for them in comments too.
  private func head(_ count: Int) -> String {
    let lines = [
      "Queries for the raw counts that cloister-extractor extract --counts reads.",
      "Written by cloister-extractor sql \(cloisterVersion).",
      "",
      "policy:  \(policy.title.replacing("'", with: "’").replacing(";", with: ","))",
      "         SHA-256 \(SHA256.hexadecimal(policy.bytes))",
      "source:  \(schema.title), SQL dialect \(dialect.rawValue)",
      "",
      "What this file does: it runs \(count) queries. Each reads the columns named in its first steps and writes one",
      "file into the current folder. Nothing is changed, and no temporary tables are created: the right to SELECT from",
      "these tables is enough.",
      "The results are NOT protected: a count may be of a single patient. Treat them as patient data, keep them inside",
      "the hospital, and delete them when extract is done.",
      "",
      "Run it in an empty folder that only you can read:",
      "  umask 077 && \(dialect.usage)",
      "Then, with the same policy file:",
      "  cloister-extractor extract --counts FOLDER --policy POLICY --key KEY --cert CERT --out BUNDLE",
      "docs/warehouse.md answers common questions of administrators.",
    ]
    return lines.map { $0.isEmpty ? "--" : "-- \($0)" }.joined(separator: "\n")
  }

  private func title(_ result: CountedResult) -> String {
    switch result {
    case .checks: "inconsistent rows"
    case .table(let request): "the table \(request.name)"
    case .together(let attributes): "\(PublishedTable.name(of: attributes)), for the attack only, never published"
    case .titles(let group): "titles of \(group) codes, from the source dictionary"
    }
  }
}
