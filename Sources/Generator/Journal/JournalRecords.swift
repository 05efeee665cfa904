internal import Foundation
internal import GRDB
internal import Shared
internal import Synchronization

/// A request about to be sent.
struct OutgoingRequest: Sendable {
  let prompt: Prompt
  /// The exact bytes of the body.
  let body: [UInt8]
  let server: String
  /// How the body was written, as `Dialect.text` has it: with it, the same question gives the same bytes again.
  let dialect: String
  /// Seconds since 1970.
  let at: Double
  /// The usage assumed until the server reports it.
  let estimate: Usage
}

/// How a sent request ended.
struct RequestOutcome: Sendable {
  /// `ok`, or the reason why there is no answer.
  let outcome: String
  /// The server's own words about a failure, made harmless; nil if it gave none.
  var detail: String?
  let seconds: Double
  let usage: Usage
  /// The answer to keep; nil if the request got none.
  let answer: Answer?
}

extension Journal {
  /// Records a request and its question before the request is sent.
  ///
  /// - Returns: the request's number.
  func record(_ request: OutgoingRequest) async throws -> Int64 {
    let sha256 = SHA256.hexadecimal(request.body)
    return try await write { db in
      let prompt = request.prompt
      try insert(prompt, db)
      try db.cachedStatement(
        sql: """
          INSERT INTO sent (admission, step, attempt, server, dialect, at, bytes, sha256, promptTokens)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        prompt.admission, prompt.question.step, prompt.attempt, request.server, request.dialect, request.at,
        request.body.count, sha256, request.estimate.promptTokens,
      ])
      return db.lastInsertedRowID
    }
  }

  /// Records how a request ended, and its answer if there is one.
  func record(_ end: RequestOutcome, of sent: Int64, _ key: PromptKey) async throws {
    try await write { db in
      try db.cachedStatement(
        sql: """
          UPDATE sent SET outcome = ?, detail = ?, seconds = ?, promptTokens = ?, cachedTokens = ?, answerTokens = ?
          WHERE id = ?
          """
      ).execute(arguments: [
        end.outcome, end.detail, end.seconds, end.usage.promptTokens, end.usage.cachedTokens, end.usage.answerTokens,
        sent,
      ])
      guard let answer = end.answer else { return }
      try db.cachedStatement(
        sql: """
          INSERT INTO answer
            (admission, step, attempt, sent, text, ending, failure, promptTokens, cachedTokens, answerTokens)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        key.admission, key.step, key.attempt, sent, answer.text, answer.ending.rawValue, answer.failure,
        answer.usage.promptTokens, answer.usage.cachedTokens, answer.usage.answerTokens,
      ])
    }
  }

  /// Records admissions whose chains have ended; those already recorded stay as they are.
  func record(_ drafts: [Draft]) async throws {
    let records = drafts.map { ($0.number, $0.json.compact()) }
    try await write { db in
      let insert = try db.cachedStatement(sql: "INSERT OR IGNORE INTO admission (number, record) VALUES (?, ?)")
      for (number, record) in records { try insert.execute(arguments: [number, record]) }
    }
  }

  /// The drafts of the admissions with these numbers, in order.
  ///
  /// - Throws: status 65 if a draft is missing or can't be read.
  func drafts(_ numbers: Range<Int>) throws -> [Draft] {
    let records = try read { db in
      try String.fetchAll(
        db, sql: "SELECT record FROM admission WHERE number >= ? AND number < ? ORDER BY number",
        arguments: [numbers.lowerBound, numbers.upperBound])
    }
    let shares = records.shares
    let drafts = sideBySide(shares.count, threads: ProcessInfo.processInfo.activeProcessorCount) { share in
      shares[share].compactMap { (try? JSONValue(parsing: $0)).flatMap(Draft.init) }
    }.flatMap(\.self)
    guard drafts.count == numbers.count else {
      throw CloisterError(
        .inputRefused, "journal.sqlite: an admission is missing or damaged",
        hint: "restore the run folder from a backup")
    }
    return drafts
  }

  private func insert(_ prompt: Prompt, _ db: Database) throws {
    let question = prompt.question
    let texts = try [question.system, question.shared, question.schemaText].map { try textID($0, db) }
    try db.cachedStatement(
      sql: """
        INSERT OR IGNORE INTO question (admission, step, attempt, system, shared, own, complaint, echo, schema, seed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      prompt.admission, question.step, prompt.attempt, texts[0], texts[1], question.own, prompt.complaint?.reason,
      prompt.complaint?.echo, texts[2], question.seed,
    ])
  }

  /// The id of a text; each text is stored once.
  private func textID(_ content: String, _ db: Database) throws -> Int64 {
    if let id = texts.numbers.withLock({ $0[content] }) { return id }
    let sha256 = SHA256.hexadecimal(Array(content.utf8))
    var id = try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT id FROM text WHERE sha256 = ?"), arguments: [sha256])
    if id == nil {
      try db.cachedStatement(sql: "INSERT INTO text (sha256, content) VALUES (?, ?)")
        .execute(arguments: [sha256, content])
      id = db.lastInsertedRowID
    }
    texts.numbers.withLock { numbers in
      if numbers.count > 5000 { numbers = [:] }
      numbers[content] = id
    }
    return id ?? 0
  }
}

extension Journal {
  /// The answer to a question; nil if there is none yet.
  func answer(_ key: PromptKey) throws -> Answer? {
    try read { db in
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT * FROM answer WHERE admission = ? AND step = ? AND attempt = ?"),
        arguments: [key.admission, key.step, key.attempt])
      return row.map { row in
        Answer(
          text: row["text"], ending: Answer.Ending(rawValue: row["ending"]) ?? .cut, failure: row["failure"],
          usage: Usage(
            promptTokens: row["promptTokens"], cachedTokens: row["cachedTokens"], answerTokens: row["answerTokens"]))
      }
    }
  }

  /// The numbers of the admissions whose chains have ended, and of the admissions with at least one answer.
  func progress() throws -> (ended: Set<Int>, answered: Set<Int>) {
    try read { db in
      (
        try Int.fetchSet(db, sql: "SELECT number FROM admission"),
        try Int.fetchSet(db, sql: "SELECT DISTINCT admission FROM answer")
      )
    }
  }

  /// The number of requests so far, and the tokens that they used. Token counts that the server did not report are
  /// estimates.
  func spent() throws -> (usage: Usage, requests: Int) {
    try read { db in
      let row = try Row.fetchOne(
        db,
        sql:
          "SELECT count(*) AS n, total(promptTokens) AS p, sum(cachedTokens) AS c, total(answerTokens) AS a FROM sent")
      return (
        Usage(
          promptTokens: Int(row?["p"] ?? 0.0), cachedTokens: row?["c"], answerTokens: Int(row?["a"] ?? 0.0)),
        row?["n"] ?? 0
      )
    }
  }
}

extension Journal {
  /// The number of the last batch request that asks this question; nil if there is none.
  func exported(_ key: PromptKey) throws -> Int64? {
    try read { db in
      try Int64.fetchOne(
        db, sql: "SELECT max(id) FROM sent WHERE admission = ? AND step = ? AND attempt = ? AND server = 'batch'",
        arguments: [key.admission, key.step, key.attempt])
    }
  }
}
