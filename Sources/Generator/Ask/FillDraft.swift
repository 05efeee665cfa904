internal import Shared

/// What fills the chain's steps.
struct Chain: Sendable {
  let statistics: Statistics
  let sampler: Sampler
  /// nil: the sampler settles every step.
  let model: (any LanguageModel)?
  let seed: UInt64

  /// Answers that a model may give to one question before the sampler fills in.
  static let attempts = 3
}

/// Runs the chain for one admission. The result depends on the seed, the number and the model's answers alone, not on
/// what runs beside it.
///
/// - Returns: the finished draft and every exchange with the model.
func fill(_ number: Int, _ chain: Chain) async throws -> (draft: Draft, calls: [Call]) {
  var draft = Draft(number: number)
  var calls: [Call] = []
  var random = SeededRandom(seed: chain.seed, stream: UInt64(number), 1)
  for step in Step.chain {
    for attribute in step.drawn where chain.sampler.knows(attribute) {
      chain.sampler.draw(attribute, &draft, &random)
    }
    let origin = try await settle(step, &draft, chain, &random, &calls)
    draft.origins[step.name] = origin
  }
  return (draft, calls)
}

/// Settles what a step asks: by the model, again with the reason of a refusal, or at last by the sampler.
private func settle(
  _ step: Step, _ draft: inout Draft, _ chain: Chain, _ random: inout SeededRandom, _ calls: inout [Call]
) async throws -> Draft.Origin {
  guard let model = chain.model,
    let question = question(step, about: draft, chain.sampler, chain.statistics.titles, &random)
  else {
    drawAsked(step, &draft, chain, &random)
    return .sampler
  }
  var complaint: String?
  for attempt in 1...Chain.attempts {
    let answer = try await model.answer(question, complaint: complaint)
    let verdict = check(answer, to: question)
    if case .refused(let reason) = verdict { complaint = reason } else { complaint = nil }
    calls.append(
      Call(
        admission: draft.number, step: step.name, attempt: attempt, question: question, answer: answer,
        refusal: complaint))
    if case .accepted(let choices) = verdict {
      draft.settle(choices)
      return attempt == 1 ? .model : .repaired
    }
  }
  drawAsked(step, &draft, chain, &random)
  return .fallback
}

private func drawAsked(_ step: Step, _ draft: inout Draft, _ chain: Chain, _ random: inout SeededRandom) {
  for attribute in step.asked where chain.sampler.knows(attribute) {
    chain.sampler.draw(attribute, &draft, &random)
  }
}
