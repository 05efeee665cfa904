internal import Shared

/// A policy in sentences, for the officer who approves it.
struct PolicyExplanation: Sendable {
  /// What the policy says of all tables.
  var rules: [String] = []
  /// What it says table by table: a heading, and a line for each.
  var tables: [(heading: String, lines: [String])] = []

  /// All of it, for a terminal.
  var sentences: [String] { rules + tables.flatMap { [$0.heading] + $0.lines.map { "  \($0)" } } }
}

/// Explains a policy.
///
/// - Throws: status 77 or 78 where this version can't protect as the policy asks.
func explain(_ policy: Policy) throws(CloisterError) -> PolicyExplanation {
  let protection = policy.protection
  var sentences = ["\(policy.title), answered for by \(policy.owner)."]
  var cohort = "Counted are admissions of patients aged \(policy.cohort.minimumAge) or more"
  if !policy.cohort.excludedAdmissionTypes.isEmpty {
    cohort += ", without the admission types \(policy.cohort.excludedAdmissionTypes.joined(separator: ", "))"
  }
  sentences += ["\(cohort).", "Ages from \(protection.topCodeAge) on are one band."]
  if let noise = protection.noise { return try noiseExplanation(policy, noise, sentences) }
  sentences += [
    "A cell leaves only if at least \(protection.minimumPatients) different patients stand behind it, and no patient has more than "
      + "half of its admissions.",
    "A cell with a code also stays inside where 1 to \(protection.minimumPatients - 1) patients have all else that it names without the code.",
    protection.publishesZeroCells
      ? "Empty cells leave as 0 where every category is public."
      : "An empty cell looks like one with too few patients.",
  ]
  if protection.rollsUpCodes {
    sentences.append(
      "A code that is rarer, or beyond a table's top, counts under its ICD category, its chapter, or other.")
  }
  if let base = protection.roundTo { sentences.append("Published counts are rounded to the nearest \(base).") }
  sentences += [
    "Further cells are withheld until no withheld one is bounded more closely than \(protection.minimumPatients - 1) apart by all that "
      + "is published, earlier releases of the ledger included.",
    "With a ledger, a release that differs from an earlier one by fewer than \(protection.minimumPatients) admissions in some cell is held back.",
  ]
  let tables = policy.release.map { "\($0.name)\($0.top.map { ", the \($0) most frequent codes" } ?? "")" }
  return PolicyExplanation(rules: sentences, tables: [("\(policy.release.count) tables may leave:", tables)])
}

private func noiseExplanation(
  _ policy: Policy, _ noise: Policy.Noise, _ cohort: [String]
) throws(CloisterError) -> PolicyExplanation {
  var explanation = PolicyExplanation(rules: cohort)
  explanation.rules += [
    "Of each patient at most \(noise.admissionsPerPatient) admissions count, and of each admission at most \(noise.codesPerAdmission) "
      + "codes of a kind, chosen by chance.",
    "Every cell that there could be gets noise; one leaves only if its count with the noise is at least "
      + "\(policy.protection.minimumPatients).",
    "A release costs epsilon \(noise.epsilon.text); all releases of a ledger may cost \(noise.budget.text).",
  ]
  for schema in SourceSchema.allCases {
    let lines = try NoisePlan(policy, noise, schema: schema).parts.map { part in
      let scale = Double(part.sensitivity) * 1_000_000 / Double(part.epsilon.millionths)
      return
        "\(part.request.name): one patient changes the cells by at most \(part.sensitivity); epsilon \(part.epsilon.text); "
        + "typical noise \(Int(scale.rounded())) up or down"
    }
    explanation.tables.append(("Of a \(schema.title) source:", lines))
  }
  return explanation
}
