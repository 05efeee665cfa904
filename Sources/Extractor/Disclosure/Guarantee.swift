internal import Shared

/// The guarantee in the words that the manifest, the review page and the generator repeat: what was done, and, where the tables
/// could imply more together than the attack looks at, that they could.
///
/// - Parameter tables: the attributes of each released table.
func guarantee(minimumPatients: Int, tables: [[Attribute]]) -> String {
  let tested = "k-anonymous cells, k = \(minimumPatients), attack-tested"
  let hasPairsOfCodes = tables.contains { $0.filter(\.isMultiValued).count > 1 }
  return hasRing(tables) || hasPairsOfCodes ? "\(tested), but not for what tables in a ring imply together" : tested
}

/// The same for a release that noise protects.
func guarantee(of noise: Policy.Noise) -> String { "epsilon = \(noise.epsilon.text) per patient, pure DP" }

/// Whether tables share attributes in a ring, so that equal shared margins are not all that ties them.
///
/// The reduction of Graham, Yu and Özsoyoğlu: attributes of one table alone, and tables inside others, are taken away until none
/// is left; what stays forms rings.
func hasRing(_ tables: [[Attribute]]) -> Bool {
  var sets = Array(Set(tables.map { Set($0) }))
  while true {
    let before = sets
    sets = sets.map { set in set.filter { attribute in sets.count { $0.contains(attribute) } > 1 } }
    sets = Array(Set(sets)).filter { set in !set.isEmpty && !sets.contains { set.isStrictSubset(of: $0) } }
    if Set(sets) == Set(before) { return !sets.isEmpty }
  }
}
