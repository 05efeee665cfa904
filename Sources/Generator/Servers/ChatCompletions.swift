internal import Foundation
internal import Shared
internal import Synchronization

/// A model on servers with OpenAI's chat completions API. Asks for answers that follow a JSON Schema, keeps a number of
/// requests in flight, retries temporary failures, records every try in the journal, and stays within the run's
/// limits.
struct ChatCompletions: LanguageModel {
  let settings: ServerSettings
  private let journal: Journal
  private let spending: Spending
  /// Admits twice as many prompts as may be in flight, so that the next request is already prepared.
  private let queue: PromptQueue
  /// Limits the requests in flight.
  private let gate: PromptQueue
  private let pool: ServerPool
  private let hasAnswered = Flag()
  /// Whether any server has answered or said that it is busy, so that waiting is worthwhile.
  private let isThere = Flag()

  /// - Parameter hasAnswered: whether the servers answered in an earlier session.
  /// - Throws: status 64 if an address is not a URL.
  init(
    _ settings: ServerSettings, _ journal: Journal, _ spending: Spending, hasAnswered: Bool = false
  ) throws(CloisterError) {
    self.settings = settings
    self.journal = journal
    self.spending = spending
    queue = PromptQueue(places: 2 * settings.concurrency)
    gate = PromptQueue(places: settings.concurrency)
    var addresses: [String] = []
    for url in settings.urls { addresses.append(try Self.address(url)) }
    pool = ServerPool(addresses)
    if hasAnswered {
      self.hasAnswered.set()
      isThere.set()
    }
  }

  func answer(_ prompt: Prompt) async throws -> Answer {
    try await queue.enter("\(prompt.question.step)\n\(prompt.question.shared)")
    do {
      let answer = try await send(prompt)
      queue.leave()
      return answer
    } catch {
      queue.leave()
      throw error
    }
  }

  /// Stops sending requests. Those in flight may finish, because their answers may have to be paid for anyway.
  func stop() {
    queue.close()
    gate.close()
  }

  /// The address that questions are sent to.
  static func address(_ url: String) throws(CloisterError) -> String {
    guard let parsed = URL(string: url), parsed.scheme == "http" || parsed.scheme == "https", parsed.host != nil,
      parsed.user == nil
    else {
      throw CloisterError(
        .wrongArguments, "--model is not sampler, batch or the URL of a server",
        hint:
          "give a URL that begins with http:// or https:// and has no user name, such as http://127.0.0.1:8080; "
          + "put an API key in CLOISTER_API_KEY")
    }
    let base = url.hasSuffix("/") ? String(url.dropLast()) : url
    return base.hasSuffix("/v1") ? base + "/chat/completions" : base + "/v1/chat/completions"
  }

  /// Sends the question, and sends it again after a temporary failure.
  private func send(_ prompt: Prompt) async throws -> Answer {
    let body = requestBody(prompt, model: settings.modelName)
    var waited = 0.0
    for attempt in 0... {
      let (end, pause) = try await once(prompt, body, attempt)
      switch end {
      case .answer(let answer):
        hasAnswered.set()
        isThere.set()
        return answer
      case .hopeless(let reason): throw Self.failure(reason)
      case .passing(let reason, _):
        let patience = isThere.isSet ? settings.patience : min(settings.patience, 8)
        waited += pause
        guard waited <= max(patience, 0) else { throw Self.failure(reason) }
        // If there are several servers, the one that failed rests, and the question goes to another at once.
        if settings.urls.count == 1 { try await Task.sleep(for: .seconds(pause)) }
        try queue.checkOpen()
      }
    }
    preconditionFailure("the loop ends only by returning or throwing")
  }

  private enum End {
    case answer(Answer)
    case passing(String, retryAfter: Double?)
    case hopeless(String)
  }

  /// Makes one try: reserves the most that it may use, records the request before sending it, and records the outcome
  /// at once.
  ///
  /// - Returns: the outcome, and the pause before the next try. The pause doubles with each try, up to about a minute,
  ///   but is never shorter than the server asked for.
  private func once(_ prompt: Prompt, _ body: [UInt8], _ attempt: Int) async throws -> (End, pause: Double) {
    let server = try await pool.take()
    do {
      let end = try await exchange(prompt, body, server)
      guard case .passing(_, let retryAfter) = end else {
        pool.giveBack(server)
        return (end, 0)
      }
      let pause = max(retryAfter ?? 0, min(60, 0.5 * pow(2, Double(attempt))) * Double.random(in: 0.75...1.25))
      let rests = retryAfter != nil || settings.urls.count > 1
      pool.giveBack(server, rest: rests ? .seconds(pause) : nil)
      return (end, pause)
    } catch {
      pool.giveBack(server)
      throw error
    }
  }

  private func exchange(_ prompt: Prompt, _ body: [UInt8], _ server: String) async throws -> End {
    let worst = Spending.worstCase(bytes: body.count, answerTokens: prompt.question.maximumAnswerTokens)
    let estimate = Spending.estimate(bytes: body.count)
    try spending.reserve(worst)
    let sent = try await journal.record(
      OutgoingRequest(
        prompt: prompt, body: body, server: server, at: Date.now.timeIntervalSince1970, estimate: estimate))
    var end: End
    var usage = estimate
    let result = try await place(body, server)
    switch result.reply {
    case .success(let reply):
      end = read(reply)
      if case .answer(let answer) = end, answer.usage != Usage() { usage = answer.usage }
      if reply.status != 200 { usage = Usage() }
    case .failure(let error):
      try Task.checkCancellation()
      end = .passing("the model server can't be reached or broke the connection (\(type(of: error)))", retryAfter: nil)
    }
    spending.settle(worst, used: usage)
    try await journal.record(outcome(end, usage, result.seconds), of: sent, prompt.key)
    return end
  }

  /// Waits for a place among the requests in flight, and holds it from the first byte of the request to the last byte
  /// of the reply. This has priority over preparing other requests, so that a free place does not wait for a processor.
  private func place(_ body: [UInt8], _ server: String) async throws -> (
    reply: Result<WebClient.Reply, any Error>, seconds: Double
  ) {
    let task = Task(priority: .high) { [gate, settings] in
      try await gate.enter("")
      defer { gate.leave() }
      let start = ContinuousClock.now
      let reply: Result<WebClient.Reply, any Error>
      do {
        reply = .success(try await WebClient.send(to: server, body: body, key: settings.key, seconds: settings.timeout))
      } catch { reply = .failure(error) }
      return (reply, (ContinuousClock.now - start) / .seconds(1))
    }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  private func outcome(_ end: End, _ usage: Usage, _ seconds: Double) -> RequestOutcome {
    switch end {
    case .answer(var answer):
      answer.usage = usage
      return RequestOutcome(outcome: "ok", seconds: seconds, usage: usage, answer: answer)
    case .passing(let reason, _), .hopeless(let reason):
      return RequestOutcome(outcome: reason, seconds: seconds, usage: usage, answer: nil)
    }
  }

  /// What a reply means for the question: an answer, a reason to try again, or the end of the run.
  private func read(_ reply: WebClient.Reply) -> End {
    let reason = "the model server answered with status \(reply.status)"
    switch reply.status {
    case 200:
      return chatAnswer(from: reply.body).map(End.answer)
        ?? .passing("the model server's reply is not a chat completion", retryAfter: nil)
    case 408, 409, 425, 429, 500...599:
      isThere.set()
      return .passing(reason, retryAfter: reply.retryAfter)
    // Servers that have answered other questions refuse this one, for example because it is too long.
    case 400, 413, 422: return hasAnswered.isSet ? .answer(Answer(failure: reply.status)) : .hopeless(reason)
    default: return .hopeless(reason)
    }
  }

  private static func failure(_ what: String) -> CloisterError {
    CloisterError(
      .modelUnreachable, what,
      hint:
        "check --model, --model-name and, for a paid server, the key in CLOISTER_API_KEY; "
        + "--model sampler needs no server")
  }

  /// A flag that any task can set and none can clear.
  private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
  }
}

/// How to reach the model.
struct ServerSettings: Sendable {
  /// Addresses, with or without `/v1`.
  let urls: [String]
  /// The model's name on the servers.
  let modelName: String
  /// The API key: sent as a bearer token, never logged or stored; nil to send none.
  let key: String?
  /// Requests in flight at the same time.
  let concurrency: Int
  /// Seconds that one request may take.
  var timeout = 300.0
  /// The most seconds that one question waits between all its tries. Until a server has responded, a question is given
  /// up after at most 8 seconds.
  var patience = 1800.0
}
