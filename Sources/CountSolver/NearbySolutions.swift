/// Finds solutions near a known one: moves one unknown by a given amount, and changes all unknowns of a part as little
/// as possible in total. The smallest change usually exchanges a few whole numbers, whereas the largest value of one
/// unknown is often reached only with fractions.
///
/// Not thread-safe.
package final class NearbySolutions<Solver: FloatingPointSolver> {
  private let equations: Equations
  private let solver: Solver
  private let places: [Int: Int]
  private let bounds: [ClosedRange<Int>]
  private let steps: Int
  private var base: [Int] = []

  /// - Parameters:
  ///   - places: the place of each unknown, by its number in the system.
  ///   - bounds: bounds for the solver, no wider than those of the equations.
  init(_ equations: Equations, _ places: [Int: Int], within bounds: [ClosedRange<Int>], steps: Int) {
    self.equations = equations
    self.places = places
    self.bounds = bounds
    self.steps = steps
    // Two columns per unknown, for its increase and its decrease. Within each sum, the changes cancel out.
    let rows = equations.rows.map { row in
      var change = SolverRow()
      for term in row.terms {
        change.terms.append((Self.up(term.column), term.coefficient))
        change.terms.append((Self.down(term.column), -term.coefficient))
      }
      return change
    }
    solver = Solver(columns: 2 * bounds.count, rows: rows)
    for column in 0..<2 * bounds.count { solver.weigh(column, 1) }
  }

  private static func up(_ place: Int) -> Int { 2 * place }
  private static func down(_ place: Int) -> Int { 2 * place + 1 }

  /// - Parameters:
  ///   - base: the known solution.
  ///   - step: how much the unknown grows; negative if it shrinks.
  /// - Returns: nil if none was found within the work limit.
  package func solution(near base: [Int], moving id: Int, by step: Int) -> [Int]? {
    guard let place = places[id], bounds[place] ~= base[place] + step else { return nil }
    if base != self.base {
      for place in bounds.indices { limitChange(place, base) }
      self.base = base
    }
    solver.limit(Self.up(place), to: max(0, step)...max(0, step))
    solver.limit(Self.down(place), to: max(0, -step)...max(0, -step))
    defer { limitChange(place, base) }
    guard let answer = solver.optimum(isLargest: false, steps: steps), answer.values.count == 2 * bounds.count else {
      return nil
    }
    let changes = bounds.indices.map { answer.values[Self.up($0)] - answer.values[Self.down($0)] }
    guard let whole = nearestIntegers(changes) else { return nil }
    let values = zip(base, whole).map { $0 &+ $1 }
    return equations.isSolution(values) ? values : nil
  }

  private func limitChange(_ place: Int, _ base: [Int]) {
    solver.limit(Self.up(place), to: 0...max(0, bounds[place].upperBound - base[place]))
    solver.limit(Self.down(place), to: 0...max(0, base[place] - bounds[place].lowerBound))
  }
}
