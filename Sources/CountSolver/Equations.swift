/// A component's sums, written as equations, and the bounds of its unknowns. The unknowns are numbered by their place
/// in the component.
package struct Equations: Sendable {
  package let rows: [SolverRow]
  package let bounds: [ClosedRange<Int>]

  package init(rows: [SolverRow], bounds: [ClosedRange<Int>]) {
    self.rows = rows
    self.bounds = bounds
  }

  /// Whether these values are a solution: each is within its bounds, and every equation holds. Solutions are checked
  /// nowhere else, and this check uses integer arithmetic.
  ///
  /// - Parameter values: one for each unknown.
  package func isSolution(_ values: [Int]) -> Bool {
    guard values.count == bounds.count, zip(bounds, values).allSatisfy({ $0 ~= $1 }) else { return false }
    // Within the bounds, no product or sum can overflow, because no bound exceeds 2^40.
    return rows.allSatisfy { row in
      row.terms.reduce(0) { $0 + $1.coefficient * values[$1.column] } == row.right
    }
  }
}
