internal import Shared

/// Complementary suppression: withholds published cells until the attack on the whole release fails.
///
/// Claim: afterwards `attack` exposes no cell. Of the cells that could help, the one with the fewest admissions goes; ties go by
/// table and place, so that the same counts always give the same release. Where that leaves as many exposures as before, twice as many
/// go at once the next time, so that the work ends: what can't be shown to be hidden in time is withheld.
///
/// - Parameter release: with the truth.
/// - Returns: the cells that were withheld.
/// - Throws: status 77 where nothing that could be withheld helps; status 70 where the counts contradict each other.
func withholdMore(_ release: AttackedRelease) throws(CloisterError) -> Set<CellReference> {
  var release = release
  var withheld: Set<CellReference> = []
  let solutions = KnownSolutions()
  var atOnce = 1
  var before = Int.max
  while true {
    guard let exposures = attack(release, after: solutions)?.exposures else {
      throw CloisterError(
        .internalError, "the counts of different tables contradict each other; nothing was written",
        hint: "this is a fault of the program: please report it with the policy file, not with data")
    }
    if exposures.isEmpty { return withheld }
    atOnce = exposures.count < before ? 1 : atOnce * 2
    before = exposures.count
    let chosen = release.remedies(of: exposures, atOnce)
    if chosen.isEmpty {
      throw CloisterError(
        .releaseRefused, "no release of these tables withstands the attack",
        hint: "release fewer tables that share attributes, or a larger cohort")
    }
    for cell in chosen { release.withhold(cell) }
    withheld.formUnion(chosen)
  }
}

extension AttackedRelease {
  /// The cells to withhold next.
  ///
  /// - Parameter count: how many an exposure may cost at once.
  fileprivate func remedies(of exposures: [Exposure], _ count: Int) -> Set<CellReference> {
    var chosen: Set<CellReference> = []
    for exposure in exposures {
      // What another exposure chose may be enough for this one too.
      if exposure.remedies.all.contains(where: { chosen.contains($0.cell) }) { continue }
      let beside = cheapest(exposure.remedies.beside, count)
      chosen.formUnion(beside.isEmpty ? cheapest(exposure.remedies.above, count) : beside)
    }
    return chosen.isEmpty ? Set(lastResort(count)) : chosen
  }

  /// The cells that cost least and are not empty.
  private func cheapest(_ remedies: [Remedies.Remedy], _ count: Int) -> [CellReference] {
    let cells = remedies.filter { canWithhold($0.cell) }
      .sorted { ($0.cost, $0.cell.table, $0.cell.cell) < ($1.cost, $1.cell.table, $1.cell.cell) }
    return cells.prefix(count).map(\.cell)
  }

  /// Where no cell of an exposure's own sums is left: the smallest published cells of all.
  private func lastResort(_ count: Int) -> [CellReference] {
    cheapest(
      tables.indices.flatMap { table in
        tables[table].cells.indices.filter { tables[table].cells[$0].isPublished }.map { cell in
          Remedies.Remedy(
            cell: CellReference(table: table, cell: cell), cost: tables[table].cells[cell].admissions)
        }
      }, count)
  }

  fileprivate mutating func withhold(_ cell: CellReference) {
    tables[cell.table].cells[cell.cell].isPublished = false
    tables[cell.table].isWhole = false
  }
}
