internal import Shared

/// Claim: no patient has more than half of a published cell's admissions, so that nobody learns one patient's admissions from a count
/// to within their number.
///
/// Limit: two patients together may.
func noPatientDominatesACell(_ cell: CellEvidence, _ protection: Policy.Protection) -> Verdict {
  cell.largest * 2 <= cell.admissions ? .publish : .withhold(because: .onePatientDominates)
}
