internal import ArgumentParser
internal import Shared

struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Goes on with a run that was stopped, limited or killed: no question is asked again.",
    discussion: """
      Limits hold for the whole run, earlier sessions included. Example:
        cloister-generator resume run/ --max-tokens 2000000
      """)

  @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
  var path: String

  @Option(parsing: .upToNextOption, help: "Other servers with the same model than those that the run began with.")
  var model: [String] = []

  @OptionGroup var session: SessionArguments

  func run() async throws {
    for url in model { _ = try ChatCompletions.address(url) }
    let folder = try RunFolder(opening: path)
    if case .batch = folder.settings.model {
      throw CloisterError(
        .wrongArguments, "the run is asked by files", hint: "go on with batch export and batch import")
    }
    let options = try session.options(for: folder.settings.model, urls: model.isEmpty ? nil : model)
    try await finish(folder, options, json: session.json)
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
    let report = try await interruptible {
      let parts = try RunParts(folder)
      return try await rebuild(folder, parts, parts.order(), Console.progress)
    }
    try folder.journal.close()
    printReport(report, path, json: json)
  }
}
