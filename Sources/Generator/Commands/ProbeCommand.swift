internal import ArgumentParser
internal import Shared

struct ProbeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Finds out with one cheap question how model servers want to be asked; a run does this by itself.",
    discussion: """
      Asks again, up to about a dozen times, only if a server refuses the question. Needs no bundle, and sends nothing \
      about any hospital. Exits with status 69 if a server can't be asked, and with 75 if the model's answer can't be \
      used. Example:
        cloister-generator probe --model http://127.0.0.1:8080 --model-name my-model
      """)

  @Option(parsing: .upToNextOption, help: "The URLs of one or more model servers.")
  var model: [String]

  @Option(help: "The model's name on the servers.")
  var modelName = "default"

  @OptionGroup var server: ServerArguments

  @Flag(help: "Print JSON, for scripts.")
  var json = false

  func run() async throws {
    let settings = ServerSettings(
      urls: model, modelName: modelName, key: try server.key(), keyHeader: server.keyHeader, concurrency: 1,
      timeout: server.timeout, patience: min(server.patience, 60), web: try WebClient(authority: server.ca))
    for url in model {
      if let proxy = settings.web.proxy(for: try serverAddress(url)) {
        Console.note("note: requests to the model go through the proxy \(proxy)")
      }
    }
    let probe = Probe(settings: settings, options: server.dialect, journal: nil, spending: Spending(Limits(), nil))
    let result = try await interruptible { try await probe.run() }
    if json {
      Console.result(
        JSONValue.object([
          JSONMember("asked-with", .array(result.dialect.text.split(separator: " ").map { .string(String($0)) })),
          JSONMember("usable", .bool(result.complaint == nil)),
          JSONMember("complaint", .optional(result.complaint) { .string($0) }),
        ]).compact())
    } else {
      result.lines.forEach(Console.result)
    }
    guard let complaint = result.complaint else { return }
    throw CloisterError(
      .answersRefused, "the model's answer to the probe can't be used: \(complaint)",
      hint: "try a more capable model, or another --response-format")
  }
}
