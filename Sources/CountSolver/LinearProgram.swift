/// Asks a solver about one connected part of a system. Every solution returned has been checked in integers.
///
/// Not thread-safe.
package final class LinearProgram<Solver: FloatingPointSolver> {
  /// The amount of work after which a question is left open, in steps rather than seconds so that every machine gives
  /// the same answer.
  package static var mostSteps: Int { 50_000 }
  /// Parts with more unknowns than this are not searched for an optimum in integers.
  private static var mostIntegerColumns: Int { 300 }
  /// The number of search-tree nodes after which a search for an optimum in integers is given up.
  private static var mostBranches: Int { 500 }
  /// The number of search-tree nodes after which a search for any solution is given up.
  private static var mostBranchesToAny: Int { 100 }

  private let equations: Equations
  private let solver: Solver
  private let steps: Int
  /// The place of each unknown in the part.
  private let places: [Int: Int]
  /// Bounds for the solver. An unknown without an upper limit gets one far beyond every count, so it always has a
  /// largest value.
  private let bounds: [ClosedRange<Int>]
  private var isLargest = false
  /// The solver's multipliers for its last optimum.
  private var multipliers: [Double] = []

  /// Solutions near known ones; created on first use.
  package private(set) lazy var nearby = NearbySolutions<Solver>(equations, places, within: bounds, steps: steps)

  /// The same without a solver; created on first use.
  package private(set) lazy var exchanges = ExchangeSearch(equations, places)

  /// - Parameter steps: the most simplex steps for one question; with 0, exchanges are not looked for either.
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

  var isIdle: Bool { steps == 0 }

  func place(of id: Int) -> Int? { places[id] }

  /// An integer solution in which, according to the solver, the sum of some unknowns is largest or smallest.
  ///
  /// - Parameter others: unknowns to subtract from the sum.
  /// - Returns: a value for each unknown of the part; nil if no solution was found within the work limit.
  package func extreme(of ids: [Int], less others: [Int] = [], isLargest: Bool) -> [Int]? {
    self.isLargest = isLargest
    let (added, subtracted) = (ids.compactMap { places[$0] }, others.compactMap { places[$0] })
    for place in added { solver.weigh(place, 1) }
    for place in subtracted { solver.weigh(place, -1) }
    defer { for place in added + subtracted { solver.weigh(place, 0) } }
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
