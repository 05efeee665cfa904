internal import Foundation
internal import Shared

/// A figure with its 95 % interval.
struct Interval: Equatable, Sendable {
  let value: Double
  let low: Double
  let high: Double

  func contains(_ number: Double) -> Bool { low <= number && number <= high }
}

/// Intervals by the bootstrap over patients. All admissions of a patient get the same weight, because they resemble
/// each other (Poisson bootstrap, 200 rounds, 2.5th and 97.5th percentiles).
struct Bootstrap: Sendable {
  /// For each round, the weight of each row.
  private let rounds: [[Double]]
  private let ones: [Double]

  /// - Parameter patients: the patient of each row.
  init(patients: [Int], seed: UInt64) {
    ones = patients.map { _ in 1 }
    let known = Array(Set(patients)).sorted()
    rounds = (0..<200).map { round in
      var random = SeededRandom(seed: seed, stream: EvaluationDraw.bootstrap.rawValue, UInt64(round))
      let weights = Dictionary(uniqueKeysWithValues: known.map { ($0, random.poisson()) })
      return patients.map { weights[$0] ?? 1 }
    }
  }

  /// - Parameter figure: computes the figure from a weight for each row.
  func interval(_ figure: ([Double]) -> Double) -> Interval {
    let values = rounds.map(figure).sorted()
    return Interval(value: figure(ones), low: values[4], high: values[194])
  }
}

extension SeededRandom {
  /// A number from the Poisson distribution with mean 1 (Knuth 1969).
  fileprivate mutating func poisson() -> Double {
    var number = 0.0
    var product = unit()
    while product > exp(-1.0) {
      product *= unit()
      number += 1
    }
    return number
  }
}

/// Scores of positive and negative rows, sorted once for many weightings.
struct RankedScores: Sendable {
  /// The rows, lowest score first, with rows of equal score together.
  private let groups: [[Int]]
  private let isPositive: [Bool]

  init(_ scores: [Double], isPositive: [Bool]) {
    self.isPositive = isPositive
    var groups: [[Int]] = []
    var last: Double?
    for row in scores.indices.sorted(by: { scores[$0] < scores[$1] }) {
      if scores[row] == last { groups[groups.count - 1].append(row) } else { groups.append([row]) }
      last = scores[row]
    }
    self.groups = groups
  }

  /// The area under the receiver operating characteristic: the probability that a positive row has a higher score than
  /// a negative one, where a tie counts as half; 0.5 if there is no such pair.
  func area(_ weights: [Double]) -> Double {
    var below = 0.0
    var won = 0.0
    var positives = 0.0
    for group in groups {
      var negativesHere = 0.0
      var positivesHere = 0.0
      for row in group {
        if isPositive[row] { positivesHere += weights[row] } else { negativesHere += weights[row] }
      }
      won += positivesHere * (below + negativesHere / 2)
      below += negativesHere
      positives += positivesHere
    }
    return positives > 0 && below > 0 ? won / (positives * below) : 0.5
  }
}
