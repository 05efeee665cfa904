internal import Shared
internal import Synchronization

/// The most that a run may use over all its sessions; nil means no limit.
struct Limits: Equatable, Sendable {
  /// The tokens of prompts and answers together.
  var tokens: Int?
  var requests: Int?
  /// The cost, in the price file's currency.
  var money: Double?
}

/// Counts everything that a run has spent, including on failed tries, and enforces the run's limits: a request is not
/// sent if its worst case would exceed a limit.
final class Spending: Sendable {
  private let limits: Limits
  private let prices: Prices?
  private let state: Mutex<State>

  private struct State {
    var spent: Usage
    var requests: Int
    /// The worst case of all requests in flight.
    var reserved = Usage()
  }

  /// - Parameter spent: the tokens that the run's earlier sessions spent.
  init(_ limits: Limits, _ prices: Prices?, spent: Usage = Usage(), requests: Int = 0) {
    self.limits = limits
    self.prices = prices
    state = Mutex(State(spent: spent, requests: requests))
  }

  /// The worst case of a request: no text has more tokens than bytes.
  static func worstCase(bytes: Int, answerTokens: Int) -> Usage {
    Usage(promptTokens: bytes, answerTokens: answerTokens)
  }

  /// The usage assumed for a request unless the server reports it: about four bytes per token.
  static func estimate(bytes: Int) -> Usage { Usage(promptTokens: (bytes + 3) / 4, answerTokens: 0) }

  /// Reserves the worst case of a request.
  ///
  /// - Throws: status 69 if the request might exceed a limit.
  func reserve(_ worst: Usage) throws(CloisterError) {
    let passed: String? = state.withLock { state in
      var total = state.spent
      total += state.reserved
      total += worst
      if let most = limits.requests, state.requests + 1 > most { return "--max-requests" }
      if let most = limits.tokens, total.promptTokens + total.answerTokens > most { return "--max-tokens" }
      if let most = limits.money, let prices, prices.cost(total) > most { return "--budget" }
      state.reserved += worst
      state.requests += 1
      return nil
    }
    guard let passed else { return }
    throw CloisterError(
      .modelUnreachable, "the run stopped: the next request might exceed \(passed)",
      hint: "the answers so far are kept; continue with: cloister-generator resume RUN \(passed) MORE")
  }

  /// Replaces the reserved amount with the amount used.
  func settle(_ worst: Usage, used: Usage) {
    state.withLock { state in
      state.reserved.promptTokens -= worst.promptTokens
      state.reserved.answerTokens -= worst.answerTokens
      state.spent += used
    }
  }
}
