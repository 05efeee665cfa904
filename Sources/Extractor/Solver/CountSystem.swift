/// Unknown counts, and the sums that tie them to what is published. Every count is an integer of at least 0.
///
/// Claim: the bounds that `narrow` leaves hold for every solution, and where no ring of sums is left they are the smallest
/// and the largest value of a solution.
struct CountSystem: Sendable {
  private(set) var unknowns: [Unknown] = []
  private(set) var sums: [Sum] = []
  /// Whether nothing fits: what is published contradicts itself.
  private(set) var isContradictory = false
  /// Whether `narrow` came to an end before its work was used up.
  private(set) var isSettled = false

  /// More than any count; an unknown without another bound.
  static let unlimited = 1 << 40

  struct Unknown: Sendable {
    var low: Int
    var high: Int

    var isKnown: Bool { low == high }
  }

  /// The parts add up to the whole: `sum of parts + known = whole`.
  struct Sum: Sendable {
    let parts: [Int]
    let known: Int
    let whole: Whole

    enum Whole: Sendable {
      case known(Int)
      case unknown(Int)
    }

    /// The largest count that stands in it.
    var size: Int {
      switch whole {
      case .known(let count): max(known, count)
      case .unknown: known
      }
    }

    /// Every unknown in it.
    var members: [Int] {
      switch whole {
      case .known: parts
      case .unknown(let id): parts + [id]
      }
    }
  }

  mutating func addUnknown(low: Int = 0, high: Int = unlimited) -> Int {
    unknowns.append(Unknown(low: low, high: min(high, Self.unlimited)))
    return unknowns.count - 1
  }

  mutating func add(_ sum: Sum) { sums.append(sum) }

  /// Narrows every unknown by every sum, again and again, until nothing changes or a fixed amount of work is done.
  mutating func narrow() {
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

  /// - Returns: the unknowns that became narrower.
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

  /// The parts of the system that share no unknown: each a list of its sums that still hold an unknown.
  func components() -> [Component] {
    var root = Array(unknowns.indices)
    func find(_ id: Int) -> Int {
      var id = id
      while root[id] != id {
        root[id] = root[root[id]]
        id = root[id]
      }
      return id
    }
    let open = sums.map { sum in sum.members.filter { !unknowns[$0].isKnown } }
    for members in open {
      guard let first = members.first else { continue }
      for id in members.dropFirst() { root[find(id)] = find(first) }
    }
    var numbers: [Int: Int] = [:]
    var components: [Component] = []
    func number(_ id: Int) -> Int {
      if let number = numbers[find(id)] { return number }
      numbers[find(id)] = components.count
      components.append(Component())
      return components.count - 1
    }
    for id in unknowns.indices where !unknowns[id].isKnown { components[number(id)].unknowns.append(id) }
    for (sum, members) in open.enumerated() {
      guard let first = members.first else { continue }
      let component = number(first)
      components[component].sums.append(sum)
      components[component].ties += members.count
    }
    return components
  }

  struct Component: Sendable {
    var unknowns: [Int] = []
    var sums: [Int] = []
    /// How many times an unknown stands in a sum.
    var ties = 0

    /// Whether no ring of sums is in it, so that narrowing gives the very bounds.
    var isTree: Bool { ties == unknowns.count + sums.count - 1 }
  }
}
