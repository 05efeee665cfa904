internal import Shared
internal import Synchronization

/// The most that a run may ask for, over all its sessions; nil: no limit.
struct Limits: Equatable, Sendable {
  /// Tokens, asked and answered.
  var tokens: Int?
  var requests: Int?
  /// In the price file's currency.
  var money: Double?
}

/// What a run has spent, failed tries included, and the guard of its limits: a request whose worst case doesn't fit any more
/// is not sent.
final class Spending: Sendable {
  private let limits: Limits
  private let prices: Prices?
  private let state: Mutex<State>

  private struct State {
    var spent: Usage
    var requests: Int
    /// The worst case of what is in flight.
    var reserved = Usage()
  }

  /// - Parameter spent: by the run's earlier sessions.
  init(_ limits: Limits, _ prices: Prices?, spent: Usage = Usage(), requests: Int = 0) {
    self.limits = limits
    self.prices = prices
    state = Mutex(State(spent: spent, requests: requests))
  }

  /// The worst case of a request: no text has more tokens than bytes.
  static func worstCase(bytes: Int, answerTokens: Int) -> Usage {
    Usage(promptTokens: bytes, answerTokens: answerTokens)
  }

  /// What a request probably cost where no server told: about four bytes a token.
  static func estimate(bytes: Int) -> Usage { Usage(promptTokens: (bytes + 3) / 4, answerTokens: 0) }

  /// Sets the worst case of a request aside.
  ///
  /// - Throws: status 69 where a limit might be passed.
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
      .modelUnreachable, "the run stops: the next request might pass \(passed)",
      hint: "what was answered is kept; go on with: cloister-generator resume RUN \(passed) MORE")
  }

  /// Replaces what was set aside by what was used.
  func settle(_ worst: Usage, used: Usage) {
    state.withLock { state in
      state.reserved.promptTokens -= worst.promptTokens
      state.reserved.answerTokens -= worst.answerTokens
      state.spent += used
    }
  }
}
