internal import Shared

/// Claim: where a cell with a code is published, the patients who have all else that the cell names without that code are none, or at
/// least k: their admissions are the difference of two counts, as much a cell as those with the code.
///
/// Limit: says nothing about being without two codes.
func fewWithoutACodeAreASmallCell(_ cell: CellEvidence, _ protection: Policy.Protection) -> Verdict {
  guard let without = cell.patientsWithout else { return .publish }
  return without >= protection.minimumPatients ? .publish : .withhold(because: .tooFewWithout)
}
