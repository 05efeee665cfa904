internal import Shared

/// A policy in sentences, for the officer who approves it.
struct PolicyExplanation: Sendable {
  /// Rules that hold for all tables.
  var rules: [String] = []
  /// Lists of tables: a heading, and a line for each table.
  var tables: [(heading: String, lines: [String])] = []

  /// The whole explanation, as text for a terminal.
  var sentences: [String] { rules + tables.flatMap { [$0.heading] + $0.lines.map { "  \($0)" } } }
}

/// Explains a policy.
///
/// - Throws: status 78 if a table's share of epsilon is under a millionth.
func explain(_ policy: Policy) throws(CloisterError) -> PolicyExplanation {
  let protection = policy.protection
  var sentences = ["\(policy.title), owned by \(policy.owner)."]
  for (attribute, words) in policy.realCategories.sorted(by: { byteOrder($0.key.rawValue, $1.key.rawValue) }) {
    sentences.append(
      "In \(attribute.rawValue), these words are categories and don't stand for a missing value: "
        + "\(words.joined(separator: ", ")).")
  }
  for attribute in Policy.banded where policy.bandStarts[attribute] != nil {
    let labels = (policy.bands(of: attribute) ?? []).map(\.label).joined(separator: ", ")
    sentences.append("The bands of \(attribute.rawValue) are \(labels).")
  }
  sentences += ["Counted are \(cohort(policy)).", "Ages \(protection.topCodeAge) and over form one band."]
  if let reason = policy.newSeries {
    sentences.append(
      "Releases under this policy begin a new series, which is not compared with earlier releases: what the two tell "
        + "together is not checked. The reason: \(reason)")
  }
  sentences.append(
    protection.approvals == 0
      ? "Nobody has to approve this policy; only the hospital's signer signs a release."
      : "At least \(protection.approvals == 1 ? "1 person" : "\(protection.approvals) people") must approve this "
        + "policy before it is used\(protection.approvals > 1 ? ", one of them not the signer of releases" : "").")
  if let noise = protection.noise { return try noiseExplanation(policy, noise, sentences) }
  sentences += [
    "A cell is published only if it covers at least \(protection.minimumPatients) different patients and no patient "
      + "has more than half of its admissions.",
    "A cell with a code is also withheld if 1 to \(protection.minimumPatients - 1) patients have everything else that "
      + "it names but not that code.",
    protection.publishesZeroCells
      ? "Empty cells are published as 0 if every category is public."
      : "An empty cell looks like a cell with too few patients.",
  ]
  if protection.rollsUpCodes {
    sentences.append(
      "A code with too few patients, or beyond the largest top of its attribute, is counted under its ICD category, "
        + "its chapter, or other. Later releases of a series count each code as the first one did.")
  }
  if let base = protection.roundTo { sentences.append("Published counts are rounded to the nearest \(base).") }
  sentences += [
    "Further cells are withheld until everything published, including the ledger's earlier releases, leaves each "
      + "withheld count a range of at least \(protection.minimumPatients - 1), unless the cell is known to be empty.",
    "With a ledger, a cell is withheld if its count has changed by fewer than \(protection.minimumPatients) admissions "
      + "since an earlier release.",
  ]
  let tables = policy.release.map { "\($0.name)\($0.top.map { ", the \($0) most frequent codes" } ?? "")" }
  return PolicyExplanation(rules: sentences, tables: [("\(policy.release.count) tables may be published:", tables)])
}

/// Whose admissions are counted.
func cohort(_ policy: Policy) -> String {
  let types = policy.cohort.excludedAdmissionTypes
  return "admissions of patients aged \(policy.cohort.minimumAge) or older"
    + (types.isEmpty ? "" : ", but none of the type \(types.joined(separator: " or "))")
}

private func noiseExplanation(
  _ policy: Policy, _ noise: Policy.Noise, _ cohort: [String]
) throws(CloisterError) -> PolicyExplanation {
  var explanation = PolicyExplanation(rules: cohort)
  explanation.rules += [
    "At most \(noise.admissionsPerPatient) admissions per patient are counted, and at most "
      + "\(noise.codesPerAdmission) codes of a kind per admission, all chosen at random.",
    "Every possible cell gets noise; a cell is published only if its count with the noise is at least "
      + "\(policy.protection.minimumPatients).",
    "A release costs epsilon \(noise.epsilon.text); all releases of a ledger together may cost at most "
      + "\(noise.budget.text).",
  ]
  for schema in SourceSchema.allCases {
    let lines = try NoisePlan(policy, noise, schema: schema).parts.map { part in
      let scale = Double(part.sensitivity) * 1_000_000 / Double(part.epsilon.millionths)
      return
        "\(part.request.name): one patient changes the cells by at most \(part.sensitivity); "
        + "epsilon \(part.epsilon.text); typical noise \(Int(scale.rounded())) up or down"
    }
    explanation.tables.append(("For a \(schema.title) source:", lines))
  }
  return explanation
}
