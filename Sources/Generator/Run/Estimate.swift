internal import Shared

/// The requests and tokens that the rest of a run will probably need. They are extrapolated from a few admissions, for
/// which the sampler stands in for the model.
struct Estimate: Sendable {
  /// Unfinished admissions.
  let admissions: Int
  let requests: Int
  let usage: Usage
  let prices: Prices?

  var text: String {
    let cost = prices.map { ", about \($0.text($0.cost(usage)))" } ?? ""
    return
      "about \(requests) requests, \(usage.promptTokens) prompt tokens and \(usage.answerTokens) answer tokens\(cost), "
      + "for \(admissions) admissions, if few answers are refused"
  }
}

/// Estimates the rest of a run.
func estimate(
  _ run: RunFolder, _ parts: RunParts, _ order: [AdmissionBlock], _ prices: Prices?
) async throws -> Estimate {
  let left = run.settings.admissions - (try run.journal.progress().ended.count)
  let counter = QuestionCounter()
  var chain = try parts.chain(counter, run.settings.knowledge == .medlineplus ? nil : parts.source())
  chain.repairs = 0
  let blocks = max(1, 32 / (order.first?.numbers.count ?? 1))
  let sample = stride(from: 0, to: order.count, by: max(1, order.count / blocks)).prefix(blocks).map { order[$0] }
  for block in sample { _ = try await fill(block, chain) }
  let (requests, usage) = await counter.total
  let sampled = sample.reduce(0) { $0 + $1.numbers.count }
  func scaled(_ number: Int) -> Int { sampled == 0 ? 0 : number * left / sampled }
  return Estimate(
    admissions: left, requests: scaled(requests),
    usage: Usage(promptTokens: scaled(usage.promptTokens), answerTokens: scaled(usage.answerTokens)), prices: prices)
}

/// A model that only counts the questions and their tokens. Its choice of a category is accepted, so that the question
/// that follows is counted too; every other answer is refused.
private actor QuestionCounter: LanguageModel {
  private(set) var total = (requests: 0, usage: Usage())

  func answer(_ prompt: Prompt) -> Answer {
    total.requests += 1
    total.usage += Spending.estimate(bytes: prompt.question.system.utf8.count + prompt.question.user.utf8.count)
    total.usage.answerTokens += prompt.question.maximumAnswerTokens / 3
    guard let field = prompt.question.fields.first, let first = field.options.first,
      CodeGroups.isGroup(first, field.attribute)
    else { return Answer() }
    return Answer(
      text: JSONValue.object([JSONMember(field.attribute.rawValue, .string(first))]).compact(), ending: .complete)
  }
}
