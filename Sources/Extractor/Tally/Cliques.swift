internal import Shared

/// Sets of attributes, each a joint table that ties the tables it holds more closely than the margins that two of them share: what
/// tables in a ring imply together. None where no tables stand in a ring.
///
/// Claim: where every clique is added as a table of unknowns, and equal sums are demanded of all tables and cliques, then whatever
/// fits these sums is what some joint table of all attributes gives (Vorob'ev 1962): the graph is made chordal by minimum fill-in.
func cliques(_ tables: [[Attribute]]) -> [Set<Attribute>] {
  var neighbours: [Attribute: Set<Attribute>] = [:]
  for table in tables {
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
  let sets = tables.map { Set($0) }
  return found.filter { clique in
    !sets.contains { clique.isSubset(of: $0) } && !found.contains { clique.isStrictSubset(of: $0) }
  }
}

/// The attribute whose neighbours lack the fewest ties among themselves; ties go by the order of attributes.
private func leastFill(_ neighbours: [Attribute: Set<Attribute>]) -> Attribute? {
  func fill(_ attribute: Attribute) -> Int {
    let around = neighbours[attribute] ?? []
    return around.reduce(0) { $0 + around.subtracting(neighbours[$1] ?? []).count - 1 }
  }
  return Attribute.allCases.filter { neighbours[$0] != nil }.map { (attribute: $0, fill: fill($0)) }
    .min { $0.fill < $1.fill }?.attribute
}

extension Policy {
  /// What has to be counted together, so that tables in a ring can be attacked; nothing where there is noise.
  func joints(_ requests: [TableRequest]) -> [[Attribute]] {
    guard protection.noise == nil else { return [] }
    return cliques(requests.map { $0.attributes.filter { !$0.isMultiValued } }).map { $0.sorted() }
  }
}
