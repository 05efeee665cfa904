internal import Shared

/// What attacks on one release have shown so far. A solution stays one when more is withheld, so each attack goes on where the last
/// one ended.
final class KnownSolutions {
  private var ranges: [Cell: (low: Int, high: Int)] = [:]
  /// Codes of which nothing was exposed, with how many of their cells were published then.
  private var hiddenCodes: [Code: Int] = [:]
  /// One way in which all stays can be.
  var stays: StayCounts?

  struct Code: Hashable {
    let attributes: [Attribute]
    let code: Int
  }

  /// Whether nothing of a code was exposed when as many of its cells were published; to withhold others can't expose it.
  func isHidden(_ code: Code, published: Int) -> Bool { hiddenCodes[code] == published }

  func noteHidden(_ code: Code, published: Int) { hiddenCodes[code] = published }

  struct Cell: Hashable {
    let attributes: [Attribute]
    let place: Int
  }

  subscript(_ cell: Cell) -> (low: Int, high: Int)? {
    get { ranges[cell] }
    set { ranges[cell] = newValue }
  }
}

/// Looks for integer solutions that lie far enough apart in each unknown that is asked about: a proof that nobody can bound it more
/// closely. One solution serves every unknown.
struct SolutionSearch {
  private let programme: LinearProgram
  private let unknowns: [Int]
  private let gap: Int
  /// For each unknown the smallest and the largest value that some solution has.
  private(set) var seen: [Int: (low: Int, high: Int)] = [:]
  /// Of unknowns whose extremes are reached in fractions only: what fractions allow. No integer lies beyond.
  private(set) var fractional: [Int: (low: Int, high: Int)] = [:]
  /// The last solution that was found, whole.
  private var last: [Int]?

  /// - Parameter truth: a solution that is known beforehand.
  init(_ programme: LinearProgram, _ unknowns: [Int], gap: Int, truth: [Int]?) {
    last = truth
    self.programme = programme
    self.unknowns = unknowns
    self.gap = gap
  }

  /// A solution is known in which the unknown has this value.
  mutating func see(_ id: Int, _ value: Int) {
    let range = seen[id] ?? (value, value)
    seen[id] = (min(range.low, value), max(range.high, value))
  }

  private func isFarApart(_ id: Int) -> Bool { seen[id].map { $0.high - $0.low >= gap } ?? false }

  private mutating func see(_ values: [Int]) {
    last = values
    for (id, value) in zip(unknowns, values) { see(id, value) }
  }

  /// Drives all unknowns that are still close up together, and down together, as long as that helps many of them.
  mutating func spread(_ asked: [Int]) {
    var close = asked.filter { !isFarApart($0) }
    while close.count > 1 {
      let before = close.count
      for isLargest in [true, false] {
        if case .solution(let values) = programme.extreme(of: close, isLargest: isLargest) { see(values) }
      }
      close = close.filter { !isFarApart($0) }
      if close.count * 4 > before * 3 { return }
    }
  }

  /// - Returns: false where neither solutions far apart nor the very bounds were found within the work that is allowed.
  mutating func settle(_ id: Int) -> Bool {
    if isFarApart(id) || stepAway(id) { return true }
    var isExact = true
    var reached: [Int?] = []
    for isLargest in [true, false] where !isFarApart(id) {
      switch programme.extreme(of: [id], isLargest: isLargest) {
      case .solution(let values):
        see(values)
        reached.append(seen[id].map { isLargest ? $0.high : $0.low })
      case .open(let value):
        isExact = false
        reached.append(value)
      }
    }
    if reached.count == 2, let high = reached[0], let low = reached[1] { fractional[id] = (low, high) }
    if isExact || isFarApart(id) { return true }
    for isLarger in [true, false] where !isFarApart(id) {
      guard let range = seen[id] else { return false }
      let (low, high) = isLarger ? (range.low + gap, Int?.none) : (0, range.high - gap)
      if let values = programme.anySolution(with: id, atLeast: low, atMost: high) { see(values) }
    }
    return isFarApart(id)
  }

  /// Moves from a known solution to where the unknown is far enough from a value that it has in another.
  private mutating func stepAway(_ id: Int) -> Bool {
    for isLarger in [true, false] {
      guard let base = last, let place = unknowns.firstIndex(of: id), let range = seen[id] else { return false }
      let wanted = isLarger ? range.low + gap : range.high - gap
      if let values = programme.nearby.solution(near: base, moving: id, by: wanted - base[place]) {
        // The next moves go on from the same base, whose limits are set.
        for (id, value) in zip(unknowns, values) { see(id, value) }
        return true
      }
    }
    return false
  }
}
