internal import Shared

/// Cells with k patients or a little more that are withheld so that nobody can tell that a withheld cell has fewer.
///
/// The site's secret draws them from the tables whose cells add up to counts of other tables. It draws more of them
/// where a sum tells an outsider nearly all about its withheld cells, once they know that each has fewer than k
/// patients: two such cells that have 2(k - 1) admissions together have k - 1 each.
///
/// - Parameter verdicts: one for each cell of the table.
/// - Returns: the numbers of the cells.
func cellsNearTheMinimum(
  _ tally: Tally, _ table: Int, _ verdicts: [Verdict], _ draw: CellDraw, _ protection: Policy.Protection
) -> [Int] {
  let cells = tally.tables[table].cells
  let sums = tally.sums(of: table)
  guard !sums.isEmpty else { return [] }
  var withheld = sums.map { _ in [SIMD4<UInt32>: SmallCells]() }
  for (cell, verdict) in zip(cells, verdicts) {
    guard case .withhold(let reason) = verdict else { continue }
    for (number, axes) in sums.enumerated() {
      withheld[number][cell.ids.keeping(axes), default: SmallCells()].add(cell.admissions, reason)
    }
  }
  return cells.indices.filter { number in
    guard verdicts[number] == .publish else { return false }
    let isTold = zip(sums, withheld).contains { axes, withheld in
      withheld[cells[number].ids.keeping(axes)]?.areTold(minimum: protection.minimumPatients) ?? false
    }
    let cell = CellReference(table: table, cell: number)
    return draw.isBelowItsMinimum(cell, protection, chance: isTold ? 1 / 2 : 1 / 16)
  }
}

/// The withheld cells of a sum.
private struct SmallCells {
  private var count = 0
  private var admissions = 0
  private var areAllSmall = true

  mutating func add(_ admissions: Int, _ reason: Verdict.Reason) {
    count += 1
    self.admissions += admissions
    if reason != .tooFewPatients { areAllSmall = false }
  }

  /// Whether knowing that each cell has fewer than `minimum` admissions bounds one of them from below.
  func areTold(minimum: Int) -> Bool { areAllSmall && admissions > (count - 1) * (minimum - 1) }
}

extension Tally {
  /// The sets of axes by which a table's cells add up to counts of another table; each set occurs once.
  fileprivate func sums(of table: Int) -> [[Int]] {
    let own = tables[table].request.attributes
    let codes = Set(own.filter(\.isMultiValued))
    var sums: [[Int]] = []
    for other in tables.indices where other != table {
      let attributes = Set(tables[other].request.attributes)
      let axes = own.indices.filter { attributes.contains(own[$0]) }
      guard attributes.filter(\.isMultiValued) == codes, !axes.isEmpty, axes.count < own.count else { continue }
      if !sums.contains(axes) { sums.append(axes) }
    }
    return sums
  }
}

extension SIMD4<UInt32> {
  /// The numbers of some axes; all others are 0.
  fileprivate func keeping(_ axes: [Int]) -> Self {
    var kept = Self()
    for axis in axes { kept[axis] = self[axis] }
    return kept
  }
}
