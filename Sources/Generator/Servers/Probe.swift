internal import Foundation
internal import Shared

/// What the probe found out about the servers.
struct ProbeResult: Sendable {
  var dialect: Dialect
  /// What was tried and found, for people.
  var lines: [String] = []
  /// Why the model's answer to the probe can't be used; nil if it can.
  var complaint: String?
}

/// Asks a model one cheap question, in as many ways as it takes to find out what the servers understand: a schema,
/// parameters, roles. The question says nothing about any hospital. Each try is recorded and counts toward the run's
/// limits.
struct Probe: Sendable {
  let settings: ServerSettings
  let options: DialectOptions
  /// The run's journal; nil to record nothing.
  let journal: Journal?
  let spending: Spending

  /// The admission number under which the journal keeps the tries.
  static let admission = -1

  static let question = Question(
    step: "probe", system: "You take part in a test of a connection. You answer with one JSON object.",
    shared: "Choose F for gender, and the one code 4280 for diagnosis.", own: "",
    fields: [
      Question.Field(attribute: .gender, options: ["F", "M"], mostCodes: nil),
      Question.Field(attribute: .diagnosis, options: ["4019", "4280"], mostCodes: 2),
    ], seed: 1)

  static func prompt(_ attempt: Int) -> Prompt {
    Prompt(admission: admission, attempt: attempt, question: question, complaint: nil, knowledge: nil)
  }

  /// Asks every server; the dialect is one that all of them understand.
  ///
  /// - Throws: status 69 if no server can be asked.
  func run() async throws -> ProbeResult {
    var result = ProbeResult(dialect: options.dialect)
    var failure: (any Error)?
    var found = 0
    for url in settings.urls {
      var server = ProbedServer(probe: self, address: try serverAddress(url), dialect: result.dialect)
      do {
        try await server.settle()
      } catch let error as CloisterError where settings.urls.count > 1 && !server.hasReplied {
        failure = error
        result.lines.append("probe: \(harmless(server.address)): \(error.what)")
        continue
      }
      found += 1
      result.dialect = server.dialect
      result.complaint = result.complaint ?? server.complaint
      result.lines += server.lines
    }
    if found == 0, let failure { throw failure }
    return result
  }
}

/// One server during the probe.
private struct ProbedServer {
  let probe: Probe
  let address: String
  var dialect: Dialect
  var lines: [String] = []
  var complaint: String?
  /// Whether the server replied at all.
  private(set) var hasReplied = false
  private var attempt = 0

  private enum Outcome {
    /// The server accepts the dialect; the complaint is nil if the model's answer can be used.
    case accepted(complaint: String?)
    case refused(Exchange.Failure)
  }

  init(probe: Probe, address: String, dialect: Dialect) {
    self.probe = probe
    self.address = address
    self.dialect = dialect
  }

  /// Changes the dialect until the server accepts it and the model's answer can be used.
  mutating func settle() async throws {
    try await findAccepted()
    if complaint != nil { try await findUsable() }
    lines.append("probe: \(harmless(address)): \(dialect.words)")
    if let complaint {
      lines.append("probe: warning: the model's answer to the probe can't be used: \(complaint)")
      if complaint.contains("cut off") {
        lines.append("probe: a model that reasons at length may need --without max_tokens")
      }
    }
  }

  private mutating func findAccepted() async throws {
    for _ in 0..<10 {
      switch try await ask(dialect) {
      case .accepted(let complaint):
        self.complaint = complaint
        return
      case .refused(let failure):
        guard let next = dialect.without(failure, probe.options) else { return try await build(failure) }
        lines.append("probe: \(harmless(address)): \(failure.text)")
        dialect = next
      }
    }
    throw Exchange.Failure(reason: "the model server refuses every form of question").error
  }

  /// Starts from the barest question and adds part by part, for a server that does not say what it dislikes.
  private mutating func build(_ failure: Exchange.Failure) async throws {
    let options = probe.options
    var bare = Dialect.bare
    bare.streams = dialect.streams
    if let format = options.format { bare.format = format }
    guard bare != dialect, case .accepted(let first) = try await ask(bare) else { throw failure.error }
    lines.append("probe: \(harmless(address)): \(failure.text)")
    dialect = bare
    complaint = first
    var additions: [[(inout Dialect) -> Void]] = []
    if options.allows(.system) { additions.append([{ $0.parts.insert(.system) }]) }
    if options.format == nil { additions.append([{ $0.format = .jsonSchema }, { $0.format = .jsonObject }]) }
    additions.append(options.limits.map { limit in { $0.tokenLimit = limit } })
    for part in [Dialect.Part.temperature, .seed] where options.allows(part) {
      additions.append([{ $0.parts.insert(part) }])
    }
    for choices in additions {
      for change in choices {
        var larger = dialect
        change(&larger)
        if case .accepted(let complaint) = try await ask(larger) {
          dialect = larger
          self.complaint = complaint
          break
        }
      }
    }
  }

  /// The server accepts the dialect, but the answer can't be used: asks once more, then with other forms.
  private mutating func findUsable() async throws {
    let first = dialect
    if case .accepted(let again) = try await ask(dialect), again == nil {
      complaint = nil
      return
    }
    guard probe.options.format == nil, complaint?.contains("cut off") == false else { return }
    while let next = dialect.format.next {
      dialect.format = next
      if case .accepted(let again) = try await ask(dialect), again == nil {
        lines.append("probe: \(harmless(address)): with \(first.format.rawValue), \(complaint ?? "")")
        complaint = nil
        return
      }
    }
    dialect = first
  }

  /// Asks until the server accepts or refuses the question.
  private mutating func ask(_ dialect: Dialect) async throws -> Outcome {
    var waited = 0.0
    var faults = 0
    for number in 1... {
      attempt += 1
      let (meaning, status) = try await once(dialect)
      if status != nil { hasReplied = true }
      switch meaning {
      case .answer(let answer):
        let verdict = check(answer, to: Probe.question, about: Draft(number: Probe.admission), nil)
        if case .refused(let reason) = verdict { return .accepted(complaint: reason) }
        return .accepted(complaint: nil)
      case .refused(_, let failure): return .refused(failure)
      case .hopeless(let failure): throw failure.error
      case .passing(let failure, let retryAfter):
        // Some servers fail at a parameter that they don't know.
        if status == 500 || status == 501 { faults += 1 }
        if faults >= 2, dialect != .bare { return .refused(failure) }
        let pause = pauseBefore(number, retryAfter)
        waited += pause
        let patience = probe.settings.patience
        guard waited <= (status == nil || status == 200 ? min(patience, 8) : patience) else { throw failure.error }
        try await Task.sleep(for: .seconds(pause))
      }
    }
    preconditionFailure("the loop ends only by returning or throwing")
  }

  private func once(_ dialect: Dialect) async throws -> (Exchange.Meaning, Int?) {
    let prompt = Probe.prompt(attempt)
    let body = requestBody(prompt, model: probe.settings.modelName, dialect)
    let record = RequestRecord(
      prompt: prompt, body: body, server: address, dialect: dialect, journal: probe.journal, spending: probe.spending,
      keepsAnswer: false)
    let start = ContinuousClock.now
    let end = try await record.end {
      let reply = try await probe.settings.exchange.send(body, to: address)
      return (reply.meaning, reply.status, (ContinuousClock.now - start) / .seconds(1))
    }
    return (end.meaning, end.status)
  }
}

extension Dialect {
  /// The dialect without what a server complains about.
  ///
  /// - Returns: nil if the complaint names nothing that can be changed.
  func without(_ failure: Exchange.Failure, _ options: DialectOptions) -> Dialect? {
    if let parameter = failure.parameter, let next = without(parameter.lowercased(), options) { return next }
    return failure.detail.flatMap { without($0.lowercased(), options) }
  }

  /// Changes the part that a text names first: what follows may be what the server accepts instead.
  private func without(_ text: String, _ options: DialectOptions) -> Dialect? {
    var changes: [(place: String.Index, dialect: Dialect)] = []
    func add(_ names: [String], _ change: (inout Dialect) -> Void) {
      var next = self
      change(&next)
      guard next != self, let place = names.compactMap({ text.range(of: $0)?.lowerBound }).min() else { return }
      changes.append((place, next))
    }
    add(["temperature"]) { $0.parts.remove(.temperature) }
    add(["seed"]) { $0.parts.remove(.seed) }
    add(["max_tokens", "max_completion_tokens", "max tokens"]) { dialect in
      guard let limit = dialect.tokenLimit else { return }
      dialect.tokenLimit = options.limits.drop { $0 != limit }.dropFirst().first
    }
    if options.format == nil {
      let names = [
        "response_format", "response format", "json_schema", "json schema", "json_object", "json mode", "schema",
        "structured output", "guided", "grammar",
      ]
      add(names) { $0.format = $0.format.next ?? $0.format }
    }
    let roles = [
      "system role", "system message", "system prompt", "system instruction", "developer instruction", "role",
      "'system'", "\"system\"", "`system`", "system",
    ]
    add(roles) { $0.parts.remove(.system) }
    if text.split(whereSeparator: { !$0.isLetter }).contains(where: { ["stream", "streaming", "sse"].contains($0) }) {
      add(["stream", "sse"]) { $0.streams = true }
    }
    return changes.min { $0.place < $1.place }?.dialect
  }
}
