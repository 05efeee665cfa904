internal import ArgumentParser
internal import Foundation
internal import Shared

struct GenerateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Makes synthetic admissions from a verified bundle.",
    discussion: """
      The model is any server with OpenAI's chat completions interface, or the built-in sampler. A key for the server is
      taken from the environment variable CLOISTER_API_KEY. Example:
        cloister-generator generate bundle/ --trust site.cert.pem --admissions 100 \\
          --model http://127.0.0.1:8080 --model-name my-model --out run/
      """)

  @Argument(help: "The bundle's folder.")
  var bundle: String

  @OptionGroup var options: TrustOptions

  @Option(help: "How many admissions to make.")
  var admissions: Int

  @Option(help: "The run folder to make; it must not exist.")
  var out: String

  @Option(help: "The URL of a model server, or sampler.")
  var model: String

  @Option(help: "The model's name on that server.")
  var modelName = "default"

  @Option(help: "The seed of all draws; without one it is chosen, and recorded.")
  var seed: UInt64?

  @Option(help: "Admissions in work at the same time.")
  var concurrency = 4

  @Flag(help: "Print the report as JSON, for scripts.")
  var json = false

  func validate() throws {
    guard (1...10_000_000).contains(admissions) else {
      throw ValidationError("--admissions must be from 1 to 10000000")
    }
    guard (1...1024).contains(concurrency) else { throw ValidationError("--concurrency must be from 1 to 1024") }
  }

  func run() async throws {
    let key = ProcessInfo.processInfo.environment["CLOISTER_API_KEY"]
    let server = model == "sampler" ? nil : try ChatCompletions(url: model, name: modelName, key: key)
    let settings = GenerationOptions(
      bundle: bundle, trust: options.trusted, memory: options.memory, admissions: admissions, run: out, model: server,
      modelName: server == nil ? "sampler" : modelName, seed: seed ?? UInt64.random(in: 0...UInt64.max),
      concurrency: concurrency, created: Date.now.formatted(.iso8601))
    let report = try await interruptible { try await generate(settings) }
    if json {
      Console.result(report.json())
    } else {
      let folder = Console.harmless(out)
      Console.result("\(folder): \(report.admissions) admissions in tables/, summary in report.html")
      Console.result("guarantee of the bundle: \(report.guarantee)")
      if report.substitutesMainDiagnosis {
        Console.note("note: the bundle publishes no main diagnosis; the other diagnoses stand in for it")
      }
    }
  }
}
