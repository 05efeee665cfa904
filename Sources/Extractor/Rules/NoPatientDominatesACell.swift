internal import Shared

/// Claim: no patient has more than half of a published cell's admissions, so a count never reveals one patient's number
/// of admissions to within that number.
///
/// Limit: two patients together may have more than half.
func noPatientDominatesACell(_ cell: CellEvidence, _ protection: Policy.Protection) -> Verdict {
  cell.largest * 2 <= cell.admissions ? .publish : .withhold(because: .onePatientDominates)
}
