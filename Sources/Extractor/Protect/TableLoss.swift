/// How much of one table is withheld.
struct TableLoss: Equatable, Sendable {
  let table: String
  let publishedCells: Int
  let cellsBeyondTop: Int
  let smallCells: Int
  /// Cells in which one patient has more than half of the admissions.
  let dominatedCells: Int
  /// Cells with a code that some patients lack, but fewer than the policy's minimum.
  let nearlyAllCells: Int
  /// Cells withheld to protect others: complementary suppression.
  let complementaryCells: Int
  /// Cells whose count was told before and has changed too little.
  let changedCells: Int
  /// Admissions in published cells as a share of those in all cells, 0 to 1; nil for a table without admissions.
  let publishedShare: Double?
  /// The same share, for the cells withheld for each reason.
  var withheldShares: [Verdict.Reason: Double] = [:]
  /// The withheld cells with the most admissions, the largest first.
  var largestWithheld: [WithheldCell] = []
}

/// A cell that would not leave.
struct WithheldCell: Equatable, Sendable {
  let key: [String]
  let admissions: Int
  let patients: Int
  let reason: Verdict.Reason

  /// The withheld cells of a table with the most admissions, at most 100 of them.
  static func largest(of table: TalliedTable, _ verdicts: [Verdict]) -> [WithheldCell] {
    let most = 100
    var kept: [(cell: Int, reason: Verdict.Reason)] = []
    var least = 0
    func shorten() {
      kept.sort { (-table.cells[$0.cell].admissions, $0.cell) < (-table.cells[$1.cell].admissions, $1.cell) }
      kept.removeSubrange(min(most, kept.count)...)
      if kept.count == most { least = table.cells[kept[most - 1].cell].admissions }
    }
    for (cell, verdict) in verdicts.enumerated() {
      guard case .withhold(let reason) = verdict, table.cells[cell].admissions > least else { continue }
      kept.append((cell, reason))
      if kept.count == 4 * most { shorten() }
    }
    shorten()
    return kept.map { number, reason in
      let cell = table.cells[number]
      return WithheldCell(
        key: table.key(cell), admissions: cell.admissions, patients: cell.patients, reason: reason)
    }
  }
}
