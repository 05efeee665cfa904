internal import Shared

extension Tie {
  /// An admission has a main diagnosis if, and only if, it has any diagnosis.
  static let missingMainDiagnosis = Tie(
    name: "missing main diagnosis",
    sentence: "The admissions without any diagnosis are those whose main diagnosis is missing.",
    connected: (.diagnosisCountBand, .mainDiagnosis)
  ) { tables, release in
    let (band, main) = (Attribute.diagnosisCountBand, Attribute.mainDiagnosis)
    guard let none = release.number(of: "0", band) else { return [] }
    let missing = release.number(of: missingCategory, main)
    guard let category = missing ?? release.others(main) else { return [] }
    var relations: [TiedCells] = []
    for cell in contexts(of: [band], and: [main], in: tables).flatMap(release.combinations) {
      let (without, unknown) = (cell.with([band: none]), cell.with([main: category]))
      relations.append(missing == nil ? .atMost([without], unknown) : .equal([without], unknown))
    }
    for cell in inner([band, main], in: tables).flatMap(release.combinations) {
      let isWithout = cell.categories[band] == none
      let mayBeWithout = cell.categories[main] == category
      if isWithout && !mayBeWithout || missing != nil && mayBeWithout && !isWithout { relations.append(.empty(cell)) }
    }
    return relations
  }
}
