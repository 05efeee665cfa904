internal import Shared

/// One question about one admission, as it goes to the model.
struct Prompt: Sendable {
  let admission: Int
  /// From 1; more than 1 after refused answers.
  let attempt: Int
  let question: Question
  /// Why the last answer was refused; nil the first time.
  let complaint: String?
  /// What the knowledge source gave for it; nil where the question tells none.
  let knowledge: KnowledgeText?

  var key: PromptKey { PromptKey(admission: admission, step: question.step, attempt: attempt) }
}

/// Which question: a run asks none twice.
struct PromptKey: Hashable, Sendable {
  let admission: Int
  let step: String
  let attempt: Int
}

/// A model that answers questions: a server, a run's stored answers, or a recording.
protocol LanguageModel: Sendable {
  /// - Throws: status 69 where no answer can be had.
  func answer(_ prompt: Prompt) async throws -> Answer
}

/// A model's answer, not yet checked.
struct Answer: Equatable, Sendable {
  var text = ""
  /// The model ended by itself, and was not cut off.
  var isComplete = false
  /// The server's HTTP status, where it refuses this very question whenever it is asked.
  var failure: Int?
  var usage = Usage()
}

/// Tokens of an exchange, or of many.
struct Usage: Equatable, Sendable {
  var promptTokens = 0
  /// Of the prompt's tokens, those that the server had in its cache; nil where it does not tell.
  var cachedTokens: Int?
  var answerTokens = 0

  static func += (total: inout Usage, part: Usage) {
    total.promptTokens += part.promptTokens
    total.answerTokens += part.answerTokens
    if let cached = part.cachedTokens { total.cachedTokens = (total.cachedTokens ?? 0) + cached }
  }
}

/// One exchange with the model, checked.
struct Call: Sendable {
  let prompt: Prompt
  let answer: Answer
  /// nil where the answer was accepted.
  let refusal: String?
}

/// Questions that have no stored answer.
struct Unanswered: Error {
  let prompts: [Prompt]
}
