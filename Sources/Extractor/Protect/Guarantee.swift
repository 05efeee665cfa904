internal import Shared

/// The guarantee in the words that the manifest, the review page and the generator repeat: what was done, and, where the tables
/// could imply more together than the attack looks at, that they could.
func guarantee(of protection: Policy.Protection, hasUnsolvedRings: Bool) -> String {
  let tested = "k-anonymous cells, k = \(protection.minimumPatients), attack-tested"
  let rounded = protection.roundTo.map { "\(tested), counts rounded to \($0)" } ?? tested
  return hasUnsolvedRings ? "\(rounded), but not for what tables in a ring imply together" : rounded
}

/// The same for a release that noise protects.
func guarantee(of noise: Policy.Noise) -> String { "epsilon = \(noise.epsilon.text) per patient, pure DP" }
