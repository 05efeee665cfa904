internal import ArgumentParser
internal import Foundation
internal import Shared
internal import Synchronization

struct GenerateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Makes synthetic admissions from a verified bundle.",
    discussion: """
      The model is any server with OpenAI's chat completions API, or the built-in sampler. One cheap question first
      finds out how the server wants to be asked. The key is read from the environment variable CLOISTER_API_KEY, and
      HTTP_PROXY, HTTPS_PROXY and NO_PROXY are honoured. A run stops with status 75 if too many of the model's answers
      are refused. To continue a stopped run, use resume. Example:
        cloister-generator generate bundle/ --trust site.cert.pem --admissions 100 \\
          --model http://127.0.0.1:8080 --model-name my-model --out run/
      """)

  @Argument(help: "The bundle's folder.")
  var bundle: String

  @OptionGroup var trust: TrustOptions

  @Option(help: "How many admissions to make.")
  var admissions: Int

  @Option(help: "The run folder to create; it must not exist.")
  var out: String

  @Option(
    parsing: .upToNextOption,
    help: "The URLs of one or more model servers; sampler; or batch, for batch export and batch import.")
  var model: [String]

  @Option(help: "The model's name on the servers.")
  var modelName = "default"

  @Option(
    help:
      "How much the model is told: calibrated (the sampler sets the margins), or full, prior or base as in the paper.")
  var variant = Variant.calibrated

  @Option(help: "A folder of your own texts about diseases, or medlineplus; default: the built-in pack.")
  var knowledge: String?

  @Option(help: "A folder of your own prompt templates, such as complications.txt, that replace built-in ones.")
  var templates: String?

  @Option(
    parsing: .upToNextOption,
    help: "Dictionaries, such as D_ICD_DIAGNOSES.csv, of codes that the model may choose in addition to the bundle's.")
  var dictionary: [String] = []

  @Option(
    help: "A file that says how often codes occur at large, for the codes within groups; default: a built-in one.")
  var prior: String?

  @Option(help: "The seed of all draws; default: a random one, recorded in run.json.")
  var seed: UInt64?

  @Option(help: "How often the model may correct a refused answer before the sampler fills in.")
  var repairs = 2

  @OptionGroup var session: SessionArguments

  func validate() throws {
    guard (1...10_000_000).contains(admissions) else {
      throw ValidationError("--admissions must be from 1 to 10000000")
    }
    guard (0...9).contains(repairs) else { throw ValidationError("--repairs must be from 0 to 9") }
  }

  func run() async throws {
    let choice: RunSettings.ModelChoice
    switch model {
    case ["sampler"]: choice = .sampler
    case ["batch"]: choice = .batch(name: modelName)
    default:
      for url in model { _ = try serverAddress(url) }
      choice = .servers(name: modelName, urls: model)
    }
    let options = GenerationOptions(
      bundle: bundle, trust: trust.trusted, mostStatistics: trust.mostStatistics, memory: trust.memory,
      admissions: admissions, run: out, model: choice,
      variant: variant, knowledge: knowledge, templates: templates, dictionaries: dictionary, prior: prior,
      seed: seed ?? UInt64.random(in: 0...UInt64.max), repairs: repairs, created: Date.now.formatted(.iso8601))
    let settings = try session.options(for: choice)
    if case .batch = choice {
      let run = try begun(options)
      try await run.journal.recordDialect(settings.dialect.dialect.text, of: ["batch"], keyHeader: nil)
      try run.journal.close()
      return Console.result(
        "\(harmless(out)): ready; next: "
          + "cloister-generator batch export \(harmless(out)) --out requests/")
    }
    try await finish(settings, json: session.json) { try begun(options) }
  }
}

private func begun(_ options: GenerationOptions) throws -> RunFolder {
  let (run, note) = try beginRun(options)
  if let note { Console.note("note: \(note)") }
  return run
}

extension Variant: ExpressibleByArgument {}

/// Completes a run and prints its report. If the run stops early, its folder is kept only if it contains answers.
///
/// - Parameter open: begins or opens the run. A signal that arrives meanwhile ends the program only afterwards, so that
///   the folder of a new run does not stay behind.
func finish(_ session: SessionOptions, json: Bool, _ open: @escaping @Sendable () throws -> RunFolder) async throws {
  let opened = OpenedRun()
  do {
    let report = try await interruptible(
      {
        let run = try open()
        opened.run.withLock { $0 = run }
        try Task.checkCancellation()
        return try await work(on: run, session, Console.progress)
      }, cleanUp: { opened.leave(json: json) })
    guard let report, let run = opened.run.withLock({ $0 }) else {
      opened.leave(json: json)
      return Console.note("nothing was sent")
    }
    try run.journal.close()
    printReport(report, run.path, json: json)
  } catch {
    opened.leave(json: json)
    throw error
  }
}

/// The run that a command works on; nil until it has been begun or opened.
private final class OpenedRun: Sendable {
  let run = Mutex<RunFolder?>(nil)

  func leave(json: Bool) { if let run = run.withLock({ $0 }) { Generator.leave(run, json: json) } }
}

/// Closes an unfinished run and says how to continue it and who chose so far; removes a run without answers.
private func leave(_ run: RunFolder, json: Bool) {
  let answered = (try? run.journal.progress().answered.count) ?? 1
  if answered == 0 { return run.remove() }
  let who = try? run.journal.whoChose()
  try? run.journal.close()
  Console.progress(nil)
  Console.note("the answers so far are kept; continue with: cloister-generator resume \(harmless(run.path))")
  if let who, !json { Console.result(who.line) }
}

func printReport(_ report: RunReport, _ path: String, json: Bool) {
  if json { return Console.result(report.json()) }
  Console.result(
    "\(harmless(path)): \(report.admissions) admissions of \(report.patients) patients in tables/, "
      + "summary in report.html"
  )
  Console.result("guarantee of the bundle: \(report.settings.guarantee)")
  if report.substitutesMainDiagnosis {
    Console.note(
      "note: the bundle publishes no main diagnosis, so the main diagnoses were drawn from the other diagnoses")
  }
  Console.result(report.who.line)
}
