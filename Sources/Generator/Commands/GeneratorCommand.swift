internal import ArgumentParser
internal import Shared

@main
struct GeneratorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cloister-generator",
    abstract: "Verifies a hospital's bundle of statistics and makes synthetic records from it.",
    discussion: """
      Needs no patient data. Try it without a model server:
        cloister-generator generate bundle/ --trust site.cert.pem --admissions 1000 --model sampler --out run/
      """,
    version: cloisterVersion,
    subcommands: [
      VerifyCommand.self, SitesCommand.self, GenerateCommand.self, ResumeCommand.self, ProbeCommand.self,
      StatusCommand.self,
      ReplayCommand.self,
      ExplainCommand.self, AuditCommand.self, ScoreCommand.self, ExportCommand.self, ExportTablesCommand.self,
      BatchCommand.self,
    ])

  static func main() { runAsyncCommand(Self.self, program: "cloister-generator") }
}
