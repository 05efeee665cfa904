internal import GRDB
internal import Shared

/// The requests of a run, including failed ones.
struct RequestCounts: Equatable, Sendable {
  var sent = 0
  var answered = 0
  var usage = Usage()
  /// The number of requests without an answer, by reason.
  var failures: [String: Int] = [:]
  /// The number of answers that were cut off, filtered or declined, by how they ended.
  var unfinished: [Answer.Ending: Int] = [:]
  /// The server's last words about a failed request, made harmless; nil if it gave none.
  var lastDetail: String?

  var json: JSONValue {
    .object([
      JSONMember("sent", .integer(sent)), JSONMember("answered", .integer(answered)),
      JSONMember("prompt-tokens", .integer(usage.promptTokens)),
      JSONMember("cached-prompt-tokens", .optional(usage.cachedTokens) { .integer($0) }),
      JSONMember("answer-tokens", .integer(usage.answerTokens)),
      JSONMember(
        "failures", .object(failures.inByteOrder().map { JSONMember($0.key, .integer($0.value)) })),
      JSONMember(
        "unfinished",
        .object(
          Answer.Ending.allCases.compactMap { end in unfinished[end].map { JSONMember(end.rawValue, .integer($0)) } })),
      JSONMember("last-detail", .optional(lastDetail) { .string($0) }),
    ])
  }

  /// The counts in a form for people, each as a label and a text.
  func facts(admissions: Int) -> [(String, String)] {
    if sent == 0 { return [("Requests", "none: no model was asked")] }
    let each = admissions > 0 ? usage.promptTokens / admissions : 0
    let cached = usage.cachedTokens.map { ", \($0) of them from the server's cache" } ?? ""
    return [
      ("Requests", "\(sent), \(answered) of them answered"),
      ("Prompt tokens", "\(usage.promptTokens)\(cached); \(each) per admission"),
      ("Answer tokens", "\(usage.answerTokens)"),
    ]
      + Answer.Ending.allCases.compactMap { end in unfinished[end].map { ("Answers \(end.rawValue)", "\($0)") } }
      + failures.inByteOrder().map { ("Requests without an answer", "\($0.value): \($0.key)") }
      + (lastDetail.map { [("The server's last words about a failure", $0)] } ?? [])
  }
}

extension Journal {
  func requestCounts() throws -> RequestCounts {
    let (usage, sent) = try spent()
    var counts = RequestCounts(sent: sent, usage: usage)
    let rows = try read {
      try Row.fetchAll($0, sql: "SELECT coalesce(outcome, 'interrupted') AS o, count(*) AS n FROM sent GROUP BY 1")
        .map { ($0["o"] as String, $0["n"] as Int) }
    }
    for (outcome, number) in rows {
      if outcome == "ok" { counts.answered = number } else { counts.failures[outcome] = number }
    }
    let endings = try read {
      try Row.fetchAll($0, sql: "SELECT ending, count(*) AS n FROM answer WHERE ending != 'complete' GROUP BY 1")
        .map { (Answer.Ending(rawValue: $0["ending"]), $0["n"] as Int) }
    }
    for (ending, number) in endings { if let ending { counts.unfinished[ending] = number } }
    counts.lastDetail = try lastDetail()
    return counts
  }

  /// Compares drafts with those in the journal.
  ///
  /// - Throws: status 70 if a draft differs from the one in the journal.
  func compare(_ drafts: [Draft]) throws {
    let records = try read { db in
      try drafts.map {
        try String.fetchOne(db, sql: "SELECT record FROM admission WHERE number = ?", arguments: [$0.number])
      }
    }
    for (draft, record) in zip(drafts, records) where record != nil && record != draft.json.compact() {
      throw CloisterError(
        .internalError, "admission \(draft.number): its stored answers no longer give the recorded result",
        hint: "keep the run folder and report this: somebody changed it, or Cloister has a fault")
    }
  }

  /// The knowledge that the run looked up, by main diagnosis; an entry is nil if the look-up found nothing.
  func knowledge() throws -> [String: KnowledgeText?] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM knowledge").reduce(into: [:]) { known, row in
        let text: String? = row["content"]
        known[row["category"]] = .some(
          text.map { KnowledgeText(title: row["title"] ?? "", text: $0, source: row["source"] ?? "") })
      }
    }
  }

  func record(_ text: KnowledgeText?, about category: String) async throws {
    try await write { db in
      try db.execute(
        sql: "INSERT OR IGNORE INTO knowledge (category, title, source, content) VALUES (?, ?, ?, ?)",
        arguments: [category, text?.title, text?.source, text?.text])
    }
  }
}
