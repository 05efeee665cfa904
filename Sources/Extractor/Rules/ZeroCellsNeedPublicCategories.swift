internal import Shared

/// Claim: a published zero names no category known only from the data, and zeros are published only if the policy says
/// so.
///
/// Limit: if zeros are published, a row with only one nonzero cell reveals that everyone in the row is in that cell.
func zeroCellsNeedPublicCategories(_ cell: CellEvidence, _ protection: Policy.Protection) -> Verdict {
  guard cell.admissions == 0 else { return .publish }
  return protection.publishesZeroCells && cell.hasPublicKey ? .publish : .withhold(because: .emptyCell)
}
