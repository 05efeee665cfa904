internal import GRDB
internal import Shared

/// What a run did, in numbers: `report.json` for scripts, `report.html` for people.
struct RunReport: Equatable, Sendable {
  let settings: RunSettings
  /// The bundle publishes no main diagnosis, so that the other diagnoses stand in for it.
  let substitutesMainDiagnosis: Bool
  private(set) var admissions = 0
  private(set) var patients = 0
  private(set) var origins: [String: [Draft.Origin: Int]] = [:]
  private(set) var choices: [Attribute: [Draft.Origin: Int]] = [:]
  var requests = RequestCounts()

  init(_ run: RunFolder, substitutesMainDiagnosis: Bool) {
    settings = run.settings
    self.substitutesMainDiagnosis = substitutesMainDiagnosis
  }

  mutating func add(_ stays: [Stay]) {
    for stay in stays {
      admissions += 1
      if stay.isFirst { patients += 1 }
      for (step, origin) in stay.draft.origins { origins[step, default: [:]][origin, default: 0] += 1 }
      for (attribute, counts) in stay.draft.choices {
        choices[attribute, default: [:]].merge(counts, uniquingKeysWith: +)
      }
    }
  }

  func json() -> String {
    JSONValue.object([
      JSONMember("admissions", .integer(admissions)), JSONMember("patients", .integer(patients)),
      JSONMember("model", .string(settings.model.name)), JSONMember("variant", .string(settings.variant.rawValue)),
      JSONMember("bundle", .string(settings.bundle)), JSONMember("guarantee", .string(settings.guarantee)),
      JSONMember("substitutes-main-diagnosis", .bool(substitutesMainDiagnosis)),
      JSONMember("steps", .object(Step.chain.map { JSONMember($0.name, counts(origins[$0.name] ?? [:], .ofSteps)) })),
      JSONMember(
        "choices",
        .object(choices.keys.sorted().map { JSONMember($0.rawValue, counts(choices[$0] ?? [:])) })),
      JSONMember("requests", requests.json),
    ]).formatted()
  }

  private func counts(_ counts: [Draft.Origin: Int], _ origins: [Draft.Origin] = Draft.Origin.allCases) -> JSONValue {
    .object(origins.map { JSONMember($0.rawValue, .integer(counts[$0] ?? 0)) })
  }

  func html() -> String {
    let facts = HTML.facts(
      [
        ("Admissions", "\(admissions), of \(patients) patients"), ("Model", settings.model.name),
        ("Variant", settings.variant.rawValue), ("Bundle", settings.bundle),
        ("Guarantee of the bundle", settings.guarantee),
      ] + requests.facts(admissions: admissions))
    let header = [
      "model, at once", "model, repaired", "sampler, not asked", "sampler, after refusals",
      "sampler, to keep the counts",
    ]
    func row(_ name: String, _ counts: [Draft.Origin: Int], _ shown: [Draft.Origin]) -> [String] {
      [name] + shown.map { "\(counts[$0] ?? 0)" }
    }
    let steps = HTML.table(
      header: ["step"] + header.dropLast(), rows: Step.chain.map { row($0.name, origins[$0.name] ?? [:], .ofSteps) })
    let codes = HTML.table(
      header: ["attribute"] + header,
      rows: choices.keys.sorted().map { row($0.rawValue, choices[$0] ?? [:], Draft.Origin.allCases) })
    let warning =
      substitutesMainDiagnosis
      ? HTML.paragraph(
        "The bundle publishes no main diagnosis: the main diagnoses were drawn from the other diagnoses.")
      : ""
    return HTML.page(
      title: "Synthetic admissions",
      facts + warning + HTML.section("Who settled each step, in admissions", steps)
        + HTML.section("Who chose, in categories and codes", codes))
  }
}

/// The requests of a run, failed tries included.
struct RequestCounts: Equatable, Sendable {
  var sent = 0
  var answered = 0
  var usage = Usage()
  /// Tries that brought no answer, by their reason.
  var failures: [String: Int] = [:]

  var json: JSONValue {
    .object([
      JSONMember("sent", .integer(sent)), JSONMember("answered", .integer(answered)),
      JSONMember("prompt-tokens", .integer(usage.promptTokens)),
      JSONMember("cached-prompt-tokens", .optional(usage.cachedTokens) { .integer($0) }),
      JSONMember("answer-tokens", .integer(usage.answerTokens)),
      JSONMember(
        "failures", .object(failures.sorted { $0.key < $1.key }.map { JSONMember($0.key, .integer($0.value)) })),
    ])
  }

  /// For people.
  func facts(admissions: Int) -> [(String, String)] {
    if sent == 0 { return [("Requests", "none: no model was asked")] }
    let each = admissions > 0 ? usage.promptTokens / admissions : 0
    let cached = usage.cachedTokens.map { ", \($0) of them from the server's cache" } ?? ""
    return [
      ("Requests", "\(sent), of which \(answered) were answered"),
      ("Tokens asked", "\(usage.promptTokens)\(cached); \(each) an admission"),
      ("Tokens answered", "\(usage.answerTokens)"),
    ] + failures.sorted { $0.key < $1.key }.map { ("Tries without an answer", "\($0.value): \($0.key)") }
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
    return counts
  }

  /// - Throws: status 70 where a draft is not the one that the journal has.
  func compare(_ drafts: [Draft]) throws {
    let records = try read { db in
      try drafts.map {
        try String.fetchOne(db, sql: "SELECT record FROM admission WHERE number = ?", arguments: [$0.number])
      }
    }
    for (draft, record) in zip(drafts, records) where record != nil && record != draft.json.compact() {
      throw CloisterError(
        .internalError, "admission \(draft.number): its stored answers no longer give what they gave",
        hint: "this is a fault in Cloister, or the run folder was changed; please report it")
    }
  }

  /// What the run looked up, by main diagnosis.
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
