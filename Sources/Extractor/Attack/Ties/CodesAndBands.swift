internal import Shared

extension Tie {
  /// The bands of the number of codes leave room for all codes that are published: for any number of codes, the most
  /// frequent of them have no more admissions together than the bands allow. If all codes are published, the rarest of
  /// them have as many as the bands demand (Gale 1957, Ryser 1957).
  static let codesAndBands = Tie(
    name: "codes and bands", sentence: "An admission has as many codes as its band says."
  ) { tables, release in
    var relations: [TiedCells] = []
    for attribute in Attribute.allCases {
      guard let band = attribute.countBand, tables.contains(where: { $0.contains(band) }) else { continue }
      let ends = release.ends(of: band, attribute)
      let counted = release.tables.filter { $0.codes == [attribute] && !$0.isCeiling }
      let shared = contexts(of: [band], and: [], in: tables + counted.map(\.stay))
      for stay in shared.map({ $0.sorted() }).filter({ stay in stay.isEmpty || counted.contains { $0.has(stay) } }) {
        let places = release.places(stay)
        let published = release.publishedCounts(attribute, at: places)
        let isWhole = counted.contains { $0.isWhole && $0.has(stay) }
        for place in 0..<places.count {
          let cell = TiedCell(places, place)
          let cells = ends.indices.map { cell.with([band: $0]) }
          relations += compared(published.values.map { $0[place] }, zip(cells, ends).map { ($0, $1) }, isWhole)
        }
      }
      relations += inEachBand(band, ends, attribute, counted, release)
    }
    return relations
  }

  /// The same for each band alone, from tables that count the codes by band.
  private static func inEachBand(
    _ band: Attribute, _ ends: [BandEnds], _ attribute: Attribute, _ counted: [AttackedTable],
    _ release: AttackedRelease
  ) -> [TiedCells] {
    counted.filter { $0.has([band]) }.flatMap { table in
      let places = release.places(table.stay)
      let published = release.publishedCounts(attribute, at: places)
      return (0..<places.count).flatMap { place in
        let cell = TiedCell(places, place)
        let own = cell.categories[band].map { [(cell: cell, ends: ends[$0])] } ?? []
        return compared(published.values.map { $0[place] }, own, table.isWhole)
      }
    }
  }

  private static func compared(
    _ counts: [Int], _ bands: [(cell: TiedCell, ends: BandEnds)], _ isWhole: Bool
  ) -> [TiedCells] {
    let counts = counts.filter { $0 > 0 }.sorted(by: >)
    // Beyond this number, only bands without an upper end leave more room.
    let sizes = Set((1...mostCompared).filter { $0 <= counts.count } + [counts.count])
    var relations: [TiedCells] = []
    for size in sizes.sorted() {
      let most = counts.prefix(size).reduce(0, +)
      let room = bands.flatMap { Array(repeating: $0.cell, count: min($0.ends.high, size)) }
      if size > 0 { relations.append(TiedCells(parts: [], known: most, wholes: room, isEqual: false)) }
      if isWhole {
        let need = bands.flatMap { Array(repeating: $0.cell, count: max(0, $0.ends.low - size)) }
        let rest = counts.dropFirst(size).reduce(0, +)
        if !need.isEmpty { relations.append(TiedCells(parts: need, wholes: [], knownWhole: rest, isEqual: false)) }
      }
    }
    if isWhole {
      let need = bands.flatMap { Array(repeating: $0.cell, count: $0.ends.low) }
      relations.append(TiedCells(parts: need, wholes: [], knownWhole: counts.reduce(0, +), isEqual: false))
    }
    return relations
  }

  /// The largest number of codes for which all relations are used.
  private static let mostCompared = 30
}

extension AttackedTable {
  /// Whether the table counts by all these attributes.
  fileprivate func has(_ attributes: [Attribute]) -> Bool { Set(attributes).isSubset(of: self.attributes) }
}
