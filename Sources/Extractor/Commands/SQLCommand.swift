internal import ArgumentParser
internal import Shared

struct SQLCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sql",
    abstract: "Writes the SQL by which the hospital's own database counts; connects to nothing.",
    discussion: """
      An administrator runs the file; its results go to extract --counts. docs/warehouse.md has every step. Example:
        cloister-extractor sql --policy policies/demo.yaml --schema mimic-iv --dialect postgresql --out counts.sql
      """)

  @Option(help: "The policy file.")
  var policy: String

  @Option(help: "Whose shape the tables have.")
  var schema: SourceSchema

  @Option(help: "The engine.")
  var dialect: SQLDialect

  @Option(help: "The site's names for tables and columns; MIMIC's own where it is not said.")
  var mapping: String?

  @Option(
    help:
      "The site's ledger of releases: tables of earlier ones are counted too, as extract with that ledger needs them.")
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
        .cannotWrite, "\(Console.harmless(out)): there already", hint: "name a file that does not exist")
    }
    try replaceFile(Array(script.text.utf8), at: out)
    Console.result("\(Console.harmless(out)): \(CountedResult.all(script.policy, schema).count) queries")
    Console.result("its results are raw counts: they stay inside; docs/warehouse.md tells how to run it")
  }
}

extension SourceSchema: ExpressibleByArgument {}
extension SQLDialect: ExpressibleByArgument {}
