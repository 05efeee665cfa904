internal import Shared

/// Where synthetic admissions come from, as each exported form says it.
struct Provenance: Sendable {
  let site: String
  /// SHA-256 of the bundle's manifest.
  let bundle: String
  let guarantee: String
  let generator: String
  let model: String
  let seed: UInt64
  let admissions: Int
  /// When the run was begun, in UTC: `2026-01-31T12:00:00Z`.
  let created: String

  /// What nobody may overlook.
  static let warning = "synthetic: not for clinical decisions"

  /// The paper whose method the generator follows.
  static let citation =
    "Hao, He, Ho: LLMSYN: Generating Synthetic Electronic Health Records Without Patient-Level Data. PMLR 252, 2024."

  var description: String {
    "\(admissions) synthetic hospital admissions, made by \(generator) (\(model)) from protected statistics of "
      + "\(site). They describe no real patients and are not for clinical decisions."
  }

  /// The same with what identifies the bundle and the run.
  var fullDescription: String { "\(description) Bundle SHA-256 \(bundle); \(guarantee); seed \(seed)." }

  /// How a page about the admissions begins, in Markdown.
  var introduction: String {
    "\(description)\n\n" + facts.map { "- \($0.name): \($0.value)" }.joined(separator: "\n")
  }

  /// Names and values for the places that formats have for them.
  var facts: [(name: String, value: String)] {
    [
      ("content", Self.warning), ("site", site), ("bundle-sha256", bundle), ("guarantee", guarantee),
      ("generator", generator), ("model", model), ("seed", "\(seed)"), ("created", created),
    ]
  }
}
