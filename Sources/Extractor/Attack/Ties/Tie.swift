internal import Shared

/// A relation between tables of stays that everybody knows to hold, beyond equal sums.
struct Tie: Sendable {
  let name: String
  /// What everybody knows, in words for people.
  let sentence: String
  /// The relations that follow for the tables of a release.
  let relations: @Sendable (_ tables: [[Attribute]], _ release: AttackedRelease) -> [TiedCells]

  /// Every tie of stays. A new one is a file of its own and an entry here.
  static let all: [Tie] = [missingMainDiagnosis, deathEndsTheStays, deathAndDischarge]
}

/// Cells that add up to a cell, or to no more than it; or cells that are empty.
struct TiedCells: Sendable {
  let parts: [TiedCell]
  /// nil: the parts are empty.
  let whole: TiedCell?
  /// Whether the parts make up the whole; otherwise they add up to no more than it.
  let isEqual: Bool

  static func equal(_ parts: [TiedCell], _ whole: TiedCell) -> TiedCells {
    TiedCells(parts: parts, whole: whole, isEqual: true)
  }

  static func atMost(_ parts: [TiedCell], _ whole: TiedCell) -> TiedCells {
    TiedCells(parts: parts, whole: whole, isEqual: false)
  }

  static func empty(_ cell: TiedCell) -> TiedCells { TiedCells(parts: [cell], whole: nil, isEqual: true) }
}

/// A cell of a released table, or of a margin of one: for each attribute the number of its category.
struct TiedCell: Hashable, Sendable {
  let categories: [Attribute: Int]

  var attributes: Set<Attribute> { Set(categories.keys) }

  /// The cell narrowed down by the categories of more attributes.
  func with(_ more: [Attribute: Int]) -> TiedCell { TiedCell(categories: categories.merging(more) { $1 }) }
}

extension AttackedRelease {
  /// The number of a category; nil if an outsider can't name it.
  func number(of category: String, _ attribute: Attribute) -> Int? { names[attribute]?.firstIndex(of: category) }

  /// The category that stands for all those that nobody can name; nil if there is none.
  func others(_ attribute: Attribute) -> Int? { hasOthers.contains(attribute) ? size(attribute) - 1 : nil }

  /// Every combination of categories of some attributes.
  func combinations(_ attributes: Set<Attribute>) -> [TiedCell] {
    let places = places(Attribute.allCases.filter(attributes.contains))
    return (0..<places.count).map { place in
      TiedCell(categories: Dictionary(uniqueKeysWithValues: zip(places.attributes, places.categories(place))))
    }
  }
}

/// The sets of other attributes that a table by some attributes shares with a table by others: within each of their
/// categories, a relation between the two holds.
func contexts(of first: Set<Attribute>, and second: Set<Attribute>, in tables: [[Attribute]]) -> Set<Set<Attribute>> {
  let left = tables.map { Set($0) }.filter(first.isSubset)
  let right = tables.map { Set($0) }.filter(second.isSubset)
  return Set(left.flatMap { one in right.map { one.intersection($0).subtracting(first).subtracting(second) } })
}

/// The tables that count by all of some attributes.
func inner(_ attributes: Set<Attribute>, in tables: [[Attribute]]) -> Set<Set<Attribute>> {
  Set(tables.map { Set($0) }.filter(attributes.isSubset))
}
