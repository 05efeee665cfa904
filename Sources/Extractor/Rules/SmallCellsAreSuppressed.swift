internal import Shared

/// Claim: no published cell stands on 1 to k - 1 distinct patients, however many admissions they had.
///
/// Limit: says nothing about what can be computed from other cells; that is for complementary suppression and the attack.
func smallCellsAreSuppressed(_ cell: CellEvidence, _ protection: Policy.Protection) -> Verdict {
  cell.patients == 0 || cell.patients >= protection.minimumPatients ? .publish : .withhold(because: .tooFewPatients)
}
