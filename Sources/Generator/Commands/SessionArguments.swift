internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Shared

/// The settings of a session: the arguments that generate and resume share.
struct SessionArguments: ParsableArguments {
  @Option(help: "Requests in flight at the same time.")
  var concurrency = 4

  @Option(help: "Seconds that one request may take.")
  var timeout = 300.0

  @Option(help: "Seconds that one question may wait for a server that answered before but is now busy or gone.")
  var patience = 1800.0

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
    guard timeout > 0, timeout <= 86_400, patience >= 0, patience <= 864_000 else {
      throw ValidationError("--timeout must be over 0 and at most 86400 seconds, --patience from 0 to 864000 seconds")
    }
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
      urls: urls, key: ProcessInfo.processInfo.environment["CLOISTER_API_KEY"], concurrency: concurrency,
      timeout: timeout, patience: patience, limits: Limits(tokens: maxTokens, requests: maxRequests, money: budget),
      prices: prices,
      confirm: { estimate in
        Console.note("estimate: \(estimate.text)")
        guard asks else { return true }
        Console.note("continue? [y/N]")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
      })
  }
}
