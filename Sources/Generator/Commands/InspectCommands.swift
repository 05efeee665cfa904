internal import ArgumentParser
internal import Shared

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows how far a run has come, even while it is running.",
    discussion: """
      Example:
        cloister-generator status run/ --prices prices.json
      """)

  @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
  var path: String

  @Option(help: "A price file, to show what the run has cost.")
  var prices: String?

  @Flag(help: "Print JSON, for scripts.")
  var json = false

  func run() throws {
    let folder = try RunFolder(opening: path, isLooking: true)
    let read = try prices.map { path throws(CloisterError) in
      try readPrices(path, model: folder.settings.model.name)
    }
    let status = try RunStatus(folder, read)
    if json { Console.result(status.json.compact()) } else { status.lines.forEach(Console.result) }
  }
}

struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Prints how one admission was made: draws, published cells, knowledge, questions, answers, checks.",
    discussion: """
      Example:
        cloister-generator explain run/ --admission 910000001
      """)

  @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
  var path: String

  @Option(help: "The admission's hadm_id.")
  var admission: Int

  func run() async throws {
    let folder = try RunFolder(opening: path, isLooking: true)
    for line in try await explain(folder, hadmID: admission) { Console.result(line) }
  }
}

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Checks that every byte a run sent to a model derives from its bundle, templates and knowledge.",
    discussion: """
      Exits with status 70 if any request does not derive from them. Example:
        cloister-generator audit run/ --log egress.jsonl
      """)

  @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
  var path: String

  @Option(help: "Also write every request, as it was sent, to a new file: one JSON object per line.")
  var log: String?

  func run() async throws {
    let folder = try RunFolder(opening: path, isLooking: true)
    let result = try await audit(folder)
    if let log {
      let file = try NewFile(log)
      try folder.journal.egress(folder.settings) { try file.append(Array(($0 + "\n").utf8)) }
      try file.close()
    }
    result.lines.forEach(Console.result)
    guard result.strangers.isEmpty else {
      throw CloisterError(
        .internalError, "\(result.strangers.count) requests or texts do not derive from the run's own files",
        hint: "keep the run folder and report this: somebody changed it, or Cloister has a fault")
    }
  }
}

struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Measures a finished run against its bundle: score.html for people, score.json for scripts.",
    discussion: """
      Needs no patient data. Example:
        cloister-generator score run/
      """)

  @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
  var path: String

  @Flag(help: "Print the scores as JSON, for scripts.")
  var json = false

  func run() throws {
    let folder = try RunFolder(opening: path)
    let score = try score(folder, Console.progress)
    try replaceFile(Array(score.json().utf8), at: "\(path)/score.json")
    try replaceFile(Array(score.html().utf8), at: "\(path)/score.html")
    try folder.journal.close()
    if json { return Console.result(score.json()) }
    score.lines.forEach(Console.result)
    Console.result("\(harmless(path, file: "score.html")) shows the scores table by table")
  }
}
