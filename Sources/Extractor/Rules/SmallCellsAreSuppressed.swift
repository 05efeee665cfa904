internal import Shared

/// Claim: no published cell covers 1 to k - 1 distinct patients, however many admissions they had.
///
/// Limit: ignores what can be computed from other cells; complementary suppression and the attack deal with that.
func smallCellsAreSuppressed(_ cell: CellEvidence, _ protection: Policy.Protection) -> Verdict {
  cell.patients == 0 || cell.patients >= protection.minimumPatients ? .publish : .withhold(because: .tooFewPatients)
}
