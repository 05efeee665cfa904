internal import Shared

/// Claim: no patient has more than half of a published cell's admissions. If someone uses the count as an estimate
/// of one patient's number of admissions, the error is therefore at least as large as that number.
///
/// Limit: two patients together may have more than half.
func noPatientDominatesACell(_ cell: CellEvidence, _ protection: Policy.Protection) -> Verdict {
  cell.largest * 2 <= cell.admissions ? .publish : .withhold(because: .onePatientDominates)
}
