extension Policy.Protection {
  /// The guarantee as the manifest, the review page and the generator repeat it: the protection applied and, if tables
  /// in a ring could imply more together than the attack checks, a note that they could.
  package func guarantee(hasUnsolvedRings: Bool) -> String {
    if let noise { return "epsilon = \(noise.epsilon.text) per patient, pure DP" }
    let tested = "k-anonymous cells, k = \(minimumPatients), attack-tested"
    let rounded = roundTo.map { "\(tested), counts rounded to \($0)" } ?? tested
    return hasUnsolvedRings ? "\(rounded), but not for what tables in a ring imply together" : rounded
  }
}
