internal import Shared

/// Computes the code and the stay of a table's cells from the numbers of their categories.
struct CellNumbering: Sendable {
  /// The table's axes, with those of codes first.
  private let axes: [Int]
  private let radix: MixedRadix
  private let stays: Int

  init(_ release: AttackedRelease, _ table: AttackedTable) {
    axes = (table.codes + table.stay).map { table.attributes.firstIndex(of: $0) ?? 0 }
    radix = MixedRadix((table.codes + table.stay).map(release.size))
    stays = table.stay.reduce(1) { $0 * release.size($1) }
  }

  /// The code and the stay as one number, which sorts cells by code and then by stay; nil if a code can't be named.
  ///
  /// - Parameter number: the number of the category on one of the table's axes; negative for a code that can't be
  ///   named.
  @inline(__always)
  func place(_ number: (_ axis: Int) -> Int) -> Int? { radix.placeOfKnown { number(axes[$0]) } }

  func parts(_ place: Int) -> (code: Int, stay: Int) {
    let parts = place.quotientAndRemainder(dividingBy: stays)
    return (parts.quotient, parts.remainder)
  }
}

/// The number of each category by its name.
func numbered(_ names: [Attribute: [String]]) -> [Attribute: [String: Int]] {
  names.mapValues { Dictionary(uniqueKeysWithValues: $0.enumerated().map { ($1, $0) }) }
}

/// The numbers of the categories whose empty cells the policy publishes.
func publicNumbers(_ names: [Attribute: [String]], _ policy: Policy) -> [Attribute: Set<Int>] {
  guard policy.protection.publishesZeroCells else { return [:] }
  var numbers: [Attribute: Set<Int>] = [:]
  for (attribute, names) in names {
    guard let known = policy.publicCategories(of: attribute).map({ Set($0) }) else { continue }
    // Neither of two releases has a cell for what was added in between.
    numbers[attribute] = Set(
      names.indices.filter {
        known.contains(names[$0]) && !(attribute == .seenIn && names[$0] == SeenIn.added.rawValue)
      })
  }
  return numbers
}
