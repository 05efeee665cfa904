internal import Shared

extension Tie {
  /// The admissions with a code that a table doesn't publish by stay are in the stays of its withheld cells. So the
  /// stays of its published cells, and those that exclude the code, leave room for them.
  static let codesAndStays = Tie(
    name: "codes and stays", sentence: "Every admission with a code is an admission of its stay."
  ) { tables, release in
    var relations: [TiedCells] = []
    for (number, table) in release.tables.enumerated() where !table.codes.isEmpty && !table.isCeiling {
      guard !table.stay.isEmpty, tables.contains(where: { Set(table.stay).isSubset(of: $0) }) else { continue }
      for (stay, fewest) in release.fewest(of: number) { relations += release.rests(of: table, at: stay, fewest) }
    }
    return relations
  }
}

/// A code, or a combination of codes, and a place.
private struct CodeAtPlace: Hashable {
  let code: Int
  let place: Int
}

extension AttackedRelease {
  /// The fewest admissions with each code of a table, counted by some of the table's attributes, as far as any other
  /// table with the code tells.
  ///
  /// - Returns: for each set of attributes, always in the same order.
  fileprivate func fewest(of number: Int) -> [(stay: [Attribute], fewest: [CodeAtPlace: Int])] {
    let table = tables[number]
    var fewest: [[Attribute]: [CodeAtPlace: Int]] = [:]
    for (other, margin) in tables.enumerated() where other != number && !margin.isCeiling {
      let stay = margin.stay.filter(table.stay.contains)
      guard Set(table.codes).isSubset(of: margin.codes), stay.count < table.stay.count else { continue }
      // Rounded counts leave room, and all relations together take minutes to solve.
      if roundTo != nil, margin.codes != table.codes || stay.count < margin.stay.count { continue }
      for (key, count) in counts(of: margin, table.codes, stay) {
        fewest[stay, default: [:]][key] = max(fewest[stay]?[key] ?? 0, count)
      }
    }
    return fewest.sorted { byteOrder($0.key.map(\.rawValue), $1.key.map(\.rawValue)) }.map { ($0.key, $0.value) }
  }

  /// The fewest admissions with codes of some attributes at places of a stay, as far as one table tells. Of the other
  /// codes that the table counts by, each alone gives a lower bound.
  private func counts(of table: AttackedTable, _ codes: [Attribute], _ stay: [Attribute]) -> [CodeAtPlace: Int] {
    let places = self.places(stay)
    let targets = self.places(table.stay).projection(to: places)
    let (all, some) = (codeNames(table.codes), codeNames(codes))
    let axes = codes.map { table.codes.firstIndex(of: $0) ?? 0 }
    var sums: [CodeAtPlace: Int] = [:]
    for cell in table.cells where cell.isPublished && cell.admissions > 0 {
      sums[CodeAtPlace(code: cell.code, place: targets[cell.stay]), default: 0] += shown(cell).low
    }
    if table.codes == codes { return sums }
    var fewest: [CodeAtPlace: Int] = [:]
    for (key, sum) in sums {
      let categories = all.categories(key.code)
      let code = CodeAtPlace(code: some.place(axes.map { categories[$0] }), place: key.place)
      fewest[code] = max(fewest[code] ?? 0, sum)
    }
    return fewest
  }

  /// For each known count of a code, what the table that has more attributes doesn't publish of it.
  fileprivate func rests(
    of table: AttackedTable, at stay: [Attribute], _ fewest: [CodeAtPlace: Int]
  ) -> [TiedCells] {
    let shown = Dictionary(grouping: table.cells.filter(\.isPublished), by: \.code)
    let (places, margin) = (self.places(table.stay), self.places(stay))
    let targets = places.projection(to: margin)
    let ofMain = placesOfMain(table, places)
    let missing = number(of: missingCategory, .mainDiagnosis)
    return fewest.sorted { ($0.key.code, $0.key.place) < ($1.key.code, $1.key.place) }.compactMap { key, count in
      let parts = (shown[key.code] ?? []).filter { targets[$0.stay] == key.place }
      let rest = count - parts.reduce(0) { $0 + self.shown($1).high }
      if rest <= 0 { return nil }
      let mains = ofMain.isEmpty ? [] : [mainDiagnosis(excluding: key.code), missing].compactMap { $0 }
      let impossible = mains.flatMap { ofMain[$0] ?? [] }.filter { targets[$0] == key.place }
      let excluded = Set(parts.map(\.stay)).union(impossible).sorted()
      if excluded.isEmpty { return nil }
      return TiedCells(
        parts: excluded.map { TiedCell(places, $0) }, known: rest, wholes: [TiedCell(margin, key.place)],
        isEqual: false)
    }
  }

  /// The places of each main diagnosis, for tables of other diagnoses by main diagnosis: some of these exclude each
  /// other.
  private func placesOfMain(_ table: AttackedTable, _ places: Places) -> [Int: [Int]] {
    guard table.codes == [.diagnosis], let axis = places.attributes.firstIndex(of: .mainDiagnosis) else { return [:] }
    return Dictionary(grouping: 0..<places.count) { places.categories($0)[axis] }
  }
}
