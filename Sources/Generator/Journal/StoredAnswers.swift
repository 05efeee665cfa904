internal import Shared

/// A model that answers from a run's journal. Questions that have an answer there are never asked again.
struct StoredAnswers: LanguageModel {
  private let journal: Journal
  /// The model to ask if the journal has no answer; nil if there is none to ask.
  private let next: (any LanguageModel)?
  /// The admissions that have answers. The journal need not be searched for any others.
  private let answered: Set<Int>

  init(_ journal: Journal, answered: Set<Int>, next: (any LanguageModel)?) {
    self.journal = journal
    self.answered = answered
    self.next = next
  }

  /// - Throws: `Unanswered` if the answer is not stored and there is no model to ask.
  func answer(_ prompt: Prompt) async throws -> Answer {
    if answered.contains(prompt.admission), let answer = try journal.answer(prompt.key) {
      return answer
    }
    guard let next else { throw Unanswered(prompts: [prompt]) }
    return try await next.answer(prompt)
  }
}
