internal import ArgumentParser
internal import Shared

struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Continues a run that was stopped, limited or killed. Answered questions are not asked again.",
    discussion: """
      Limits apply to the whole run, including earlier sessions. Example:
        cloister-generator resume run/ --max-tokens 2000000
      """)

  @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
  var path: String

  @Option(
    parsing: .upToNextOption,
    help: "Servers to use instead of those that the run began with; they must serve the same model.")
  var model: [String] = []

  @OptionGroup var session: SessionArguments

  func run() async throws {
    for url in model { _ = try serverAddress(url) }
    let folder = try RunFolder(opening: path)
    if case .batch = folder.settings.model {
      throw CloisterError(
        .wrongArguments, "the run was started with --model batch",
        hint: "continue it with batch export and batch import")
    }
    let options = try session.options(for: folder.settings.model, urls: model.isEmpty ? nil : model)
    try await finish(options, json: session.json) { folder }
  }
}

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Makes a finished run's tables again from its stored answers, without a model.",
    discussion: """
      The same journal gives the same bytes. Example:
        cloister-generator replay run/
      """)

  @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
  var path: String

  @Flag(help: "Print the report as JSON, for scripts.")
  var json = false

  func run() async throws {
    let folder = try RunFolder(opening: path)
    let before = RunReport.tables(of: folder)
    let changed = RunReport.changedTables(of: folder, before)
    let report = try await interruptible {
      let parts = try RunParts(folder)
      return try await rebuild(folder, parts, parts.order(), Console.progress)
    }
    try folder.journal.close()
    if !changed.isEmpty {
      Console.note("note: these files had been changed and were written again: \(changed.joined(separator: ", "))")
    }
    if report.tables == before { Console.note("note: the tables are those of the run, byte for byte") }
    printReport(report, path, json: json)
  }
}
