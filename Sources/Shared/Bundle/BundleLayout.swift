/// The files of a bundle, format 1, and their size limits.
package enum BundleLayout {
  package static let manifest = "manifest.json"
  package static let signature = "manifest.p7s"
  package static let policy = "policy.yaml"
  package static let approvals = "policy.p7s"
  /// Made by a time stamp authority after the bundle was signed, so no manifest can list it.
  package static let timestamp = "manifest.p7s.tsr"
  package static let statistics = "statistics.json"
  package static let review = "review.html"
  package static let ledgerEntry = "ledger-entry.json"

  /// The files that every manifest must list.
  package static let listed = [ledgerEntry, policy, review, statistics]
  /// The files that a manifest may list.
  package static let listable = listed + [approvals]

  /// The largest size in bytes that a reader accepts, for every file of format 1.
  package static let limits = [
    manifest: 1 << 20, signature: 1 << 20, policy: 1 << 16, approvals: 1 << 18, timestamp: 1 << 16,
    statistics: 4 << 30, review: 4 << 30, ledgerEntry: 1 << 20,
  ]

  /// The largest `statistics.json`, in MiB, that a reader accepts from a stranger unless it is told otherwise. A review
  /// page may be four times as large.
  package static let usualStatistics = 64
}
