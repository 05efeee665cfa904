import CountSolver
import TestSupport

/// A small random system of sums with at least one solution, and the same system for an attacker who tries every
/// integer.
struct RandomSystem {
  var system = CountSystem()
  let truth: [Int]
  let attacker: IntegerAttacker

  /// Makes a grid of withheld and known cells with known and unknown margins. Each withheld cell can be 0 to 9.
  init(_ random: inout RepeatableRandom, rows: Int = 3, columns: Int = 3) {
    let counts = (0..<rows * columns).map { _ in Int.random(in: 0...6, using: &random) }
    let isWithheld = counts.map { _ in Int.random(in: 0..<4, using: &random) > 0 }
    var ranges: [ClosedRange<Int>] = []
    var ids: [Int] = []
    for (count, isWithheld) in zip(counts, isWithheld) {
      ranges.append(isWithheld ? 0...9 : count...count)
      ids.append(system.addUnknown(low: isWithheld ? 0 : count, high: isWithheld ? 9 : count))
    }
    var sums: [(parts: [Int], whole: [Int])] = []
    var truth = counts
    let lines =
      (0..<rows).map { row in (0..<columns).map { row * columns + $0 } }
      + (0..<columns).map { column in (0..<rows).map { $0 * columns + column } }
    for line in lines {
      let whole = line.reduce(0) { $0 + counts[$1] }
      let isKnown = Int.random(in: 0..<5, using: &random) > 0
      let range = isKnown ? whole...whole : max(0, whole - 2)...whole + 2
      sums.append((line, [ranges.count]))
      ranges.append(range)
      truth.append(whole)
      if isKnown {
        ids.append(system.addUnknown(low: whole, high: whole))
        system.add(CountSystem.Sum(parts: line.map { ids[$0] }, known: 0, whole: .known(whole)))
      } else {
        let id = system.addUnknown(low: range.lowerBound, high: range.upperBound)
        ids.append(id)
        system.add(CountSystem.Sum(parts: line.map { ids[$0] }, known: 0, whole: .unknown(id)))
      }
    }
    self.truth = truth
    attacker = IntegerAttacker(ranges, sums)
  }
}
