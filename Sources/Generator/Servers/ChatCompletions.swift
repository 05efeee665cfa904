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
  private let exchange: Exchange
  private let hasAnswered = Flag()
  /// Whether any server has answered or said that it is busy, so that waiting is worthwhile.
  private let isThere = Flag()

  /// - Parameter hasAnswered: whether the servers answered in an earlier session or answered the probe.
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
    for url in settings.urls { addresses.append(try serverAddress(url)) }
    pool = ServerPool(addresses)
    exchange = settings.exchange
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

  /// Sends the question, and sends it again after a temporary failure.
  private func send(_ prompt: Prompt) async throws -> Answer {
    let body = requestBody(prompt, model: settings.modelName, settings.dialect)
    var waited = 0.0
    for attempt in 0... {
      let (end, pause) = try await once(prompt, body, attempt)
      switch end {
      case .answer(let answer):
        hasAnswered.set()
        isThere.set()
        return answer
      // Servers that have answered other questions refuse this one, for example because it is too long.
      case .refused(let status, let failure):
        guard hasAnswered.isSet else { throw failure.error }
        return Answer(ending: .complete, failure: status)
      case .hopeless(let failure): throw failure.error
      case .passing(let failure, _):
        let patience = isThere.isSet ? settings.patience : min(settings.patience, 8)
        waited += pause
        guard waited <= max(patience, 0) else { throw failure.error }
        // If there are several servers, the one that failed rests, and the question goes to another at once.
        if settings.urls.count == 1 { try await Task.sleep(for: .seconds(pause)) }
        try queue.checkOpen()
      }
    }
    preconditionFailure("the loop ends only by returning or throwing")
  }

  /// Makes one try: reserves the most that it may use, records the request before sending it, and records the outcome
  /// at once.
  ///
  /// - Returns: the outcome, and the pause before the next try.
  private func once(
    _ prompt: Prompt, _ body: [UInt8], _ attempt: Int
  ) async throws -> (Exchange.Meaning, pause: Double) {
    let server = try await pool.take()
    do {
      let end = try await recorded(prompt, body, server)
      guard case .passing(_, let retryAfter) = end else {
        pool.giveBack(server)
        return (end, 0)
      }
      let pause = pauseBefore(attempt + 1, retryAfter)
      let rests = retryAfter != nil || settings.urls.count > 1
      pool.giveBack(server, rest: rests ? .seconds(pause) : nil)
      return (end, pause)
    } catch {
      pool.giveBack(server)
      throw error
    }
  }

  private func recorded(_ prompt: Prompt, _ body: [UInt8], _ server: String) async throws -> Exchange.Meaning {
    let record = RequestRecord(
      prompt: prompt, body: body, server: server, dialect: settings.dialect, journal: journal, spending: spending,
      keepsRefusal: { [hasAnswered] in hasAnswered.isSet })
    let end = try await record.end { try await place(body, server) }
    if case .passing = end.meaning, end.status != nil { isThere.set() }
    return end.meaning
  }

  /// Waits for a place among the requests in flight, and holds it from the first byte of the request to the last byte
  /// of the reply. This has priority over preparing other requests, so that a free place does not wait for a processor.
  private func place(
    _ body: [UInt8], _ server: String
  ) async throws -> (meaning: Exchange.Meaning, status: Int?, seconds: Double) {
    let task = Task(priority: .high) { [gate, exchange] in
      try await gate.enter("")
      defer { gate.leave() }
      let start = ContinuousClock.now
      let reply = try await exchange.send(body, to: server)
      return (reply.meaning, reply.status, (ContinuousClock.now - start) / .seconds(1))
    }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  /// A flag that any task can set and none can clear.
  private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
  }
}

/// The pause before a try, in seconds. It doubles with each try, up to about a minute, but is never shorter than the
/// server asked for.
func pauseBefore(_ attempt: Int, _ retryAfter: Double?) -> Double {
  max(retryAfter ?? 0, min(60, 0.5 * pow(2, Double(attempt - 1))) * Double.random(in: 0.75...1.25))
}

/// How to reach the model.
struct ServerSettings: Sendable {
  /// Addresses, as `serverAddress` reads them.
  let urls: [String]
  /// The model's name on the servers.
  let modelName: String
  /// The API key, never logged or stored; nil to send none.
  let key: String?
  /// The header that holds the bare key; nil to send it as a bearer token.
  var keyHeader: String?
  /// Requests in flight at the same time.
  let concurrency: Int
  /// Seconds that one request may take.
  var timeout = 300.0
  /// The most seconds that one question waits between all its tries. Until a server has responded, a question is given
  /// up after at most 8 seconds.
  var patience = 1800.0
  var dialect = Dialect()
  var web = WebClient.standard

  var exchange: Exchange { Exchange(web: web, key: key, keyHeader: keyHeader, timeout: timeout) }
}
