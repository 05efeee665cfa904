internal import ArgumentParser
internal import Shared

struct BatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch",
    abstract: "Asks a model through files, for OpenAI's Batch API or vLLM's run-batch.",
    discussion: """
      Start the run with generate --model batch. Then repeat these steps until import makes the tables:
        cloister-generator batch export run/ --out requests/
        vllm run-batch -i requests/requests-1.jsonl -o results.jsonl --model my-model
        cloister-generator batch import run/ results.jsonl
      """,
    subcommands: [Export.self, Import.self])

  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export", abstract: "Writes the next question of every unfinished admission.")

    @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
    var path: String

    @Option(help: "The folder to create, with requests-1.jsonl and so on.")
    var out: String

    @Option(help: "The most requests per file.")
    var maxRequests = 50_000

    func validate() throws {
      guard maxRequests > 0 else { throw ValidationError("--max-requests must be at least 1") }
    }

    func run() async throws {
      let folder = try openBatch(path)
      let export = try await interruptible { try await exportBatch(folder, to: out, most: maxRequests) }
      try folder.journal.close()
      if export.requests == 0 {
        return Console.result("nothing is left to ask; run batch import without files to make the tables")
      }
      Console.result("\(harmless(out)): \(export.requests) requests in \(export.files.joined(separator: ", "))")
    }
  }

  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "import",
      abstract: "Reads result and error files in any order, and makes the tables once every question is answered.")

    @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
    var path: String

    @Argument(help: "Result and error files.")
    var files: [String] = []

    @Option(
      help: ArgumentHelp(
        "Stop once the sampler had to answer more than this share of the questions, because the model's answers were "
          + "refused: 20% or 0.2. With 100%, nothing stops the run.", valueName: "share"))
    var mostRefused = Percentage(0.2)

    @Flag(help: "Print the report as JSON, for scripts.")
    var json = false

    func run() async throws {
      let folder = try openBatch(path)
      let parts = try RunParts(folder)
      let (found, left) = try await interruptible {
        let found = try await importBatch(folder, files)
        return (found, try await endFinished(folder, parts))
      }
      Console.note(
        "\(found.answers) answers kept, \(found.doubled) already known, \(found.failed) requests failed")
      try checkRefusals(folder, most: mostRefused.value, isOver: left == 0)
      if left > 0 {
        let who = try folder.journal.whoChose()
        try folder.journal.close()
        Console.result("\(left) admissions are not finished; next: batch export")
        return Console.result(who.line)
      }
      let report = try await interruptible { try await rebuild(folder, parts, parts.order(), Console.progress) }
      try folder.journal.close()
      printReport(report, path, json: json)
    }
  }
}

private func openBatch(_ path: String) throws -> RunFolder {
  let folder = try RunFolder(opening: path)
  guard case .batch = folder.settings.model else {
    throw CloisterError(
      .wrongArguments, "the run was not started with --model batch",
      hint: "start a run with: generate --model batch --model-name NAME")
  }
  return folder
}
