internal import Shared

/// One question about one admission, as it goes to the model.
struct Prompt: Sendable {
  let admission: Int
  /// Counted from 1; higher after refused answers.
  let attempt: Int
  let question: Question
  /// Why the last answer was refused; nil the first time.
  let complaint: String?
  /// The knowledge that the question includes; nil if it includes none.
  let knowledge: KnowledgeText?

  var key: PromptKey { PromptKey(admission: admission, step: question.step, attempt: attempt) }
}

/// Identifies a question; a run asks each one once.
struct PromptKey: Hashable, Sendable {
  let admission: Int
  let step: String
  let attempt: Int
}

/// A model that answers questions: a server, a run's stored answers, or a recording.
protocol LanguageModel: Sendable {
  /// - Throws: status 69 if no answer can be obtained.
  func answer(_ prompt: Prompt) async throws -> Answer
}

/// A model's answer, not yet checked.
struct Answer: Equatable, Sendable {
  var text = ""
  /// Whether the model finished its answer without being cut off.
  var isComplete = false
  /// The server's HTTP status, if the server would refuse this particular question every time.
  var failure: Int?
  var usage = Usage()
}

/// The tokens used by one or more exchanges.
struct Usage: Equatable, Sendable {
  var promptTokens = 0
  /// The prompt tokens that the server had in its cache; nil if the server does not report them.
  var cachedTokens: Int?
  var answerTokens = 0

  static func += (total: inout Usage, part: Usage) {
    total.promptTokens += part.promptTokens
    total.answerTokens += part.answerTokens
    if let cached = part.cachedTokens { total.cachedTokens = (total.cachedTokens ?? 0) + cached }
  }
}

/// One exchange with the model, including the result of the check.
struct Call: Sendable {
  let prompt: Prompt
  let answer: Answer
  /// Why the answer was refused; nil if it was accepted.
  let refusal: String?
}

/// Questions that have no stored answer.
struct Unanswered: Error {
  let prompts: [Prompt]
}
