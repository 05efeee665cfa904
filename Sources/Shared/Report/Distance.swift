internal import Foundation

/// Two distributions over the same categories, in the same order.
package struct DistributionPair: Equatable, Sendable {
  package let names: [String]
  /// The target shares, such as those that a bundle publishes. They add up to 1, unless all are 0.
  package let published: [Double]
  /// The shares that were generated. They add up to 1, unless all are 0.
  package let made: [Double]

  package init(names: [String], published: [Double], made: [Double]) {
    self.names = names
    self.published = Self.normalised(published)
    self.made = Self.normalised(made)
  }

  package static func normalised(_ counts: [Double]) -> [Double] {
    let total = counts.reduce(0, +)
    return total > 0 ? counts.map { $0 / total } : counts
  }

  package var distance: Distance { Distance(published, made) }
}

/// How far apart two distributions over the same categories are.
package struct Distance: Equatable, Sendable {
  /// The largest difference between the cumulative shares, with categories in byte order. This is the
  /// Kolmogorov-Smirnov statistic as the LLMSYN paper applies it to categorical columns.
  package let kolmogorovSmirnov: Double
  /// Half the sum of the absolute differences. No order of the categories makes the Kolmogorov-Smirnov statistic larger
  /// than this.
  package let totalVariation: Double
  /// Maximum mean discrepancy with a kernel that is 1 for equal categories and 0 otherwise.
  package let meanDiscrepancy: Double

  package init(_ one: [Double], _ other: [Double]) {
    var cumulative = 0.0
    var largest = 0.0
    var sum = 0.0
    var squares = 0.0
    for (p, q) in zip(one, other) {
      cumulative += p - q
      largest = max(largest, abs(cumulative))
      sum += abs(p - q)
      squares += (p - q) * (p - q)
    }
    kolmogorovSmirnov = largest
    totalVariation = sum / 2
    meanDiscrepancy = squares.squareRoot()
  }

  fileprivate init(kolmogorovSmirnov: Double, totalVariation: Double, meanDiscrepancy: Double) {
    self.kolmogorovSmirnov = kolmogorovSmirnov
    self.totalVariation = totalVariation
    self.meanDiscrepancy = meanDiscrepancy
  }

  /// The mean distance of a perfect sample, which consists of `draws` independent draws from the distribution itself.
  /// It is simulated with normal errors.
  package static func ofPerfectSample(_ shares: [Double], draws: Int) -> Distance {
    var random = SeededRandom(seed: 0, stream: UInt64(shares.count), UInt64(draws))
    let rounds = 40
    var sums = (0.0, 0.0, 0.0)
    for _ in 0..<rounds {
      let sample = shares.map { share in
        max(0, share + (share * (1 - share) / Double(max(draws, 1))).squareRoot() * random.normal())
      }
      let distance = Distance(shares, DistributionPair.normalised(sample))
      sums.0 += distance.kolmogorovSmirnov
      sums.1 += distance.totalVariation
      sums.2 += distance.meanDiscrepancy
    }
    let number = Double(rounds)
    return Distance(
      kolmogorovSmirnov: sums.0 / number, totalVariation: sums.1 / number, meanDiscrepancy: sums.2 / number)
  }
}

extension SeededRandom {
  /// A normally distributed number with mean 0 and standard deviation 1 (Box, Muller 1958).
  fileprivate mutating func normal() -> Double {
    (-2 * log(max(unit(), 1e-300))).squareRoot() * cos(2 * .pi * unit())
  }
}
