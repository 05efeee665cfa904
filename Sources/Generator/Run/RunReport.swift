internal import Shared

/// The figures of a run: `report.json` for scripts, `report.html` for people.
struct RunReport: Equatable, Sendable {
  let settings: RunSettings
  /// Whether the main diagnoses were drawn from the other diagnoses because the bundle publishes no main diagnosis.
  let substitutesMainDiagnosis: Bool
  private(set) var admissions = 0
  private(set) var patients = 0
  private(set) var origins: [String: [Draft.Origin: Int]] = [:]
  private(set) var choices: [Attribute: [Draft.Origin: Int]] = [:]
  private(set) var members: [Attribute: [Draft.Origin: Int]] = [:]
  var requests = RequestCounts()
  /// The SHA-256 of each table's file, by its path below `tables/`.
  var tables: [String: String] = [:]

  /// Who answered the run's questions.
  var who: WhoChose {
    origins.values.reduce(into: WhoChose()) { who, counts in
      for (origin, number) in counts { who.count(origin, number) }
    }
  }

  init(_ run: RunFolder, substitutesMainDiagnosis: Bool) {
    settings = run.settings
    self.substitutesMainDiagnosis = substitutesMainDiagnosis
  }

  /// The digests of a run's tables, as its report has them; empty without a report.
  static func tables(of run: RunFolder) -> [String: String] {
    guard
      let bytes = try? readFile(
        "\(run.path)/report.json", name: "report.json", limit: 1 << 24, refusal: .inputRefused),
      let report = try? JSONValue(parsing: bytes), let tables = report["tables"]?.members
    else { return [:] }
    return tables.reduce(into: [:]) { $0[$1.name] = $1.value.string }
  }

  /// The tables whose files were changed after the run wrote them.
  ///
  /// - Parameter written: the digests of the tables as they were written.
  static func changedTables(of run: RunFolder, _ written: [String: String]) -> [String] {
    written.inByteOrder().filter { path, digest in
      let bytes = try? readFile("\(run.path)/tables/\(path)", name: path, limit: Int.max - 1, refusal: .inputRefused)
      return bytes.map(SHA256.hexadecimal) != digest
    }.map(\.key)
  }

  mutating func add(_ stays: [Stay]) {
    for stay in stays {
      admissions += 1
      if stay.isFirst { patients += 1 }
      for (step, origin) in stay.draft.origins { origins[step, default: [:]][origin, default: 0] += 1 }
      for (attribute, counts) in stay.draft.choices {
        choices[attribute, default: [:]].merge(counts, uniquingKeysWith: +)
      }
      for (attribute, counts) in stay.draft.members {
        members[attribute, default: [:]].merge(counts, uniquingKeysWith: +)
      }
    }
  }

  func json() -> String {
    JSONValue.object([
      JSONMember("admissions", .integer(admissions)), JSONMember("patients", .integer(patients)),
      JSONMember("model", .string(settings.model.name)), JSONMember("variant", .string(settings.variant.rawValue)),
      JSONMember("bundle", .string(settings.bundle)), JSONMember("guarantee", .string(settings.guarantee)),
      JSONMember("substitutes-main-diagnosis", .bool(substitutesMainDiagnosis)),
      JSONMember("steps", .object(steps.map { JSONMember($0, counts(origins[$0] ?? [:], .ofSteps)) })),
      JSONMember(
        "choices",
        .object(choices.keys.sorted().map { JSONMember($0.rawValue, counts(choices[$0] ?? [:])) })),
      JSONMember(
        "members", .object(members.keys.sorted().map { JSONMember($0.rawValue, counts(members[$0] ?? [:])) })),
      JSONMember("who-chose", who.json), JSONMember("requests", requests.json),
      JSONMember("tables", .object(tables.inByteOrder().map { JSONMember($0.key, .string($0.value)) })),
    ]).formatted()
  }

  /// The steps of the chain, and the questions before them that were asked.
  private var steps: [String] {
    Step.chain.flatMap { step in step.questions.filter { $0 == step.name || origins[$0] != nil } }
  }

  private func counts(_ counts: [Draft.Origin: Int], _ origins: [Draft.Origin] = Draft.Origin.allCases) -> JSONValue {
    .object(origins.map { JSONMember($0.rawValue, .integer(counts[$0] ?? 0)) })
  }

  func html() -> String {
    let facts = HTML.facts(
      [
        ("Admissions", "\(admissions), of \(patients) patients"), ("Model", settings.model.name),
        ("Variant", settings.variant.rawValue), ("Bundle", settings.bundle),
        ("Guarantee of the bundle", settings.guarantee), ("Who chose", who.words),
      ] + requests.facts(admissions: admissions))
    func table(_ first: String, _ rows: [(name: String, counts: [Draft.Origin: Int])]) -> String {
      // Columns of zeros say nothing.
      let shown = Draft.Origin.allCases.filter { origin in rows.contains { $0.counts[origin] ?? 0 > 0 } }
      return HTML.table(
        header: [first] + shown.map(\.title),
        rows: rows.map { row in [row.name] + shown.map { "\(row.counts[$0] ?? 0)" } })
    }
    func table(_ counts: [Attribute: [Draft.Origin: Int]]) -> String {
      table("attribute", counts.keys.sorted().map { ($0.rawValue, counts[$0] ?? [:]) })
    }
    let shown = Draft.Origin.allCases.filter { origin in choices.values.contains { $0[origin] ?? 0 > 0 } }
    let all = choices.values.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
    // If one chose everything, the tables alone say it.
    let chart =
      shown.count < 2
      ? ""
      : HTML.bars(
        shown.map { (label: $0.title, value: all[$0] ?? 0) }, name: "categories and codes by who chose them")
    let within =
      members.isEmpty
      ? ""
      : HTML.section(
        "Of these, codes within groups",
        HTML.paragraph(
          "The bundle counts these codes only as a part of a group, such as 428*, or not at all. The model chose the "
            + "code, or the sampler drew it by how often codes occur at large.") + table(members))
    return HTML.page(
      title: "Synthetic admissions",
      HTML.verdict(verdict) + facts
        + HTML.links([
          ("score.html", "how close these admissions are to the bundle, once score has measured it"),
          ("tables/", "the tables"), ("report.json", "these figures for programs"),
        ]) + HTML.section("Categories and codes by who chose them", chart + table(choices)) + within
        + HTML.section("Admissions by who settled each step", table("step", steps.map { ($0, origins[$0] ?? [:]) })))
  }

  /// What a reader should know first.
  private var verdict: [String] {
    var lines = ["\(admissions) synthetic admissions of \(patients) patients. They describe no real patient."]
    if who.questions == 0 {
      lines.append("The sampler chose everything from the bundle's counts; no model has answered a question.")
    } else {
      let refused = Int((100 * who.refusedShare).rounded())
      lines.append(
        "The model answered \(100 - refused) % of its \(who.questions) questions, and the sampler the other "
          + "\(refused) %"
          + (who.refusedShare > 0.1 ? ": look first at why so many answers were refused (explain shows them)." : "."))
    }
    if substitutesMainDiagnosis {
      lines.append("The bundle publishes no main diagnosis, so the main diagnoses were drawn from the other diagnoses.")
    }
    return lines
  }
}

extension Draft.Origin {
  /// Who chose, for people.
  fileprivate var title: String {
    switch self {
    case .model: "model, first try"
    case .repaired: "model, after refusals"
    case .sampler: "sampler, model not asked"
    case .fallback: "sampler, after refusals"
    case .balanced: "sampler, to match the counts"
    }
  }
}
