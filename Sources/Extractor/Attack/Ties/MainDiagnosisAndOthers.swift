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

  /// What pairs of another diagnosis and a code of another kind tell, with main diagnoses: the admissions with both
  /// have neither that diagnosis nor none as their main diagnosis.
  ///
  /// - Parameters:
  ///   - codes: the codes in question.
  ///   - stays: the stays of the tables that count all of them.
  func relations(ofPairsWith codes: [Attribute: Int], stays: [[Attribute]]) -> [TiedCells] {
    relationsWithoutCodes(codes, stays) + relationsOfMain(ofPairsWith: codes, stays)
  }

  /// Who has no code of a kind has none of a pair either.
  private func relationsWithoutCodes(_ codes: [Attribute: Int], _ stays: [[Attribute]]) -> [TiedCells] {
    if codes.count == 1 { return [] }
    return Attribute.allCases.filter { codes[$0] != nil }.flatMap { attribute -> [TiedCells] in
      guard let band = attribute.countBand else { return [] }
      let ends = ends(of: band, attribute)
      return inOrder(stays.map { Set($0) }.filter { $0.contains(band) }).flatMap(combinations).filter {
        $0.categories[band].map { ends[$0].high == 0 } ?? false
      }.map { .empty($0.with(codes.mapValues { _ in 1 })) }
    }
  }

  private func relationsOfMain(ofPairsWith codes: [Attribute: Int], _ stays: [[Attribute]]) -> [TiedCells] {
    let byMain = stays.filter { $0.contains(.mainDiagnosis) }
    if byMain.isEmpty { return [] }
    let missing = number(of: missingCategory, .mainDiagnosis)
    let with = codes.mapValues { _ in 1 }
    if let diagnosis = codes[.diagnosis] {
      let mains = [mainDiagnosis(excluding: diagnosis), missing].compactMap { $0 }
      if codes.count == 1 { return [] }
      return byMain.flatMap { combinations(Set($0)) }.filter {
        $0.categories[.mainDiagnosis].map(mains.contains) ?? false
      }
      .map { .empty($0.with(with)) }
    }
    let pairs = Attribute.allCases.filter { $0 == .diagnosis || codes[$0] != nil }
    return tables.filter { $0.codes == pairs && !$0.stay.contains(.mainDiagnosis) }.flatMap { table in
      let names = codeNames(table.codes)
      let isCounted = byMain.contains { Set(table.stay).isSubset(of: $0) }
      return table.cells.filter { $0.isPublished && isCounted }.compactMap { pair -> TiedCells? in
        let numbers = Dictionary(uniqueKeysWithValues: zip(pairs, names.categories(pair.code)))
        guard codes.allSatisfy({ numbers[$0] == $1 }), let diagnosis = numbers[.diagnosis] else { return nil }
        let cell = TiedCell(places(table.stay), pair.stay).with(with)
        let parts = [mainDiagnosis(excluding: diagnosis), missing].compactMap { $0 }
          .map { cell.with([.mainDiagnosis: $0]) }
        if parts.isEmpty { return nil }
        return TiedCells(parts: parts, known: shown(pair).low, wholes: [cell], isEqual: false)
      }
    }
  }

  /// The codes for which the relations of `relations(ofPairsWith:stays:)` leave so little room that moving them between
  /// admissions could break one.
  func codesTiedByPairs(_ attribute: Attribute) -> Set<Int> {
    guard let profiles, profiles.tell([.mainDiagnosis]), size(.mainDiagnosis) > 0 else { return [] }
    let missing = number(of: missingCategory, .mainDiagnosis)
    var tied: Set<Int> = []
    for table in tables where table.codes.contains(.diagnosis) && table.codes.contains(attribute) {
      guard table.codes.count == 2, profiles.tell(table.stay), !table.stay.contains(.mainDiagnosis) else { continue }
      let (names, places) = (codeNames(table.codes), places((table.stay + [.mainDiagnosis]).sorted()))
      let targets = profiles.places(places)
      var counts: [Int: [Int]] = [:]
      for pair in table.cells where pair.isPublished {
        let numbers = Dictionary(uniqueKeysWithValues: zip(table.codes, names.categories(pair.code)))
        guard let code = numbers[attribute], let diagnosis = numbers[.diagnosis], !tied.contains(code) else { continue }
        let own =
          counts[code]
          ?? profiles.counts(attribute, code).reduce(
            into: Array(repeating: 0, count: places.count)
          ) { $0[targets[$1.key]] += $1.value }
        counts[code] = own
        let cell = TiedCell(self.places(table.stay), pair.stay)
        let impossible = [mainDiagnosis(excluding: diagnosis), missing].compactMap { $0 }
        let room = (0..<size(.mainDiagnosis)).filter { !impossible.contains($0) }.reduce(-shown(pair).low) {
          sum, main in
          let whole = cell.with([.mainDiagnosis: main])
          return sum + own[places.place(places.attributes.map { whole.categories[$0] ?? 0 })]
        }
        // Hiding a count takes k - 1 admissions, and others that make up for them elsewhere.
        if room < 4 * minimumPatients { tied.insert(code) }
      }
    }
    return tied
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
    // In band 0, everybody is without the code; in another band, nobody is known to be.
    if let none, let band = cell.categories[none.0] { return band == none.1 ? [cell] : [] }
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
