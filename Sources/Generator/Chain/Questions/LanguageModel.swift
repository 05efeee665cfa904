internal import Shared

/// One question about one admission, as it goes to the model.
struct Prompt: Sendable {
  let admission: Int
  /// Counted from 1; higher after refused answers.
  let attempt: Int
  let question: Question
  /// What the model is told about its last answer; nil the first time.
  let complaint: Complaint?
  /// The knowledge that the question includes; nil if it includes none.
  let knowledge: KnowledgeText?

  var key: PromptKey { PromptKey(admission: admission, step: question.step, attempt: attempt) }
}

/// What goes back to the model when its answer was refused.
struct Complaint: Equatable, Sendable {
  /// Why the answer was refused.
  let reason: String
  /// The refused answer, as `echo` repeats it.
  let echo: String
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
  var ending = Ending.cut
  /// The server's HTTP status, if the server would refuse this particular question every time.
  var failure: Int?
  var usage = Usage()

  /// How the answer ended.
  enum Ending: String, CaseIterable, Sendable {
    case complete
    /// The answer reached the limit on its tokens.
    case cut = "cut off"
    /// The server's content filter stopped the answer.
    case filtered = "stopped by the content filter"
    /// The model declined to answer.
    case declined = "declined by the model"
  }
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
