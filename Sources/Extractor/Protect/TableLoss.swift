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
}
