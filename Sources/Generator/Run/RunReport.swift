internal import Shared

/// What a run did, in numbers: `report.json` for scripts, `report.html` for people.
struct RunReport: Equatable, Sendable {
  let admissions: Int
  let model: String
  let guarantee: String
  let bundleDigest: String
  /// The bundle publishes no main diagnosis, so that the other diagnoses stand in for it.
  let substitutesMainDiagnosis: Bool
  private(set) var origins: [String: [Draft.Origin: Int]] = [:]
  private(set) var calls = 0
  private(set) var promptTokens = 0
  private(set) var answerTokens = 0

  init(admissions: Int, model: String, bundle: VerifiedBundle, substitutesMainDiagnosis: Bool) {
    self.admissions = admissions
    self.model = model
    self.substitutesMainDiagnosis = substitutesMainDiagnosis
    guarantee = bundle.manifest.guarantee
    bundleDigest = bundle.digest
  }

  mutating func add(_ draft: Draft, _ calls: [Call]) {
    for (step, origin) in draft.origins { origins[step, default: [:]][origin, default: 0] += 1 }
    self.calls += calls.count
    promptTokens += calls.reduce(0) { $0 + $1.answer.promptTokens }
    answerTokens += calls.reduce(0) { $0 + $1.answer.answerTokens }
  }

  func json() -> String {
    let steps = Step.chain.map { step in
      JSONMember(
        step.name,
        .object(
          Draft.Origin.allCases.map { origin in
            JSONMember(origin.rawValue, .integer(origins[step.name]?[origin] ?? 0))
          }))
    }
    return JSONValue.object([
      JSONMember("admissions", .integer(admissions)), JSONMember("model", .string(model)),
      JSONMember("bundle", .string(bundleDigest)), JSONMember("guarantee", .string(guarantee)),
      JSONMember("substitutes-main-diagnosis", .bool(substitutesMainDiagnosis)),
      JSONMember("steps", .object(steps)), JSONMember("calls", .integer(calls)),
      JSONMember("prompt-tokens", .integer(promptTokens)), JSONMember("answer-tokens", .integer(answerTokens)),
    ]).formatted()
  }

  func html() -> String {
    let facts = HTML.facts([
      ("Admissions", "\(admissions)"), ("Model", model), ("Bundle", bundleDigest),
      ("Guarantee of the bundle", guarantee),
      ("Calls", "\(calls), with \(promptTokens) tokens asked and \(answerTokens) answered"),
    ])
    let rows = Step.chain.map { step in
      [step.name] + Draft.Origin.allCases.map { "\(origins[step.name]?[$0] ?? 0)" }
    }
    let table = HTML.table(
      header: ["step", "model, at once", "model, repaired", "sampler, not asked", "sampler, after refusals"], rows: rows
    )
    let warning =
      substitutesMainDiagnosis
      ? HTML.paragraph(
        "The bundle publishes no main diagnosis: the main diagnoses were drawn from the other diagnoses.")
      : ""
    return HTML.page(
      title: "Synthetic admissions", facts + warning + HTML.section("Who made each choice, in admissions", table))
  }
}
