internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Shared

/// The settings of a session: the arguments that generate and resume share.
struct SessionArguments: ParsableArguments {
  @Option(help: "Requests in flight at the same time.")
  var concurrency = 4

  @OptionGroup var server: ServerArguments

  @Option(
    help: ArgumentHelp(
      "Stop once the sampler had to answer more than this share of the questions, because the model's answers were "
        + "refused: 20% or 0.2. With 100%, nothing stops the run.", valueName: "share"))
  var mostRefused = Percentage(0.2)

  @Option(help: "The most tokens, in prompts and answers, that the whole run may use.")
  var maxTokens: Int?

  @Option(help: "The most requests that the whole run may send, including failed ones.")
  var maxRequests: Int?

  @Option(help: "The most that the whole run may cost, in the price file's currency.")
  var budget: Double?

  @Option(help: #"A price file: {"currency": "USD", "models": {"NAME": {"prompt": 0.15, "answer": 0.60}}}."#)
  var prices: String?

  @Flag(help: "Continue after the estimate without asking.")
  var yes = false

  @Flag(help: "Print the report as JSON, for scripts.")
  var json = false

  func validate() throws {
    guard (1...1024).contains(concurrency) else { throw ValidationError("--concurrency must be from 1 to 1024") }
    for limit in [maxTokens, maxRequests] where limit.map({ $0 < 1 }) ?? false {
      throw ValidationError("--max-tokens and --max-requests must be at least 1")
    }
    guard budget == nil || prices != nil else { throw ValidationError("--budget needs --prices") }
    guard budget.map({ $0 > 0 }) ?? true else { throw ValidationError("--budget must be over 0") }
  }

  /// - Parameter urls: the servers of this session; nil for those that the run began with.
  func options(for model: RunSettings.ModelChoice, urls: [String]? = nil) throws -> SessionOptions {
    if let prices { _ = try readPrices(prices, model: model.name) }
    let asks = prices != nil && !yes && isatty(STDIN_FILENO) == 1 && Console.isWatched
    return SessionOptions(
      urls: urls, key: try server.key(), keyHeader: server.keyHeader, web: try WebClient(authority: server.ca),
      dialect: server.dialect, concurrency: concurrency, timeout: server.timeout, patience: server.patience,
      mostRefused: mostRefused.value, limits: Limits(tokens: maxTokens, requests: maxRequests, money: budget),
      prices: prices,
      confirm: { estimate in
        Console.note("estimate: \(estimate.text)")
        guard asks else { return true }
        Console.note("continue? [y/N]")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
      }, note: { Console.note($0) })
  }
}

/// A share of a whole: `20%`, `20` or `0.2`. A number without a percent sign is a share up to 1 and a percentage above.
struct Percentage: ExpressibleByArgument, CustomStringConvertible {
  /// From 0 to 1.
  let value: Double

  init(_ value: Double) { self.value = value }

  init?(argument: String) {
    let isPercentage = argument.hasSuffix("%")
    let digits = argument.filter { $0 != "%" && $0 != " " }
    guard argument.filter({ $0 == "%" }).count <= 1, let number = Double(digits), number >= 0 else { return nil }
    value = isPercentage || number > 1 ? number / 100 : number
    if value > 1 { return nil }
  }

  var description: String { "\((value * 100).formatted())%" }

  var defaultValueDescription: String { description }
}
