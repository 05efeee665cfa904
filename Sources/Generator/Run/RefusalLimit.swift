internal import Shared
internal import Synchronization

/// Stops a run if the sampler has to answer too many questions because the model's answers are refused. Stands between
/// the stored answers and the servers, so that it judges only what this session asks: a run continues once the cause is
/// removed.
final class RefusalLimit: LanguageModel, Sendable {
  /// The number of questions before the share is judged.
  static let fewest = 20
  /// The number of questions in a row that stops a run.
  static let row = 10

  private let most: Double
  private let next: any LanguageModel
  private let run: RunFolder
  private let state = Mutex(State())

  private struct State {
    var asked: Set<PromptKey> = []
    var who = WhoChose()
    var inRow = 0
  }

  /// - Parameter most: the largest share of questions that the sampler may have to answer, from 0 to 1. With 1, nothing
  ///   stops the run.
  init(_ most: Double, _ run: RunFolder, next: any LanguageModel) {
    self.most = most
    self.run = run
    self.next = next
  }

  func answer(_ prompt: Prompt) async throws -> Answer {
    let key = PromptKey(admission: prompt.admission, step: prompt.question.step, attempt: 0)
    _ = state.withLock { $0.asked.insert(key) }
    return try await next.answer(prompt)
  }

  /// Records who answered a question.
  ///
  /// - Throws: status 75 if too many questions of this session were left to the sampler.
  func judge(_ judgement: Judgement) async throws {
    try await run.journal.record(judgement)
    let key = PromptKey(admission: judgement.admission, step: judgement.step, attempt: 0)
    let (who, inRow) = state.withLock { state -> (WhoChose, Int) in
      guard state.asked.remove(key) != nil else { return (WhoChose(), 0) }
      state.who.count(judgement.origin)
      state.inRow = judgement.origin == .fallback ? state.inRow + 1 : 0
      return (state.who, state.inRow)
    }
    if most >= 1 { return }
    let example = { [run] in judgement.origin == .fallback ? judgement : try run.journal.refusedExample() }
    if inRow >= Self.row {
      throw try refusal("every answer to \(inRow) questions in a row was refused", example(), run)
    }
    if who.questions >= Self.fewest, who.refusedShare > most {
      throw try refusal(
        "every answer to \(who.sampler) of \(who.questions) questions was refused, "
          + "which is more than --most-refused allows", example(), run)
    }
  }
}

/// Judges a whole run. A run that ends with few questions passes unless the model chose nothing.
///
/// - Parameter isOver: whether every question is answered.
/// - Throws: status 75 if the sampler had to answer too many questions.
func checkRefusals(_ run: RunFolder, most: Double, isOver: Bool = true) throws {
  let who = try run.journal.whoChose()
  let isTooMuch =
    who.questions < RefusalLimit.fewest ? isOver && who.sampler == who.questions : who.refusedShare > most
  guard who.questions > 0, most < 1, isTooMuch else { return }
  throw try refusal(
    "every answer to \(who.sampler) of the run's \(who.questions) questions was refused",
    run.journal.refusedExample(), run)
}

/// - Parameter example: a question whose answers were refused.
private func refusal(_ what: String, _ example: Judgement?, _ run: RunFolder) throws -> CloisterError {
  let reason = example?.refusal.map { "; last reason: \($0)" } ?? ""
  let words = try run.journal.lastDetail().map { "; the server's last words: \($0)" } ?? ""
  let path = harmless(run.path)
  let look = example.map { "explain \(path) --admission \(Stay.firstHadmID + $0.admission)" } ?? "status \(path)"
  return CloisterError(
    .answersRefused, "the run stopped: \(what)\(reason)\(words)",
    hint:
      "look at an example: cloister-generator \(look); then continue with resume, after mending the server or with "
      + "another --response-format, or accept what the sampler chose with --most-refused 100%")
}
