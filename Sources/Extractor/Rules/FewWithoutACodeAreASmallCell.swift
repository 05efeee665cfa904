internal import Shared

/// Claim: if a cell with a code is published, then either no patient or at least k patients have everything else that
/// the cell names but not the code. Their admissions are the difference of two counts, and form a cell just as the
/// admissions with the code do.
///
/// Limit: ignores patients who lack two codes.
func fewWithoutACodeAreASmallCell(_ cell: CellEvidence, _ protection: Policy.Protection) -> Verdict {
  guard let without = cell.patientsWithout else { return .publish }
  return without >= protection.minimumPatients ? .publish : .withhold(because: .tooFewWithout)
}
