internal import ArgumentParser
internal import Shared

@main
struct ExtractorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cloister-extractor",
    abstract: "Counts a hospital's records, protects the counts under a policy and signs the result.",
    discussion: """
      Only tables of counts leave the hospital. Try it on the example hospital:
        cloister-extractor plan --input examples/mimic-iii --policy policies/cms-k11.yaml
      """,
    version: cloisterVersion,
    subcommands: [
      KeygenCommand.self, PolicyCommand.self, PlanCommand.self, ExtractCommand.self, SQLCommand.self,
      EvaluateCommand.self, LedgerCommand.self, AttackCommand.self, SandboxTestCommand.self,
    ])

  static func main() { runCommand(Self.self, program: "cloister-extractor") }
}
