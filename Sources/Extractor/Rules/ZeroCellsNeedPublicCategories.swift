internal import Shared

/// Claim: a published zero names no category that only the data name, and none is published unless the policy says so.
///
/// Limit: where zeros are published, a row of zeros but for one cell tells that everyone in the row is in that cell.
func zeroCellsNeedPublicCategories(_ cell: CellEvidence, _ protection: Policy.Protection) -> Verdict {
  guard cell.admissions == 0 else { return .publish }
  return protection.publishesZeroCells && cell.hasPublicKey ? .publish : .withhold(because: .emptyCell)
}
