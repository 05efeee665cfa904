internal import Shared

/// The site's ledger as a release finds it, and what was published before.
struct PastReleases: Sendable {
  /// nil where no ledger is kept.
  let ledger: Ledger?
  let releases: [EarlierRelease]

  /// Reads a ledger and refuses a release that it leaves no room for.
  ///
  /// - Parameters:
  ///   - file: nil where no ledger is kept.
  ///   - site: whose ledger it must be; nil: anyone's.
  ///   - isSealing: a release with noise is to be signed, which needs a ledger: epsilon is worth what the sum of all
  ///     releases costs.
  /// - Throws: status 77.
  init(_ file: String?, site: String?, isSealing: Bool, for policy: Policy) throws(CloisterError) {
    ledger = try file.map { file throws(CloisterError) in try Ledger(file, site: site) }
    guard ledger != nil || !isSealing || policy.protection.noise == nil else {
      throw CloisterError(
        .releaseRefused, "a release with noise needs a ledger, which adds up what all releases cost",
        hint: "name the site's ledger with --ledger; a file that does not exist yet begins one")
    }
    try ledger?.requireRoom(for: policy.protection.noise)
    releases = try ledger?.earlierReleases() ?? []
  }
}
