internal import Shared

/// The site's ledger at the start of a release, and the earlier releases.
struct PastReleases: Sendable {
  /// nil if no ledger is kept.
  let ledger: Ledger?
  let releases: [EarlierRelease]
  /// The releases of the series before, with which nothing is compared but by a person.
  private let before: [EarlierRelease]

  /// Reads a ledger, and refuses a release for which the earlier ones leave no room.
  ///
  /// - Parameters:
  ///   - file: nil if no ledger is kept.
  ///   - site: the site that the ledger must belong to; nil for any site.
  ///   - isSealing: whether the release will be signed. A signed release with noise needs a ledger, because epsilon
  ///     means something only if the costs of all releases are added up.
  /// - Throws: status 77.
  init(_ file: String?, site: String?, isSealing: Bool, for policy: Policy) throws(CloisterError) {
    ledger = try file.map { file throws(CloisterError) in try Ledger(file, site: site) }
    guard ledger != nil || !isSealing || policy.protection.noise == nil else {
      throw CloisterError(
        .releaseRefused, "a release with noise needs a ledger, which adds up what all releases cost",
        hint: "pass the site's ledger to --ledger; if the file does not exist, a new ledger is created")
    }
    try ledger?.requireRoom(for: policy.protection.noise)
    try ledger?.requireSeries(of: policy)
    releases = try ledger?.earlierReleases() ?? []
    let series = ledger?.next.series ?? 1
    before = series > 1 ? try ledger?.earlierReleases(of: series - 1) ?? [] : []
  }

  /// The last release with which a person may want to compare a new one: of the same source and, if it is an
  /// evaluation, an evaluation. It may be of the series before.
  func comparable(with policy: Policy, _ schema: SourceSchema) -> EarlierRelease? {
    (before + releases).last {
      $0.statistics.schema == schema && $0.policy.isForEvaluation == policy.isForEvaluation
    }
  }

  /// What the releases so far cost together.
  var spent: Epsilon { ledger?.spent ?? .zero }
}
