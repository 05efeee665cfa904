internal import Shared

/// A model that answers questions: a server, or a recording of one.
protocol LanguageModel: Sendable {
  /// - Parameter complaint: why the last answer was refused; nil the first time.
  /// - Throws: status 69 where no answer can be had.
  func answer(_ question: Question, complaint: String?) async throws -> Answer
}

/// A model's answer, not yet checked.
struct Answer: Equatable, Sendable {
  let text: String
  /// The model ended by itself, and was not cut off.
  let isComplete: Bool
  let promptTokens: Int
  let answerTokens: Int
}

/// One exchange with the model, as the journal keeps it.
struct Call: Sendable {
  let admission: Int
  let step: String
  let attempt: Int
  let question: Question
  let answer: Answer
  /// nil where the answer was accepted.
  let refusal: String?
}
