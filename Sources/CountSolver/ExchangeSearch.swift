/// Looks for integer solutions near a known one: some unknowns change by the same amount, up or down, so that each
/// equation holds as before. In a table, the smallest such exchange has four cells, two of them in each row and column.
///
/// Unlike a solver, this needs no optimum and never meets a fraction; most withheld cells are shown to be open in
/// microseconds. It finds only exchanges of few unknowns, and that it finds none proves nothing.
///
/// Claim: none. `Equations.isSolution` checks every solution. Not thread-safe.
package final class ExchangeSearch {
  /// The most unknowns that one exchange changes: small exchanges are looked for before larger ones.
  private static var sizes: [Int] { [4, 8, 12, 24] }
  /// The most steps after which a search for exchanges of one size is given up, and the unknowns that are tried for
  /// each equation.
  private static var mostSteps: Int { 1_000 }
  private static var mostTried: Int { 16 }

  private let equations: Equations
  private let places: [Int: Int]
  /// For each unknown, the equations that it is in.
  private let rowsOf: [[(row: Int, coefficient: Int)]]
  private let mostRows: Int
  private var values: [Int] = []
  /// By how much the changes so far break each equation, and which equations are broken.
  private var excess: [Int]
  private var broken: [Int] = []
  private var changes: [Change] = []
  private var isChanged: [Bool]
  private var steps = 0

  private struct Change {
    let column: Int
    let sign: Int
  }

  /// - Parameter places: the place of each unknown, by its number in the system.
  init(_ equations: Equations, _ places: [Int: Int]) {
    self.equations = equations
    self.places = places
    var rowsOf = [[(row: Int, coefficient: Int)]](repeating: [], count: equations.bounds.count)
    for (number, row) in equations.rows.enumerated() {
      for term in row.terms where term.coefficient != 0 { rowsOf[term.column].append((number, term.coefficient)) }
    }
    self.rowsOf = rowsOf
    mostRows = rowsOf.map(\.count).max() ?? 0
    excess = [Int](repeating: 0, count: equations.rows.count)
    isChanged = [Bool](repeating: false, count: equations.bounds.count)
  }

  /// A solution in which the unknown has moved from its value in a known one, as far as exchanges were found.
  ///
  /// - Parameters:
  ///   - base: the known solution.
  ///   - step: how much the unknown is to grow; negative if it is to shrink.
  /// - Returns: nil if it did not move.
  package func solution(near base: [Int], moving id: Int, by step: Int) -> [Int]? {
    guard let place = places[id], step != 0 else { return nil }
    values = base
    var left = abs(step)
    while left > 0, find(Change(column: place, sign: step.signum())) {
      let amount = changes.reduce(left) { min($0, room($1)) }
      for change in changes {
        values[change.column] += change.sign * amount
        isChanged[change.column] = false
      }
      changes = []
      left -= amount
    }
    return left < abs(step) && equations.isSolution(values) ? values : nil
  }

  /// How far an unknown can change in one direction.
  private func room(_ change: Change) -> Int {
    let range = equations.bounds[change.column]
    return change.sign > 0 ? range.upperBound - values[change.column] : values[change.column] - range.lowerBound
  }

  /// Searches for an exchange that begins with a change. If there is one, `changes` has it.
  private func find(_ first: Change) -> Bool {
    guard room(first) > 0 else { return false }
    make(first)
    for size in Self.sizes {
      steps = 0
      if mend(size) { return true }
    }
    undo()
    return false
  }

  private func make(_ change: Change) {
    changes.append(change)
    isChanged[change.column] = true
    for (row, coefficient) in rowsOf[change.column] { add(change.sign * coefficient, to: row) }
  }

  private func undo() {
    let change = changes.removeLast()
    isChanged[change.column] = false
    for (row, coefficient) in rowsOf[change.column] { add(-change.sign * coefficient, to: row) }
  }

  private func add(_ amount: Int, to row: Int) {
    if excess[row] == 0 { broken.append(row) }
    excess[row] += amount
    if excess[row] == 0, let place = broken.lastIndex(of: row) { broken.remove(at: place) }
  }

  /// Mends the broken equations. The one comes first that a change mends while it breaks the fewest others; among
  /// several, the one that the fewest changes can mend.
  ///
  /// - Parameter size: the most unknowns that the whole exchange changes.
  private func mend(_ size: Int) -> Bool {
    if broken.isEmpty { return true }
    steps += 1
    // Each change mends at most as many equations as an unknown is in.
    if changes.count + (broken.count + mostRows - 1) / mostRows > size || steps > Self.mostSteps { return false }
    var first = (cost: Int.max, count: Int.max, row: broken[0])
    for row in broken {
      var next = (cost: Int.max, count: 0, row: row)
      for term in equations.rows[row].terms {
        guard let change = change(row, term.column, term.coefficient) else { continue }
        next.count += 1
        next.cost = min(next.cost, cost(change))
      }
      if next.count == 0 { return false }
      if next < first { first = next }
    }
    for change in candidates(first.row) {
      make(change)
      if mend(size) { return true }
      undo()
      if steps > Self.mostSteps { return false }
    }
    return false
  }

  /// The change of an unknown that brings a broken equation nearer to holding; nil if the unknown can't change so.
  private func change(_ row: Int, _ column: Int, _ coefficient: Int) -> Change? {
    let change = Change(column: column, sign: -(excess[row] * coefficient).signum())
    return !isChanged[column] && coefficient != 0 && room(change) > 0 ? change : nil
  }

  /// How much further from holding all equations together are after a change.
  private func cost(_ change: Change) -> Int {
    var cost = 0
    for own in rowsOf[change.column] {
      cost += abs(excess[own.row] + change.sign * own.coefficient) - abs(excess[own.row])
    }
    return cost
  }

  /// The changes that bring an equation nearer to holding: first those that break the fewest others, then those with
  /// the most room.
  private func candidates(_ row: Int) -> [Change] {
    var found: [(change: Change, cost: Int, room: Int)] = []
    for term in equations.rows[row].terms {
      guard let change = change(row, term.column, term.coefficient) else { continue }
      found.append((change, cost(change), room(change)))
    }
    found.sort { ($0.cost, -$0.room, $0.change.column) < ($1.cost, -$1.room, $1.change.column) }
    return found.prefix(Self.mostTried).map(\.change)
  }
}
