internal import Shared

/// The guarantee as the manifest, the review page and the generator repeat it: the protection applied and, if tables in
/// a ring could imply more together than the attack checks, a note that they could.
func guarantee(of protection: Policy.Protection, hasUnsolvedRings: Bool) -> String {
  let tested = "k-anonymous cells, k = \(protection.minimumPatients), attack-tested"
  let rounded = protection.roundTo.map { "\(tested), counts rounded to \($0)" } ?? tested
  return hasUnsolvedRings ? "\(rounded), but not for what tables in a ring imply together" : rounded
}

/// The same for a release protected by noise.
func guarantee(of noise: Policy.Noise) -> String { "epsilon = \(noise.epsilon.text) per patient, pure DP" }
