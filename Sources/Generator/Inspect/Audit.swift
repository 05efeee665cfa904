internal import GRDB
internal import Shared

/// What a run sent to model servers, and where the bytes came from.
struct AuditResult: Sendable {
  var requests = 0
  var bytes = 0
  var templateBytes = 0
  var knowledgeBytes = 0
  /// The user messages without their knowledge: candidates, draws, checked choices and the words around them.
  var bundleBytes = 0
  /// A line for each request or knowledge text that does not derive from the run's own files.
  var strangers: [String] = []

  var lines: [String] {
    [
      "\(requests) requests, \(bytes) bytes in all, were sent or recorded for sending",
      "of their text, \(templateBytes) bytes come from the run's templates, \(knowledgeBytes) from its knowledge and "
        + "\(bundleBytes) from the bundle: candidates, draws and choices among them",
    ]
      + (strangers.isEmpty
        ? ["every request matches, byte for byte, what the bundle, templates, knowledge and earlier answers give"]
        : strangers.map { "NOT DERIVED: \($0)" })
  }
}

/// Rebuilds every question of a run from its bundle, templates, knowledge and stored answers, and compares the bytes
/// of each request with the digest that the journal recorded for it.
func audit(_ run: RunFolder) async throws -> AuditResult {
  let parts = try RunParts(run)
  let progress = try run.journal.progress()
  let stored = StoredAnswers(run.journal, answered: progress.answered, next: nil)
  let listener = Listener(stored)
  let chain = try parts.chain(listener, nil)
  let begun = try run.journal.read { try Int.fetchSet($0, sql: "SELECT DISTINCT admission FROM sent") }
  var result = AuditResult()
  for block in parts.order() where block.numbers.contains(where: begun.contains) {
    do { _ = try await fill(block, chain) } catch is Unanswered {}
    let prompts = Dictionary(grouping: await listener.take(), by: \.admission)
    for number in block.numbers { try check(prompts[number] ?? [], number, run, &result) }
  }
  try checkProbe(run, &result)
  try checkKnowledge(run, try parts.source(), parts.book, &result)
  return result
}

/// Checks the requests of the probe, which asks about no admission.
private func checkProbe(_ run: RunFolder, _ result: inout AuditResult) throws {
  let attempts = try run.journal.read { db in
    try Int.fetchSet(db, sql: "SELECT attempt FROM sent WHERE admission = ?", arguments: [Probe.admission])
  }
  try check(attempts.map(Probe.prompt), Probe.admission, run, &result)
}

private func check(_ prompts: [Prompt], _ admission: Int, _ run: RunFolder, _ result: inout AuditResult) throws {
  let sent = try run.journal.read { db in
    try Row.fetchAll(
      db, sql: "SELECT id, step, attempt, dialect, bytes, sha256 FROM sent WHERE admission = ?", arguments: [admission]
    )
    .map { row in
      let key = PromptKey(admission: admission, step: row["step"], attempt: row["attempt"])
      return (
        id: row["id"] as Int, key: key, dialect: row["dialect"] as String, bytes: row["bytes"] as Int,
        sha256: row["sha256"] as String
      )
    }
  }
  for request in sent {
    result.requests += 1
    result.bytes += request.bytes
    guard let prompt = prompts.first(where: { $0.key == request.key }) else {
      result.strangers.append("request \(request.id): its question does not belong to this run")
      continue
    }
    let dialect = try Dialect(request.dialect)
    let body = requestBody(prompt, model: run.settings.model.name, dialect)
    guard body.count == request.bytes, SHA256.hexadecimal(body) == request.sha256 else {
      result.strangers.append("request \(request.id): the bytes sent differ from those that its question gives")
      continue
    }
    let knowledge = prompt.knowledge?.text.utf8.count ?? 0
    result.templateBytes += prompt.question.system.utf8.count
    result.knowledgeBytes += knowledge
    let form = dialect.format == .jsonSchema ? 0 : formInWords(prompt.question.schemaText).utf8.count + 1
    result.bundleBytes += prompt.question.user.utf8.count + form - knowledge
  }
}

/// Checks that the knowledge used is the knowledge pack's own text. Text from MedlinePlus is not checked.
private func checkKnowledge(
  _ run: RunFolder, _ source: any KnowledgeSource, _ book: CodeBook, _ result: inout AuditResult
) throws {
  guard let pack = source as? KnowledgePack else { return }
  for (category, text) in try run.journal.knowledge().sorted(by: { $0.key < $1.key }) {
    let own = pack.text(about: category, title: book.title(of: category, .mainDiagnosis))
    if own != text { result.strangers.append("knowledge about \(category) differs from the knowledge pack's text") }
  }
}

/// Remembers every prompt, and passes it on to a model.
private actor Listener: LanguageModel {
  private let model: any LanguageModel
  private var heard: [Prompt] = []

  init(_ model: any LanguageModel) { self.model = model }

  func answer(_ prompt: Prompt) async throws -> Answer {
    heard.append(prompt)
    return try await model.answer(prompt)
  }

  func take() -> [Prompt] {
    defer { heard = [] }
    return heard
  }
}

extension Journal {
  /// Passes each request to `line`, in the order of sending, as a line of JSON that people can read. The contents are
  /// those that were sent.
  func egress(_ run: RunSettings, _ line: (String) throws -> Void) throws {
    let cursor = """
      SELECT sent.id, sent.at, sent.server, sent.dialect, question.*, system.content AS systemText,
        shared.content AS sharedText, schema.content AS schemaText
      FROM sent JOIN question USING (admission, step, attempt) JOIN text AS system ON system.id = question.system
        JOIN text AS shared ON shared.id = question.shared JOIN text AS schema ON schema.id = question.schema
      ORDER BY sent.id
      """
    try database.read { db in
      let rows = try Row.fetchCursor(db, sql: cursor)
      while let row = try rows.next() {
        let schema = (try? JSONValue(parsing: row["schemaText"] as String)) ?? .null
        let dialect = try Dialect(row["dialect"] as String)
        let form = dialect.format == .jsonSchema ? "" : "\n" + formInWords(row["schemaText"])
        let user: String = row["sharedText"] + (row["own"] as String) + form
        try line(
          JSONValue.object([
            JSONMember("request", .integer(row["id"])), JSONMember("at", .number(row["at"])),
            JSONMember("server", .string(row["server"])), JSONMember("system", .string(row["systemText"])),
            JSONMember("user", .string(user)),
            JSONMember("refused-answer", .optional(row["echo"] as String?) { .string($0) }),
            JSONMember("complaint", .optional(row["complaint"] as String?) { .string($0) }),
            JSONMember("asked-with", .string(dialect.text)),
            JSONMember("schema", schema),
          ]).compact())
      }
    }
  }
}
