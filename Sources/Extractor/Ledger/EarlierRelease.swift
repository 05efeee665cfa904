internal import Shared

/// An earlier release of the site: what it published, from the ledger's copy.
struct EarlierRelease: Sendable {
  let sequence: Int
  let policy: Policy
  let statistics: Statistics
}
