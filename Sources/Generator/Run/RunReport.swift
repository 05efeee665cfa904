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
    let header = [
      "model, first try", "model, after refusals", "sampler, model not asked", "sampler, after refusals",
      "sampler, to match the counts",
    ]
    func row(_ name: String, _ counts: [Draft.Origin: Int], _ shown: [Draft.Origin]) -> [String] {
      [name] + shown.map { "\(counts[$0] ?? 0)" }
    }
    let steps = HTML.table(
      header: ["step"] + header.dropLast(), rows: steps.map { row($0, origins[$0] ?? [:], .ofSteps) })
    func table(_ counts: [Attribute: [Draft.Origin: Int]]) -> String {
      HTML.table(
        header: ["attribute"] + header,
        rows: counts.keys.sorted().map { row($0.rawValue, counts[$0] ?? [:], Draft.Origin.allCases) })
    }
    let within =
      members.isEmpty
      ? ""
      : HTML.section(
        "Of these, codes within groups",
        HTML.paragraph(
          "The bundle counts these codes only as a part of a group, such as 428*, or not at all. The model chose the "
            + "code, or the sampler drew it by how often codes occur at large.") + table(members))
    let warning =
      substitutesMainDiagnosis
      ? HTML.paragraph(
        "The bundle publishes no main diagnosis, so the main diagnoses were drawn from the other diagnoses.")
      : ""
    return HTML.page(
      title: "Synthetic admissions",
      facts + warning + HTML.section("Admissions by who settled each step", steps)
        + HTML.section("Categories and codes by who chose them", table(choices)) + within)
  }
}
