internal import Shared

/// A run's journal as a model: what is answered there is never asked again.
struct StoredAnswers: LanguageModel {
  private let journal: Journal
  /// Who is asked what is not answered yet; nil: nobody.
  private let next: (any LanguageModel)?
  /// The admissions that have answers, so that the journal is not asked for others.
  private let answered: Set<Int>

  init(_ journal: Journal, answered: Set<Int>, next: (any LanguageModel)?) {
    self.journal = journal
    self.answered = answered
    self.next = next
  }

  /// - Throws: `Unanswered` where the answer is not there and there is nobody to ask.
  func answer(_ prompt: Prompt) async throws -> Answer {
    if answered.contains(prompt.admission), let answer = try journal.answer(prompt.key) {
      return answer
    }
    guard let next else { throw Unanswered(prompts: [prompt]) }
    return try await next.answer(prompt)
  }
}
