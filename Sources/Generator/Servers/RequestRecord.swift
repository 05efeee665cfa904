internal import Foundation
internal import Shared

/// One try of a question: what it may cost is reserved and the request is recorded before it is sent, and its outcome
/// is recorded at once.
struct RequestRecord: Sendable {
  let prompt: Prompt
  /// The exact bytes of the body.
  let body: [UInt8]
  let server: String
  let dialect: Dialect
  /// Where the try is recorded; nil to record it nowhere.
  let journal: Journal?
  let spending: Spending
  /// Whether the answer is kept.
  var keepsAnswer = true
  /// Whether a question that the server refuses counts as answered.
  var keepsRefusal: @Sendable () -> Bool = { false }

  /// - Parameter send: sends the body, and says what the reply means.
  /// - Returns: the meaning, and the server's HTTP status.
  /// - Throws: status 69 if the request might exceed a limit of the run.
  func end(
    _ send: () async throws -> (meaning: Exchange.Meaning, status: Int?, seconds: Double)
  ) async throws -> (meaning: Exchange.Meaning, status: Int?) {
    let worst = Spending.worstCase(bytes: body.count, answerTokens: prompt.question.maximumAnswerTokens)
    let estimate = Spending.estimate(bytes: body.count)
    try spending.reserve(worst)
    let sent = try await journal?.record(
      OutgoingRequest(
        prompt: prompt, body: body, server: server, dialect: dialect.text, at: Date.now.timeIntervalSince1970,
        estimate: estimate))
    let (meaning, status, seconds) = try await send()
    var usage = estimate
    if case .answer(let answer) = meaning, answer.usage != Usage() { usage = answer.usage }
    // A reply with an error status costs nothing; a broken connection may.
    if let status, !(200..<300).contains(status) { usage = Usage() }
    spending.settle(worst, used: usage)
    if let sent { try await journal?.record(outcome(meaning, usage, seconds), of: sent, prompt.key) }
    return (meaning, status)
  }

  private func outcome(_ meaning: Exchange.Meaning, _ usage: Usage, _ seconds: Double) -> RequestOutcome {
    switch meaning {
    case .answer(var answer):
      answer.usage = usage
      return RequestOutcome(outcome: "ok", seconds: seconds, usage: usage, answer: keepsAnswer ? answer : nil)
    case .refused(let status, let failure) where keepsRefusal():
      return RequestOutcome(
        outcome: "ok", detail: failure.detail, seconds: seconds, usage: usage,
        answer: Answer(ending: .complete, failure: status))
    case .passing(let failure, _), .hopeless(let failure), .refused(_, let failure):
      return RequestOutcome(
        outcome: failure.reason, detail: failure.detail, seconds: seconds, usage: usage, answer: nil)
    }
  }
}
