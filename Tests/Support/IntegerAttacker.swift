/// An outsider who tries every integer, given a range for each count and sums that must be equal.
package struct IntegerAttacker {
  private let ranges: [ClosedRange<Int>]
  private let sums: [(parts: [Int], whole: [Int])]

  package init(_ ranges: [ClosedRange<Int>], _ sums: [(parts: [Int], whole: [Int])]) {
    self.ranges = ranges
    self.sums = sums
  }

  /// Whether a count's smallest and largest values are less than k - 1 apart, and the largest is not 0.
  package func isPinned(_ cell: Int, minimum: Int) -> Bool {
    guard let some = solution(cell, ranges[cell]) else { return true }
    if solution(cell, some + minimum - 1...ranges[cell].upperBound + minimum) != nil { return false }
    var (low, high) = (some, some)
    while low > 0, let lower = solution(cell, 0...low - 1) { low = lower }
    while let higher = solution(cell, high + 1...ranges[cell].upperBound + minimum) { high = higher }
    return high != 0 && high - low < minimum - 1
  }

  /// The cell's smallest and largest values in any solution; nil if there is no solution.
  package func extremes(_ cell: Int) -> ClosedRange<Int>? {
    guard let some = solution(cell, ranges[cell]) else { return nil }
    var (low, high) = (some, some)
    while low > ranges[cell].lowerBound, let lower = solution(cell, ranges[cell].lowerBound...low - 1) { low = lower }
    while high < ranges[cell].upperBound, let higher = solution(cell, high + 1...ranges[cell].upperBound) {
      high = higher
    }
    return low...high
  }

  /// The cell's value in some solution in which it lies in the range; nil if there is none.
  private func solution(_ cell: Int, _ range: ClosedRange<Int>) -> Int? {
    let limited = range.clamped(to: ranges[cell])
    guard range.overlaps(ranges[cell]) else { return nil }
    var trial = ranges
    trial[cell] = limited
    return solutions(trial, most: 1).first?[cell]
  }

  /// All solutions; nil if there are more than `most`.
  package func solutions(most: Int) -> [[Int]]? {
    let found = solutions(ranges, most: most + 1)
    return found.count > most ? nil : found
  }

  /// The first solutions, at most `most`.
  private func solutions(_ ranges: [ClosedRange<Int>], most: Int) -> [[Int]] {
    guard let narrowed = narrowed(ranges) else { return [] }
    let open = narrowed.indices.filter { narrowed[$0].count > 1 }
    guard let next = open.min(by: { narrowed[$0].count < narrowed[$1].count }) else {
      return [narrowed.map(\.lowerBound)]
    }
    var found: [[Int]] = []
    for value in narrowed[next] where found.count < most {
      var trial = narrowed
      trial[next] = value...value
      found += solutions(trial, most: most - found.count)
    }
    return found
  }

  private func narrowed(_ start: [ClosedRange<Int>]) -> [ClosedRange<Int>]? {
    var ranges = start
    var isChanging = true
    while isChanging {
      isChanging = false
      for sum in sums {
        for (side, other) in [(sum.parts, sum.whole), (sum.whole, sum.parts)] {
          let least = other.reduce(0) { $0 + ranges[$1].lowerBound }
          let most = other.reduce(0) { $0 + ranges[$1].upperBound }
          let all = (side.reduce(0) { $0 + ranges[$1].lowerBound }, side.reduce(0) { $0 + ranges[$1].upperBound })
          for cell in side {
            let low = max(ranges[cell].lowerBound, least - (all.1 - ranges[cell].upperBound))
            let high = min(ranges[cell].upperBound, most - (all.0 - ranges[cell].lowerBound))
            if low > high { return nil }
            if low...high != ranges[cell] {
              ranges[cell] = low...high
              isChanging = true
              break
            }
          }
        }
      }
    }
    return ranges
  }
}
