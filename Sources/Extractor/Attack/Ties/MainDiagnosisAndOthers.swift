internal import Shared

extension Tie {
  /// The admissions with another diagnosis, those that have it as their main diagnosis and those without any diagnosis
  /// are different admissions.
  static let mainDiagnosisAndOthers = Tie(
    name: "main diagnosis and others", sentence: "No admission has its main diagnosis as another diagnosis too."
  ) { tables, release in
    let counted = release.tables.filter { $0.codes == [.diagnosis] && !$0.isCeiling }
    var relations: [TiedCells] = []
    for stay in release.sharedWithMain(counted.map(\.stay), tables) {
      let places = release.places(stay)
      for (code, counts) in release.publishedCounts(.diagnosis, at: places).sorted(by: { $0.key < $1.key }) {
        for place in 0..<places.count where counts[place] > 0 {
          let cell = TiedCell(places, place)
          let parts = release.without(code, .diagnosis, cell, tables)
          if !parts.isEmpty {
            relations.append(TiedCells(parts: parts, known: counts[place], wholes: [cell], isEqual: false))
          }
        }
      }
    }
    return relations
  }
}

extension AttackedRelease {
  /// The sets of attributes that tables of codes share with tables of main diagnoses or of bands.
  fileprivate func sharedWithMain(_ counted: [[Attribute]], _ tables: [[Attribute]]) -> [[Attribute]] {
    let tied = tables.filter { $0.contains(.mainDiagnosis) || $0.contains(.diagnosisCountBand) }
    let sets = tied.flatMap { table in counted.map { stay in stay.filter(Set(table).contains) } }
    return Set(sets.map { $0.filter { $0 != .mainDiagnosis && $0 != .diagnosisCountBand } }).sorted {
      $0.map(\.rawValue).joined() < $1.map(\.rawValue).joined()
    }
  }

  /// What the code of one attribute and the stays tell about each other: admissions with the code have none of the
  /// categories that exclude it.
  ///
  /// - Parameters:
  ///   - counted: the stays of the tables that count the code.
  ///   - tables: the tables of stays.
  func relations(of code: Int, _ attribute: Attribute, _ counted: [[Attribute]], _ tables: [[Attribute]]) -> [TiedCells]
  {
    guard attribute.countBand != nil else { return [] }
    var relations: [TiedCells] = []
    let contexts = inOrder(counted.flatMap { stay in [[]] + tables.map { Set(stay).intersection($0) } })
    for context in contexts {
      let places = places(context.sorted())
      for place in 0..<places.count {
        let cell = TiedCell(places, place)
        let parts = without(code, attribute, cell, tables)
        if !parts.isEmpty { relations.append(.atMost([cell.with([attribute: 1])] + parts, cell)) }
      }
    }
    return relations
  }

  /// Cells within a cell whose admissions can't have a code: those with the code as their main diagnosis, and those
  /// without any code. All are different admissions.
  fileprivate func without(
    _ code: Int, _ attribute: Attribute, _ cell: TiedCell, _ tables: [[Attribute]]
  ) -> [TiedCell] {
    func isCounted(_ attributes: Set<Attribute>) -> Bool { tables.contains { attributes.isSubset(of: $0) } }
    let stay = cell.attributes.subtracting([.mainDiagnosis])
    let bands = attribute.countBand
    let none = bands.flatMap { band in number(of: "0", band).map { (band, $0) } }
    let missing = number(of: missingCategory, .mainDiagnosis)
    if attribute == .diagnosis, let main = cell.categories[.mainDiagnosis] {
      // Who has no diagnosis has no main diagnosis: only there, the two go together.
      guard main == missing ?? others(.mainDiagnosis), let none, isCounted(stay.union([none.0])) else { return [] }
      return [TiedCell(categories: cell.categories.filter { $0.key != .mainDiagnosis }).with([none.0: none.1])]
    }
    var parts: [TiedCell] = []
    let isMainCounted = attribute == .diagnosis && isCounted(cell.attributes.union([.mainDiagnosis]))
    if isMainCounted, let main = mainDiagnosis(excluding: code) { parts.append(cell.with([.mainDiagnosis: main])) }
    if isMainCounted, let missing {
      parts.append(cell.with([.mainDiagnosis: missing]))
    } else if let none, isCounted(cell.attributes.union([none.0])) {
      parts.append(cell.with([none.0: none.1]))
    }
    return parts
  }
}
