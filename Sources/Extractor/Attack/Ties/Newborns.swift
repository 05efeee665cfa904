internal import Shared

extension Tie {
  /// Admissions of the type NEWBORN are births, so all of these patients are in the youngest age band.
  static let newborns = Tie(
    name: "newborns", sentence: "The patients of admissions of the type NEWBORN are in the youngest age band.",
    connected: (.admissionType, .ageBand)
  ) { tables, release in
    release.youngest.map { release.newborns(are: [.ageBand: $0], tables) } ?? []
  }

  /// A birth is the first admission of its patient.
  static let newbornsComeFirst = Tie(
    name: "newborns come first", sentence: "An admission of the type NEWBORN is its patient's first.",
    connected: (.admissionType, .admissionNumberBand)
  ) { tables, release in
    let (number, age) = (Attribute.admissionNumberBand, Attribute.ageBand)
    guard let first = release.number(of: "1", number) else { return [] }
    let young = release.youngest.map { release.newborns(are: [number: first, age: $0], tables) } ?? []
    return release.newborns(are: [number: first], tables) + young
  }
}

extension AttackedRelease {
  /// The youngest age band; nil if it can't be named.
  fileprivate var youngest: Int? { names[.ageBand]?.firstIndex { Band($0)?.lower == 0 } }

  /// All admissions of the type NEWBORN have the same categories of some other attributes.
  fileprivate func newborns(are categories: [Attribute: Int], _ tables: [[Attribute]]) -> [TiedCells] {
    let type = Attribute.admissionType
    guard let newborn = number(of: "NEWBORN", type) else { return [] }
    let attributes = Set(categories.keys)
    let apart = contexts(of: [type], and: attributes, in: tables).flatMap(combinations).map { cell in
      TiedCells.atMost([cell.with([type: newborn])], cell.with(categories))
    }
    let both = inner(attributes.union([type]), in: tables).flatMap(combinations).filter { cell in
      cell.categories[type] == newborn && categories.contains { cell.categories[$0] != $1 }
    }
    return apart + both.map(TiedCells.empty)
  }
}
