/// Asks a solver about one connected part of a system. Every solution that it returns has been checked in integers.
///
/// Not thread-safe.
package final class LinearProgram<Solver: FloatingPointSolver> {
  /// Work after which a question stays open: steps, not seconds, so every machine gives the same answer.
  package static var mostSteps: Int { 50_000 }
  /// Larger parts are not searched for an optimum in integers.
  private static var mostIntegerColumns: Int { 300 }
  /// Nodes of the search tree after which a search for an optimum in integers is given up.
  private static var mostBranches: Int { 20_000 }
  /// The same for a search for any solution.
  private static var mostBranchesToAny: Int { 100 }

  private let equations: Equations
  private let solver: Solver
  private let steps: Int
  /// The place of each unknown in the part.
  private let places: [Int: Int]
  /// Bounds for the solver: an unknown without another limit gets one far beyond every count, so a largest value always
  /// exists.
  private let bounds: [ClosedRange<Int>]
  private var isLargest = false
  /// The solver's multipliers for its last optimum.
  private var multipliers: [Double] = []

  /// Solutions near known ones; created on first use.
  package private(set) lazy var nearby = NearbySolutions<Solver>(equations, places, within: bounds, steps: steps)

  /// - Parameter steps: the most simplex steps for one question.
  package init(_ system: CountSystem, _ component: CountSystem.Component, steps: Int = mostSteps) {
    self.steps = steps
    let largest = component.unknowns.map { system.unknowns[$0] }
      .reduce(1_000) { max($0, $1.high < CountSystem.unlimited ? $1.high : $1.low) }
    let far = 4 * component.sums.reduce(largest) { max($0, system.sums[$1].size) }
    bounds = component.unknowns.map {
      system.unknowns[$0].low...min(system.unknowns[$0].high, system.unknowns[$0].low + far)
    }
    places = component.places
    equations = system.equations(of: component)
    solver = Solver(columns: component.unknowns.count, rows: equations.rows)
    for (place, range) in bounds.enumerated() { solver.limit(place, to: range) }
  }

  /// An integer solution in which the sum of some unknowns is largest or smallest, as the solver claims.
  ///
  /// - Returns: a value for each unknown of the part; nil if no solution was found within the work limit.
  package func extreme(of ids: [Int], isLargest: Bool) -> [Int]? {
    self.isLargest = isLargest
    let objective = ids.compactMap { places[$0] }
    for place in objective { solver.weigh(place, 1) }
    defer { for place in objective { solver.weigh(place, 0) } }
    multipliers = []
    guard let answer = solver.optimum(isLargest: isLargest, steps: steps) else { return nil }
    multipliers = answer.multipliers
    if let values = nearestIntegers(answer.values) { return checked(values) }
    guard bounds.count <= Self.mostIntegerColumns else { return nil }
    return solver.integers(branches: Self.mostBranches, stopsAtFirst: false).flatMap(nearestIntegers).flatMap(checked)
  }

  /// A value that no solution goes beyond, proven from the solver's last answer.
  ///
  /// - Returns: nil if there is no proof.
  package func provenLimit(of ids: [Int]) -> Int? {
    equations.provenLimit(of: ids.compactMap { places[$0] }, isLargest: isLargest, multipliers)
  }

  /// Any solution with the unknown within the limits; nil if none was found.
  package func anySolution(with id: Int, atLeast low: Int, atMost high: Int?) -> [Int]? {
    guard let place = places[id] else { return nil }
    let lower = max(low, bounds[place].lowerBound)
    let upper = min(high ?? bounds[place].upperBound, bounds[place].upperBound)
    guard lower <= upper else { return nil }
    solver.limit(place, to: lower...upper)
    defer { solver.limit(place, to: bounds[place]) }
    guard let answer = solver.optimum(isLargest: isLargest, steps: steps) else { return nil }
    if let values = nearestIntegers(answer.values) { return checked(values) }
    return solver.integers(branches: Self.mostBranchesToAny, stopsAtFirst: true).flatMap(nearestIntegers).flatMap(
      checked)
  }

  private func checked(_ values: [Int]) -> [Int]? { equations.isSolution(values) ? values : nil }
}
