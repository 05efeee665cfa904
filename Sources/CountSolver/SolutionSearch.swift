/// For each unknown in question, looks for two integer solutions in which its values are far enough apart. Two
/// solutions like these prove that nobody can bound the unknown more closely. Every solution found is used for all
/// unknowns.
package struct SolutionSearch<Solver: FloatingPointSolver> {
  private let program: LinearProgram<Solver>
  private let unknowns: [Int]
  private let gap: Int
  /// For each unknown, the smallest and the largest value seen in any solution.
  package private(set) var seen: [Int: (low: Int, high: Int)] = [:]
  /// For each unknown whose values are not far enough apart, the limits that no solution goes beyond, if both limits
  /// are proven.
  package private(set) var proven: [Int: (low: Int, high: Int)] = [:]
  /// The last solution found, with all its values.
  private var last: [Int]?
  /// The unknowns for which exchanges were looked for.
  private var exchanged: Set<Int> = []
  /// How many searches for exchanges in a row were of no use; after many, none is tried any more.
  private var misses = 0
  private static var mostMisses: Int { 20 }

  /// - Parameters:
  ///   - gap: how far apart the smallest and the largest value must be.
  ///   - truth: a solution that is known beforehand.
  package init(_ program: LinearProgram<Solver>, _ unknowns: [Int], gap: Int, truth: [Int]?) {
    last = truth
    self.program = program
    self.unknowns = unknowns
    self.gap = gap
  }

  /// Notes that the unknown has this value in some solution.
  package mutating func see(_ id: Int, _ value: Int) {
    let range = seen[id] ?? (value, value)
    seen[id] = (min(range.low, value), max(range.high, value))
  }

  private func isFarApart(_ id: Int) -> Bool { seen[id].map { $0.high - $0.low >= gap } ?? false }

  private mutating func see(_ values: [Int]) {
    last = values
    for (id, value) in zip(unknowns, values) { see(id, value) }
  }

  /// Exchanges unknowns in the known solution. Then maximizes and minimizes the sum of all unknowns whose values are
  /// not yet far enough apart, then the difference between two halves of them, and so on with other halves. One such
  /// answer settles many unknowns at once. Ends when answers hardly help.
  package mutating func spread(_ asked: [Int]) {
    var close = asked.filter { !isFarApart($0) && !exchange($0) }
    var halves = Halves()
    var isWhole = true
    var attempts = 0
    while close.count > 1, attempts < 4 {
      let before = close.count
      let more = isWhole ? close : close.filter { _ in halves.next() }
      let less = isWhole ? [] : Array(Set(close).subtracting(more)).sorted()
      for isLargest in [true, false] {
        if let values = program.extreme(of: more, less: less, isLargest: isLargest) { see(values) }
      }
      close = close.filter { !isFarApart($0) }
      if isWhole { isWhole = close.count * 4 <= before * 3 } else if before - close.count < 4 { attempts += 1 }
    }
  }

  /// Searches for two solutions in which the unknown's values are far enough apart, or else for its exact bounds.
  ///
  /// - Returns: false if the search found neither within the work limit.
  package mutating func settle(_ id: Int) -> Bool {
    if isFarApart(id) || exchange(id) || stepAway(id) { return true }
    var isExact = true
    var limits: [Int?] = []
    for isLargest in [true, false] where !isFarApart(id) {
      if let values = program.extreme(of: [id], isLargest: isLargest) { see(values) }
      let limit = program.provenLimit(of: [id])
      limits.append(limit)
      if limit == nil || limit != seen[id].map({ isLargest ? $0.high : $0.low }) { isExact = false }
    }
    if limits.count == 2, let high = limits[0], let low = limits[1] { proven[id] = (low, high) }
    if isExact || isFarApart(id) { return true }
    for isLarger in [true, false] where !isFarApart(id) {
      guard let range = seen[id] else { return false }
      let (low, high) = isLarger ? (range.low + gap, Int?.none) : (0, range.high - gap)
      if let values = program.anySolution(with: id, atLeast: low, atMost: high) { see(values) }
    }
    return isFarApart(id)
  }

  /// Moves from a known solution to one in which the unknown's value is far enough from its value in another solution.
  private mutating func stepAway(_ id: Int) -> Bool {
    for isLarger in [true, false] {
      guard let base = last, let step = step(id, from: base, isLarger: isLarger) else { return false }
      if let values = program.nearby.solution(near: base, moving: id, by: step) {
        // The base stays the same, because its limits are already set.
        for (id, value) in zip(unknowns, values) { see(id, value) }
        return true
      }
    }
    return false
  }

  /// Does the same by exchanges, once for each unknown, and keeps what was found on the way.
  private mutating func exchange(_ id: Int) -> Bool {
    guard !program.isIdle, misses < Self.mostMisses, let base = last, exchanged.insert(id).inserted else {
      return false
    }
    misses += 1
    for isLarger in [true, false] {
      guard let step = step(id, from: base, isLarger: isLarger),
        let values = program.exchanges.solution(near: base, moving: id, by: step)
      else { continue }
      for (id, (before, value)) in zip(unknowns, zip(base, values)) where value != before {
        see(id, before)
        see(id, value)
      }
      if isFarApart(id) {
        misses = 0
        return true
      }
    }
    return false
  }

  /// How far an unknown is to move from its value in a solution.
  private func step(_ id: Int, from base: [Int], isLarger: Bool) -> Int? {
    guard let place = program.place(of: id), let range = seen[id] else { return nil }
    return (isLarger ? range.low + gap : range.high - gap) - base[place]
  }
}

/// Divides unknowns into two halves, at random but always in the same way.
private struct Halves {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Whether the next unknown is in the first half (xorshift, Marsaglia 2003).
  mutating func next() -> Bool {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state & 1 == 0
  }
}
