internal import Shared

extension Tie {
  /// The admissions with a code that a table doesn't publish by stay are in the stays of its withheld cells. So the
  /// stays of its published cells, and those that exclude the code, leave room for them.
  static let codesAndStays = Tie(
    name: "codes and stays", sentence: "Every admission with a code is an admission of its stay."
  ) { tables, release in
    var relations: [TiedCells] = []
    for table in release.tables where table.codes.count == 1 && !table.isCeiling && !table.stay.isEmpty {
      guard tables.contains(where: { Set(table.stay).isSubset(of: $0) }) else { continue }
      let places = release.places(table.stay)
      for margin in release.tables where margin.codes == table.codes && !margin.isCeiling {
        guard Set(margin.stay).isStrictSubset(of: table.stay) else { continue }
        let targets = places.projection(to: release.places(margin.stay))
        relations += release.rests(of: table, places, below: margin, targets)
      }
    }
    return relations
  }
}

extension AttackedRelease {
  /// For each published count of a code, what the table that has more attributes doesn't publish of it.
  fileprivate func rests(
    of table: AttackedTable, _ places: Places, below margin: AttackedTable, _ targets: [Int]
  ) -> [TiedCells] {
    let shown = Dictionary(grouping: table.cells.filter(\.isPublished), by: \.code)
    let marginPlaces = self.places(margin.stay)
    let ofMain = placesOfMain(table, places)
    let missing = number(of: missingCategory, .mainDiagnosis)
    return margin.cells.filter { $0.isPublished && $0.admissions > 0 }.compactMap { whole in
      let parts = (shown[whole.code] ?? []).filter { targets[$0.stay] == whole.stay }
      let rest = self.shown(whole).low - parts.reduce(0) { $0 + self.shown($1).high }
      if rest <= 0 { return nil }
      let mains = ofMain.isEmpty ? [] : [mainDiagnosis(excluding: whole.code), missing].compactMap { $0 }
      let impossible = mains.flatMap { ofMain[$0] ?? [] }.filter { targets[$0] == whole.stay }
      let excluded = Set(parts.map(\.stay)).union(impossible).sorted()
      if excluded.isEmpty { return nil }
      return TiedCells(
        parts: excluded.map { TiedCell(places, $0) }, known: rest, wholes: [TiedCell(marginPlaces, whole.stay)],
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
