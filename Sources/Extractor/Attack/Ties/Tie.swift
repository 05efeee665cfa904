internal import Shared

/// A publicly known relation between tables of stays, other than the equality of the sums that they share.
struct Tie: Sendable {
  let name: String
  /// The publicly known fact, in plain English.
  let sentence: String
  /// The relations that the tie implies for the tables of a release.
  let relations: @Sendable (_ tables: [[Attribute]], _ release: AttackedRelease) -> [TiedCells]

  /// Every tie of stays. To add one, write a file for it and list it here.
  static let all: [Tie] = [missingMainDiagnosis, deathEndsTheStays, deathAndDischarge]
}

/// Cells that add up to another cell, or to no more than that cell; or cells that are empty.
struct TiedCells: Sendable {
  let parts: [TiedCell]
  /// nil if the relation says that the parts are empty cells.
  let whole: TiedCell?
  /// Whether the parts add up to exactly the whole; otherwise they add up to no more than the whole.
  let isEqual: Bool

  static func equal(_ parts: [TiedCell], _ whole: TiedCell) -> TiedCells {
    TiedCells(parts: parts, whole: whole, isEqual: true)
  }

  static func atMost(_ parts: [TiedCell], _ whole: TiedCell) -> TiedCells {
    TiedCells(parts: parts, whole: whole, isEqual: false)
  }

  static func empty(_ cell: TiedCell) -> TiedCells { TiedCells(parts: [cell], whole: nil, isEqual: true) }
}

/// A cell of a released table or of its margins, given by the number of each attribute's category.
struct TiedCell: Hashable, Sendable {
  let categories: [Attribute: Int]

  var attributes: Set<Attribute> { Set(categories.keys) }

  /// The cell narrowed down by the categories of more attributes.
  func with(_ more: [Attribute: Int]) -> TiedCell { TiedCell(categories: categories.merging(more) { $1 }) }
}

extension AttackedRelease {
  /// The number of a category; nil if an outsider can't name it.
  func number(of category: String, _ attribute: Attribute) -> Int? { names[attribute]?.firstIndex(of: category) }

  /// The category that stands for all categories that nobody can name; nil if there is none.
  func others(_ attribute: Attribute) -> Int? { hasOthers.contains(attribute) ? size(attribute) - 1 : nil }

  /// Every combination of categories of some attributes.
  func combinations(_ attributes: Set<Attribute>) -> [TiedCell] {
    let places = places(Attribute.allCases.filter(attributes.contains))
    return (0..<places.count).map { place in
      TiedCell(categories: Dictionary(uniqueKeysWithValues: zip(places.attributes, places.categories(place))))
    }
  }
}

/// Takes each pair of tables of which one counts by all `first` attributes and the other by all `second` attributes.
/// Returns the sets of other attributes that the two share. A relation between the two tables also holds within each
/// combination of categories of these shared attributes.
func contexts(of first: Set<Attribute>, and second: Set<Attribute>, in tables: [[Attribute]]) -> Set<Set<Attribute>> {
  let left = tables.map { Set($0) }.filter(first.isSubset)
  let right = tables.map { Set($0) }.filter(second.isSubset)
  return Set(left.flatMap { one in right.map { one.intersection($0).subtracting(first).subtracting(second) } })
}

/// The tables that count by all of these attributes, and perhaps by others too.
func inner(_ attributes: Set<Attribute>, in tables: [[Attribute]]) -> Set<Set<Attribute>> {
  Set(tables.map { Set($0) }.filter(attributes.isSubset))
}
