/// A floating-point solver of linear programs, with bounded columns and with rows that must equal a number.
///
/// Claim: none. Its answers are only hints. In integers, `Equations.isSolution` checks every solution and
/// `Equations.provenLimit` proves every bound. Not thread-safe.
package protocol FloatingPointSolver: AnyObject {
  /// - Parameters:
  ///   - columns: the number of columns. Each column is an integer whose bounds are set later.
  ///   - rows: the equations.
  init(columns: Int, rows: [SolverRow])

  /// Sets the bounds of a column.
  func limit(_ column: Int, to bounds: ClosedRange<Int>)

  /// Sets a column's coefficient in the objective; initially 0.
  func weigh(_ column: Int, _ coefficient: Int)

  /// Solves the linear program, starting from the last basis if there is one.
  ///
  /// - Parameter steps: the largest number of simplex steps.
  /// - Returns: nil unless the solver claims an optimum.
  func optimum(isLargest: Bool, steps: Int) -> SolverAnswer?

  /// Searches for an optimum in integers, starting from the last optimum of the linear program.
  ///
  /// - Parameters:
  ///   - branches: the largest number of nodes of the search tree.
  ///   - stopsAtFirst: whether any solution in integers will do.
  /// - Returns: the values of the columns; nil unless the solver claims a solution.
  func integers(branches: Int, stopsAtFirst: Bool) -> [Double]?
}

/// One equation: the terms add up to the right side.
package struct SolverRow: Equatable, Sendable {
  package var terms: [(column: Int, coefficient: Int)] = []
  package var right = 0

  package init(right: Int = 0) { self.right = right }

  package static func == (left: SolverRow, right: SolverRow) -> Bool {
    left.right == right.right && left.terms.elementsEqual(right.terms, by: ==)
  }
}

/// What a solver claims about a linear program.
package struct SolverAnswer: Sendable {
  /// The value of each column.
  package let values: [Double]
  /// The multiplier of each row, from which a bound on the objective can be proven.
  package let multipliers: [Double]

  package init(values: [Double], multipliers: [Double]) {
    self.values = values
    self.multipliers = multipliers
  }
}

/// Floating-point values as integers.
///
/// - Returns: nil if a value is not within a millionth of an integer, or does not fit into `Int`. The integers need not
///   be a solution: see `Equations.isSolution`.
func nearestIntegers(_ values: [Double]) -> [Int]? {
  var integers: [Int] = []
  integers.reserveCapacity(values.count)
  for value in values {
    guard abs(value - value.rounded()) < 1e-6, let integer = Int(exactly: value.rounded()) else { return nil }
    integers.append(integer)
  }
  return integers
}
