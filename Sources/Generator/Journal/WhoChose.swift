internal import GRDB
internal import Shared

/// Who answered a run's questions: for the last line of a run, for `status`, and for the limit on refused answers.
struct WhoChose: Equatable, Sendable {
  /// Questions that the model answered on the first try.
  var model = 0
  /// Questions that the model answered after a refused answer.
  var repaired = 0
  /// Questions that the sampler answered because every answer of the model was refused.
  var sampler = 0

  var questions: Int { model + repaired + sampler }

  /// The share of questions that the sampler had to answer.
  var refusedShare: Double { questions == 0 ? 0 : Double(sampler) / Double(questions) }

  mutating func count(_ origin: Draft.Origin, _ number: Int = 1) {
    switch origin {
    case .model: model += number
    case .repaired: repaired += number
    case .fallback: sampler += number
    case .sampler, .balanced: break
    }
  }

  /// The line for people.
  var line: String { "who chose: \(words)" }

  var words: String {
    if questions == 0 { return "the sampler, everything; no model has answered a question" }
    return "model \(model), repaired \(repaired), sampler \(sampler), of \(questions) questions"
  }

  var json: JSONValue {
    .object([
      JSONMember("questions", .integer(questions)), JSONMember("model", .integer(model)),
      JSONMember("repaired", .integer(repaired)), JSONMember("sampler", .integer(sampler)),
    ])
  }
}

extension Journal {
  /// Records who answered a question. A question that is judged again, because its admission is filled again from
  /// stored answers, is counted once.
  func record(_ judgement: Judgement) async throws {
    try await write { db in
      try db.cachedStatement(
        sql: "INSERT OR REPLACE INTO settled (admission, step, origin, refusal) VALUES (?, ?, ?, ?)"
      ).execute(arguments: [
        judgement.admission, judgement.step, judgement.origin.rawValue, judgement.refusal,
      ])
    }
  }

  func whoChose() throws -> WhoChose {
    let rows = try read { db in
      try Row.fetchAll(db, sql: "SELECT origin, count(*) AS n FROM settled GROUP BY origin")
        .map { (origin: Draft.Origin(rawValue: $0["origin"]), number: $0["n"] as Int) }
    }
    return rows.reduce(into: WhoChose()) { who, row in if let origin = row.origin { who.count(origin, row.number) } }
  }

  /// A question that the sampler had to answer, for a person to look at; nil if there is none.
  func refusedExample() throws -> Judgement? {
    try read { db in
      let sql = "SELECT * FROM settled WHERE origin = 'fallback' ORDER BY admission DESC, step LIMIT 1"
      return try Row.fetchOne(db, sql: sql).map {
        Judgement(admission: $0["admission"], step: $0["step"], origin: .fallback, refusal: $0["refusal"])
      }
    }
  }

  /// The server's last words about a failed request; nil if it gave none.
  func lastDetail() throws -> String? {
    try read { db in
      try String.fetchOne(db, sql: "SELECT detail FROM sent WHERE detail IS NOT NULL ORDER BY id DESC LIMIT 1")
    }
  }

  /// Keeps how a run's servers want to be asked, so that later sessions need no probe.
  ///
  /// - Parameters:
  ///   - dialect: what requests to them hold.
  ///   - servers: the servers' addresses.
  ///   - keyHeader: the header that holds the bare key; nil for a bearer token.
  func recordDialect(_ dialect: String, of servers: [String], keyHeader: String?) async throws {
    try await write { db in
      try db.execute(
        sql: "INSERT INTO dialect (servers, content, keyHeader) VALUES (?, ?, ?)",
        arguments: [servers.joined(separator: "\n"), dialect, keyHeader])
    }
  }

  /// What was last recorded for these servers; nil if there is nothing.
  func dialect(of servers: [String]) throws -> (text: String, keyHeader: String?)? {
    try read { db in
      try Row.fetchOne(
        db, sql: "SELECT content, keyHeader FROM dialect WHERE servers = ? ORDER BY id DESC LIMIT 1",
        arguments: [servers.joined(separator: "\n")]
      ).map { ($0["content"] as String, $0["keyHeader"] as String?) }
    }
  }
}
