internal import Shared

/// Complementary suppression: withholds published cells until the attack on the whole release fails.
///
/// Claim: afterwards `attack` exposes no cell. Of the cells that could help, the one that costs the fewest admissions
/// is withheld. Ties are broken by table and place, so the same counts always give the same release. If a round leaves
/// as many exposures as before, the next round withholds twice as many cells for each. The work therefore ends, and
/// anything that can't be shown in time to be hidden is withheld.
///
/// - Parameter release: the release with the true counts.
/// - Returns: the cells that were withheld.
/// - Throws: status 77 if no cell is left to withhold; status 70 if the counts contradict each other.
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
        hint: "this is a fault of the program: report it with the policy file, but without data")
    }
    if exposures.isEmpty { return withheld }
    atOnce = exposures.count < before ? 1 : atOnce * 2
    before = exposures.count
    let chosen = release.remedies(of: exposures, atOnce)
    if chosen.isEmpty {
      throw CloisterError(
        .releaseRefused, "no release of these tables withstands the attack",
        hint: "release fewer tables that share attributes, or use a larger cohort")
    }
    for cell in chosen { release.withhold(cell) }
    withheld.formUnion(chosen)
  }
}

extension AttackedRelease {
  /// The cells to withhold next.
  ///
  /// - Parameter count: how many cells to withhold at once for an exposure.
  fileprivate func remedies(of exposures: [Exposure], _ count: Int) -> Set<CellReference> {
    var chosen: Set<CellReference> = []
    for exposure in exposures {
      // A cell chosen for another exposure may be enough for this one too.
      if exposure.remedies.all.contains(where: { chosen.contains($0.cell) }) { continue }
      let beside = cheapest(exposure.remedies.beside, count)
      chosen.formUnion(beside.isEmpty ? cheapest(exposure.remedies.above, count) : beside)
    }
    return chosen.isEmpty ? Set(lastResort(count)) : chosen
  }

  /// The cheapest of the cells that can be withheld.
  private func cheapest(_ remedies: [Remedies.Remedy], _ count: Int) -> [CellReference] {
    let cells = remedies.filter { canWithhold($0.cell) }
      .sorted { ($0.cost, $0.cell.table, $0.cell.cell) < ($1.cost, $1.cell.table, $1.cell.cell) }
    return cells.prefix(count).map(\.cell)
  }

  /// The smallest published cells of all tables, if no cell of the exposures' own sums is left.
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
    tables[cell.table].noteTop(shown)
  }
}
