internal import Shared

/// Shared margins: the sets of attributes that at least two tables contain but no table counts by. The cells of a
/// shared margin are the same unknown sums in each of these tables. The sets in `wanted` are included.
func sharedMargins(_ tables: [[Attribute]], _ wanted: [[Attribute]]) -> [[Attribute]] {
  var found = wanted.map { Set($0) }
  var all = Set(tables.map { Set($0) }).union(found)
  var isGrowing = true
  while isGrowing {
    isGrowing = false
    for left in all {
      for right in all where left != right && all.insert(left.intersection(right)).inserted {
        found.append(left.intersection(right))
        isGrowing = true
      }
    }
  }
  return found.map { set in Attribute.allCases.filter(set.contains) }
    .sorted { ($0.count, $0.map(\.rawValue).joined()) > ($1.count, $1.map(\.rawValue).joined()) }
}

/// Pairs of a set and one of its proper subsets among the sets.
///
/// - Returns: also whether no other of the sets lies between the two.
func marginsAmong(_ sets: [Set<Attribute>]) -> [(upper: Int, lower: Int, isDirect: Bool)] {
  sets.indices.flatMap { upper in
    let below = sets.indices.filter { sets[$0].isStrictSubset(of: sets[upper]) }
    return below.map { lower in
      (upper: upper, lower: lower, isDirect: !below.contains { sets[lower].isStrictSubset(of: sets[$0]) })
    }
  }
}
