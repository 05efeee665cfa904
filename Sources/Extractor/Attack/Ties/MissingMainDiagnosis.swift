internal import Shared

extension Tie {
  /// An admission has a main diagnosis exactly if it has any diagnosis.
  static let missingMainDiagnosis = Tie(
    name: "missing main diagnosis",
    sentence: "The admissions without any diagnosis are those whose main diagnosis is missing."
  ) { tables, release in
    let (band, main) = (Attribute.diagnosisCountBand, Attribute.mainDiagnosis)
    guard let none = release.number(of: "0", band) else { return [] }
    let missing = release.number(of: missingCategory, main)
    guard let category = missing ?? release.others(main) else { return [] }
    var relations: [TiedCells] = []
    for context in contexts(of: [band], and: [main], in: tables) {
      for cell in release.combinations(context) {
        let (without, unknown) = (cell.with([band: none]), cell.with([main: category]))
        relations.append(missing == nil ? .atMost([without], unknown) : .equal([without], unknown))
      }
    }
    for context in inner([band, main], in: tables) {
      for cell in release.combinations(context) where cell.categories[band] == none {
        if cell.categories[main] != category { relations.append(.empty(cell)) }
      }
      for cell in release.combinations(context) where cell.categories[main] == missing && missing != nil {
        if cell.categories[band] != none { relations.append(.empty(cell)) }
      }
    }
    return relations
  }
}
