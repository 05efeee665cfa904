internal import Foundation
internal import Shared

/// What an export wrote.
struct BatchExport: Sendable {
  var files: [String] = []
  var requests = 0
}

/// Writes the next question of every unfinished admission as JSON lines for OpenAI's Batch API or vLLM's `run-batch`.
///
/// - Parameter most: the most requests per file; OpenAI accepts 50,000.
/// - Throws: status 73 if the folder exists or can't be created.
func exportBatch(_ run: RunFolder, to path: String, most: Int = 50_000) async throws -> BatchExport {
  let parts = try RunParts(run)
  let progress = try run.journal.progress()
  let stored = StoredAnswers(run.journal, answered: progress.answered, next: nil)
  let chain = try parts.chain(stored, parts.source())
  let dialect = try run.journal.dialect(of: ["batch"]).map { stored throws(CloisterError) in
    try Dialect(stored.text)
  }
  let folder = try OutputFolder(path)
  var export = BatchExport()
  var file: NewFile?
  var inFile = (requests: 0, bytes: 0)
  for block in parts.order() where !block.numbers.allSatisfy(progress.ended.contains) {
    try Task.checkCancellation()
    for prompt in try await nextPrompts(block, chain, run.journal) {
      let body = requestBody(prompt, model: run.settings.model.name, dialect ?? Dialect())
      let line = batchLine(prompt.key, body)
      if file == nil || inFile.requests == most || inFile.bytes + line.count > 190_000_000 {
        try file?.close()
        export.files.append("requests-\(export.files.count + 1).jsonl")
        file = try folder.begin(export.files[export.files.count - 1])
        inFile = (0, 0)
      }
      try file?.append(line)
      inFile = (inFile.requests + 1, inFile.bytes + line.count)
      export.requests += 1
      try await run.journal.recordExport(of: prompt, body, dialect ?? Dialect())
    }
  }
  try file?.close()
  if export.requests > 0 { try folder.publish() } else { folder.discard() }
  return export
}

/// Returns a block's unanswered questions. If there are none, the block has ended, and its drafts are recorded.
private func nextPrompts(_ block: AdmissionBlock, _ chain: Chain, _ journal: Journal) async throws -> [Prompt] {
  do {
    try await journal.record(try await fill(block, chain).map(\.draft))
    return []
  } catch let missing as Unanswered { return missing.prompts }
}

extension Journal {
  fileprivate func recordExport(of prompt: Prompt, _ body: [UInt8], _ dialect: Dialect) async throws {
    let sent = try await record(
      OutgoingRequest(
        prompt: prompt, body: body, server: "batch", dialect: dialect.text, at: Date.now.timeIntervalSince1970,
        estimate: Usage()))
    try await record(
      RequestOutcome(outcome: "exported", seconds: 0, usage: Usage(), answer: nil), of: sent, prompt.key)
  }
}

private func batchLine(_ key: PromptKey, _ body: [UInt8]) -> [UInt8] {
  var line: [UInt8] = []
  line += #"{"custom_id": "#.utf8
  JSONValue.string(key.batchID).append(to: &line)
  line += #", "method": "POST", "url": "/v1/chat/completions", "body": "#.utf8
  return line + body + "}\n".utf8
}

extension PromptKey {
  fileprivate var batchID: String { "\(admission)/\(step)/\(attempt)" }

  fileprivate init?(batchID: String) {
    let parts = batchID.split(separator: "/")
    guard parts.count == 3, let admission = Int(parts[0]), let attempt = Int(parts[2]) else { return nil }
    self.init(admission: admission, step: String(parts[1]), attempt: attempt)
  }
}

/// What an import found.
struct BatchImport: Equatable, Sendable {
  var answers = 0
  /// Lines whose question already has an answer.
  var doubled = 0
  /// Lines of failed requests, which the next export writes again.
  var failed = 0
}

/// Reads result and error files in any order, and keeps one answer for each question.
///
/// - Throws: status 65, with file and line, for a line that is not a batch result, or that answers a question this run
///   did not export.
func importBatch(_ run: RunFolder, _ paths: [String]) async throws -> BatchImport {
  var found = BatchImport()
  for path in paths {
    let name = harmless(path.split(separator: "/").last.map(String.init) ?? path)
    let bytes = try readFile(path, name: name, limit: 2 << 30, refusal: .inputRefused)
    for (number, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continue }
      try await importLine(Array(line), "\(name) line \(number + 1)", run, &found)
    }
  }
  return found
}

private func importLine(_ line: [UInt8], _ place: String, _ run: RunFolder, _ found: inout BatchImport) async throws {
  guard let result = try? JSONValue(parsing: line), let id = result["custom_id"]?.string else {
    throw batchError("\(place): is not a line of a batch result")
  }
  guard let key = PromptKey(batchID: id), let sent = try run.journal.exported(key) else {
    throw batchError("\(place): answers a question that this run did not export")
  }
  let response = result["response"]
  let status = response?["status_code"]?.integer
  var answer: Answer?
  if let status, (200..<300).contains(status), let body = response?["body"] { answer = chatAnswer(from: body) }
  if let status, [400, 413, 422].contains(status) { answer = Answer(ending: .complete, failure: status) }
  guard let answer else {
    found.failed += 1
    return
  }
  guard try run.journal.answer(key) == nil else {
    found.doubled += 1
    return
  }
  try await run.journal.record(
    RequestOutcome(outcome: "ok", seconds: 0, usage: answer.usage, answer: answer), of: sent, key)
  found.answers += 1
}

private func batchError(_ what: String) -> CloisterError {
  CloisterError(
    .inputRefused, what, hint: "import only result and error files for requests that batch export wrote for this run")
}

/// Records the admissions of every block whose questions are all answered, and who answered each question so far.
///
/// - Returns: how many admissions are unfinished.
func endFinished(_ run: RunFolder, _ parts: RunParts) async throws -> Int {
  let progress = try run.journal.progress()
  var chain = try parts.chain(StoredAnswers(run.journal, answered: progress.answered, next: nil), parts.source())
  chain.judge = { [journal = run.journal] in try await journal.record($0) }
  var left = 0
  for block in parts.order() where !block.numbers.allSatisfy(progress.ended.contains) {
    if try await !nextPrompts(block, chain, run.journal).isEmpty { left += block.numbers.count }
  }
  return left
}
