internal import ArgumentParser
internal import Shared

struct SQLCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sql",
    abstract: "Writes SQL for counting in the hospital's own database; connects to nothing.",
    discussion: """
      An administrator runs the file, and extract --counts reads its results. docs/warehouse.md has every step. Example:
        cloister-extractor sql --policy policies/cms-k11.yaml --schema mimic-iv --dialect postgresql --out counts.sql
      """)

  @Option(help: "The policy file.")
  var policy: String

  @Option(help: "The schema of the tables.")
  var schema: SourceSchema

  @Option(help: "The database engine.")
  var dialect: SQLDialect

  @Option(help: "A file with the site's names for tables and columns; by default they have MIMIC's names.")
  var mapping: String?

  @Option(
    help: """
      The site's ledger of releases. The queries then also count the tables of earlier releases, which extract needs \
      if you give it the same ledger.
      """)
  var ledger: String?

  @Option(help: "The file to write; it must not exist.")
  var out: String

  func run() throws {
    let script = try countsScript(
      policy: try readPolicy(policy), schema, dialect,
      mapping: try mapping.map { file throws(CloisterError) in try readMapping(file, schema) } ?? .none,
      ledgerFile: ledger)
    guard FileStatus(of: out) == nil else {
      throw CloisterError(
        .cannotWrite, "\(harmless(out)): the file already exists", hint: "choose a file name that does not exist yet")
    }
    try replaceFile(Array(script.text.utf8), at: out)
    Console.result("\(harmless(out)): \(CountedResult.all(script.policy, schema).count) queries")
    Console.result(
      "the results are raw counts and must stay inside the hospital; docs/warehouse.md explains how to run this file")
  }
}

extension SourceSchema: ExpressibleByArgument {}
extension SQLDialect: ExpressibleByArgument {}
