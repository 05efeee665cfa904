internal import Shared

/// What an earlier release of the site published, as the ledger keeps it.
struct EarlierRelease: Sendable {
  let sequence: Int
  let policy: Policy
  let statistics: Statistics
}
