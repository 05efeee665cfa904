internal import Shared

/// Claim: if a cell with a code is published, the patients who have everything else that it names but not that code
/// number 0 or at least k. Their admissions are the difference of two counts, and as much a cell as the admissions with
/// the code.
///
/// Limit: ignores patients who lack two codes.
func fewWithoutACodeAreASmallCell(_ cell: CellEvidence, _ protection: Policy.Protection) -> Verdict {
  guard let without = cell.patientsWithout else { return .publish }
  return without >= protection.minimumPatients ? .publish : .withhold(because: .tooFewWithout)
}
