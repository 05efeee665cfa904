/// Unknown counts, and the sums that tie them to the published ones. Every count is a non-negative integer.
///
/// Claim: the bounds that `narrow` leaves hold for every solution. If `isSettled` is true and no ring of sums is left,
/// these bounds are the smallest and the largest value in any solution.
package struct CountSystem: Sendable {
  package private(set) var unknowns: [Unknown] = []
  package private(set) var sums: [Sum] = []
  /// Whether no counts fit all sums.
  package private(set) var isContradictory = false
  /// Whether `narrow` finished within its work limit.
  package private(set) var isSettled = false

  /// More than any count: the upper bound of an unknown that has no other upper bound.
  package static let unlimited = 1 << 40

  package init() {}

  package struct Unknown: Sendable {
    package var low: Int
    package var high: Int

    package var isKnown: Bool { low == high }
  }

  /// The parts add up to the whole: `sum of parts + known = whole`. A part that is given several times counts as often.
  package struct Sum: Sendable {
    package let parts: [Int]
    package let known: Int
    package let whole: Whole

    package enum Whole: Sendable {
      case known(Int)
      case unknown(Int)
    }

    package init(parts: [Int], known: Int, whole: Whole) {
      self.parts = parts
      self.known = known
      self.whole = whole
    }

    /// The largest known count in the sum.
    package var size: Int {
      switch whole {
      case .known(let count): max(known, count)
      case .unknown: known
      }
    }

    /// Every unknown in the sum.
    package var members: [Int] {
      switch whole {
      case .known: parts
      case .unknown(let id): parts + [id]
      }
    }
  }

  package mutating func addUnknown(low: Int = 0, high: Int = unlimited) -> Int {
    unknowns.append(Unknown(low: low, high: min(high, Self.unlimited)))
    return unknowns.count - 1
  }

  package mutating func add(_ sum: Sum) { sums.append(sum) }

  /// Narrows every unknown by every sum repeatedly, until nothing changes or a fixed work limit is reached.
  package mutating func narrow() {
    var sumsOf = [[Int32]](repeating: [], count: unknowns.count)
    for (number, sum) in sums.enumerated() {
      for id in sum.members { sumsOf[id].append(Int32(number)) }
    }
    var isQueued = [Bool](repeating: true, count: sums.count)
    var queue = Array(sums.indices)
    var next = 0
    let limit = 100 * sums.count
    while next < queue.count, next < limit, !isContradictory {
      let number = queue[next]
      next += 1
      isQueued[number] = false
      for id in narrow(by: sums[number]) {
        for other in sumsOf[id] where !isQueued[Int(other)] {
          isQueued[Int(other)] = true
          queue.append(Int(other))
        }
      }
    }
    isSettled = next == queue.count
  }

  /// - Returns: the unknowns whose bounds became tighter.
  private mutating func narrow(by sum: Sum) -> [Int] {
    var least = sum.known
    var most = sum.known
    for id in sum.parts {
      least += unknowns[id].low
      most += unknowns[id].high
    }
    var changed: [Int] = []
    let whole: (low: Int, high: Int)
    switch sum.whole {
    case .known(let count): whole = (count, count)
    case .unknown(let id):
      if tighten(id, low: least, high: most) { changed.append(id) }
      whole = (unknowns[id].low, unknowns[id].high)
    }
    if least > whole.high || most < whole.low { isContradictory = true }
    for id in sum.parts where !isContradictory && !unknowns[id].isKnown {
      let (low, high) = (unknowns[id].low, unknowns[id].high)
      if tighten(id, low: whole.low - (most - high), high: whole.high - (least - low)) { changed.append(id) }
    }
    return changed
  }

  private mutating func tighten(_ id: Int, low: Int, high: Int) -> Bool {
    let old = unknowns[id]
    unknowns[id] = Unknown(low: max(old.low, low), high: min(old.high, high))
    if unknowns[id].low > unknowns[id].high { isContradictory = true }
    return unknowns[id].low != old.low || unknowns[id].high != old.high
  }
}
