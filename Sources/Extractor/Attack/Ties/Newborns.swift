internal import Shared

extension Tie {
  /// Admissions of the type NEWBORN are births, so all of these patients are in the youngest age band.
  static let newborns = Tie(
    name: "newborns", sentence: "The patients of admissions of the type NEWBORN are in the youngest age band.",
    connected: (.admissionType, .ageBand)
  ) { tables, release in
    release.newborns(are: release.names[.ageBand]?.firstIndex { Band($0)?.lower == 0 }, .ageBand, tables)
  }

  /// A birth is the first admission of its patient.
  static let newbornsComeFirst = Tie(
    name: "newborns come first", sentence: "An admission of the type NEWBORN is its patient's first.",
    connected: (.admissionType, .admissionNumberBand)
  ) { tables, release in
    release.newborns(are: release.number(of: "1", .admissionNumberBand), .admissionNumberBand, tables)
  }
}

extension AttackedRelease {
  /// All admissions of the type NEWBORN have one category of another attribute.
  fileprivate func newborns(are category: Int?, _ attribute: Attribute, _ tables: [[Attribute]]) -> [TiedCells] {
    let type = Attribute.admissionType
    guard let category, let newborn = number(of: "NEWBORN", type) else { return [] }
    let apart = contexts(of: [type], and: [attribute], in: tables).flatMap(combinations).map { cell in
      TiedCells.atMost([cell.with([type: newborn])], cell.with([attribute: category]))
    }
    let both = inner([type, attribute], in: tables).flatMap(combinations)
      .filter { $0.categories[type] == newborn && $0.categories[attribute] != category }
    return apart + both.map(TiedCells.empty)
  }
}
