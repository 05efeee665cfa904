internal import Shared

/// Complementary suppression: withholds published cells until the attack on the whole release fails.
///
/// Claim: afterwards `attack` exposes no cell. Of the cells that could help, one that costs few admissions is drawn
/// with the site's secret, so the same counts and the same secret always give the same release. If a round leaves as
/// many exposures as before, the next round withholds twice as many cells for each. The work therefore ends, and
/// anything that can't be shown in time to be hidden is withheld.
///
/// - Parameters:
///   - release: the release with the true counts.
///   - draw: what the secret draws for the cells of the release.
///   - known: what earlier releases tell, if records only accumulate.
///   - threads: how many threads to use; the result doesn't depend on this number.
///   - progress: shows how far the attack has come.
/// - Returns: the cells of the tally that were withheld, and the withheld cells with the narrowest bounds.
/// - Throws: status 77 if no cell is left to withhold; status 70 if the counts contradict each other.
func withholdMore(
  _ release: AttackedRelease, _ draw: CellDraw, knowing known: KnownSums, threads: Int, _ progress: AttackProgress
) throws(CloisterError) -> (cells: Set<CellReference>, narrowest: [Findings.BoundedCell]) {
  var release = release
  var draw = draw
  var withheld: Set<CellReference> = []
  let solutions = KnownSolutions()
  var atOnce = 1
  var before = Int.max
  while true {
    progress.round += 1
    guard let findings = attack(release, knowing: known, after: solutions, threads: threads, progress) else {
      throw CloisterError(
        .internalError, "the counts of different tables contradict each other; nothing was written",
        hint: "this is a fault of the program: report it with the policy file, but without data")
    }
    let exposures = findings.exposures
    if exposures.isEmpty { return (withheld, findings.narrowest) }
    atOnce = exposures.count < before ? 1 : atOnce * 2
    before = exposures.count
    let chosen = release.remedies(of: exposures, atOnce, &draw)
    if chosen.isEmpty {
      throw CloisterError(
        .releaseRefused, "no release of these tables withstands the attack",
        hint: "release fewer tables that share attributes, or use a larger cohort")
    }
    for cell in chosen { release.withhold(cell) }
    withheld.formUnion(chosen.map(release.inTally))
  }
}

extension AttackedRelease {
  /// The cells to withhold next.
  ///
  /// - Parameter count: how many cells to withhold at once for an exposure.
  fileprivate func remedies(of exposures: [Exposure], _ count: Int, _ draw: inout CellDraw) -> Set<CellReference> {
    var chosen: Set<CellReference> = []
    for exposure in exposures {
      // A cell chosen for another exposure may be enough for this one too.
      if exposure.remedies.all.contains(where: { chosen.contains($0.cell) }) { continue }
      let beside = drawn(exposure.remedies.beside, count, &draw)
      chosen.formUnion(beside.isEmpty ? drawn(exposure.remedies.above, count, &draw) : beside)
    }
    return chosen.isEmpty ? Set(lastResort(count, &draw)) : chosen
  }

  /// The first cells, in the order that the secret draws, of those that can be withheld.
  private func drawn(_ remedies: [Remedies.Remedy], _ count: Int, _ draw: inout CellDraw) -> [CellReference] {
    let ordered = remedies.filter { canWithhold($0.cell) }.map { remedy in
      (cell: remedy.cell, order: draw.order(inTally(remedy.cell), cost: remedy.cost, minimum: minimumPatients))
    }
    return ordered.sorted { ($0.order, $0.cell.table, $0.cell.cell) < ($1.order, $1.cell.table, $1.cell.cell) }
      .prefix(count).map(\.cell)
  }

  /// The smallest published cells of all tables, if no cell of the exposures' own sums is left.
  private func lastResort(_ count: Int, _ draw: inout CellDraw) -> [CellReference] {
    drawn(
      tables.indices.flatMap { table in
        tables[table].cells.indices.filter { tables[table].cells[$0].isPublished }.map { cell in
          Remedies.Remedy(
            cell: CellReference(table: table, cell: cell), cost: tables[table].cells[cell].admissions)
        }
      }, count, &draw)
  }

  /// The cell's place in the tally.
  fileprivate func inTally(_ cell: CellReference) -> CellReference {
    guard let source = self[cell].source else {
      preconditionFailure("only a nonempty cell is withheld to protect another")
    }
    return CellReference(table: cell.table, cell: source)
  }

  fileprivate mutating func withhold(_ cell: CellReference) {
    tables[cell.table].cells[cell.cell].isPublished = false
    tables[cell.table].isWhole = false
    var table = tables[cell.table]
    noteTop(of: &table)
    tables[cell.table] = table
  }
}
