internal import Shared

/// The sets of attributes that need a joint table, because together, tables that form a ring imply more than the
/// margins shared by pairs of them. Empty if no tables form a ring.
///
/// Claim: if every clique is added as a table of unknowns, and tables and cliques must agree on every sum that they
/// share, then any solution comes from some joint table of all attributes (Vorob'ev 1962). Minimum fill-in makes the
/// graph chordal. Admission numbers and deaths are taken to be in one table if both are counted, because ties between
/// the admissions of a patient connect them.
func cliques(_ tables: [[Attribute]]) -> [Set<Attribute>] {
  var neighbours: [Attribute: Set<Attribute>] = [:]
  let counted = Set(tables.joined())
  let tied = [Attribute.diedInHospital, .dischargeLocation].map { [.admissionNumberBand, $0] }
    .filter { counted.isSuperset(of: $0) }
  for table in tables + tied {
    for attribute in table { neighbours[attribute, default: []].formUnion(table.filter { $0 != attribute }) }
  }
  var found: [Set<Attribute>] = []
  while let next = leastFill(neighbours) {
    let around = neighbours.removeValue(forKey: next) ?? []
    found.append(around.union([next]))
    for attribute in around {
      neighbours[attribute]?.remove(next)
      neighbours[attribute]?.formUnion(around.filter { $0 != attribute })
    }
  }
  let sets = (tables + tied).map { Set($0) }
  return found.filter { clique in
    !sets.contains { clique.isSubset(of: $0) } && !found.contains { clique.isStrictSubset(of: $0) }
  }
}

/// The attribute whose neighbours lack the fewest edges among themselves; the order of attributes breaks ties.
private func leastFill(_ neighbours: [Attribute: Set<Attribute>]) -> Attribute? {
  func fill(_ attribute: Attribute) -> Int {
    let around = neighbours[attribute] ?? []
    return around.reduce(0) { $0 + around.subtracting(neighbours[$1] ?? []).count - 1 }
  }
  return Attribute.allCases.filter { neighbours[$0] != nil }.map { (attribute: $0, fill: fill($0)) }
    .min { $0.fill < $1.fill }?.attribute
}

extension Policy {
  /// The attributes to count together so that the attack can solve rings of tables; none under a policy with noise.
  func joints(_ requests: [TableRequest]) -> [[Attribute]] {
    guard protection.noise == nil else { return [] }
    return cliques(requests.map { $0.attributes.filter { !$0.isMultiValued } }).map { $0.sorted() }
  }
}
