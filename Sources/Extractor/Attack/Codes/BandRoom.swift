internal import Shared

/// How far the number of admissions with one code can differ while an admission's bands still hold and other codes
/// remain as they are (Gale and Ryser 1957).
struct BandRoom {
  /// The admissions with each code, the commonest first, and the sums of the first of them.
  private let counts: [Int]
  private let sums: [Int]
  /// For each number of codes, how much room the commonest of them leave; then the least of these values from there on,
  /// and the least up to there if the last of the codes is another.
  private let roomFrom: [Int]
  private let roomUpTo: [Int]
  /// The same for how much the rarest codes can lose.
  private let lossFrom: [Int]
  private let lossUpTo: [Int]

  /// - Parameters:
  ///   - bands: how many admissions are in each band.
  ///   - counts: the number of admissions with each code; without zeros.
  init(_ bands: [BandEnds: Int], _ counts: [Int]) {
    let counts = counts.sorted(by: >)
    self.counts = counts
    var sums = [0]
    for count in counts + [0] { sums.append(sums[sums.count - 1] + count) }
    self.sums = sums
    let sizes = 0...counts.count + 1
    let most = sizes.map { size in bands.reduce(0) { $0 + $1.value * min($1.key.high, size) } }
    let least = sizes.map { size in bands.reduce(0) { $0 + $1.value * max(0, $1.key.low - size) } }
    roomFrom = Self.leastFrom(sizes.map { most[$0] - sums[$0] })
    roomUpTo = Self.leastUpTo(sizes.map { $0 == 0 ? .max : most[$0] - sums[$0 - 1] })
    let all = sums[sums.count - 1]
    lossFrom = Self.leastFrom(sizes.map { all - sums[min($0 + 1, counts.count + 1)] - least[$0] })
    lossUpTo = Self.leastUpTo(sizes.map { all - sums[$0] - least[$0] })
  }

  /// How many more admissions can have a code that `count` admissions have.
  func more(_ count: Int) -> Int {
    let rank = rank(count)
    let before = roomUpTo[rank - 1]
    return max(0, min(roomFrom[rank], before == .max ? .max : before - count))
  }

  /// How many admissions fewer can have a code that `count` admissions have.
  func fewer(_ count: Int) -> Int {
    let rank = rank(count)
    return max(0, min(count, lossUpTo[rank - 1], lossFrom[rank] + count))
  }

  /// The place of the first code with this count or fewer, from 1 on.
  private func rank(_ count: Int) -> Int {
    var (low, high) = (0, counts.count)
    while low < high {
      let middle = (low + high) / 2
      if counts[middle] > count { low = middle + 1 } else { high = middle }
    }
    return low + 1
  }

  private static func leastFrom(_ values: [Int]) -> [Int] {
    var least = values
    for place in values.indices.dropLast().reversed() { least[place] = min(least[place], least[place + 1]) }
    return least
  }

  private static func leastUpTo(_ values: [Int]) -> [Int] {
    var least = values
    for place in values.indices.dropFirst() { least[place] = min(least[place], least[place - 1]) }
    return least
  }
}
