internal import Shared

/// An earlier release of the site: what it published, from the ledger's copy.
struct EarlierRelease: Sendable {
  let sequence: Int
  let policy: Policy
  let statistics: Statistics
  /// The categories under which its codes were counted; none without roll-up.
  var codeCategories = CodeCategories.none
}

extension [EarlierRelease] {
  /// The releases about one source.
  func about(_ schema: SourceSchema) -> [EarlierRelease] { filter { $0.statistics.schema == schema } }

  /// The categories under which a release under a policy must count codes, by source.
  func codeCategories(for policy: Policy) -> [SourceSchema: CodeCategories] {
    reduce(into: [:]) { kept, release in
      guard release.policy.isForEvaluation == policy.isForEvaluation else { return }
      kept[release.statistics.schema, default: .none].formUnion(release.codeCategories)
    }
  }
}
