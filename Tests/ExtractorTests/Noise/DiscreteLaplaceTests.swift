import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

@Suite struct DiscreteLaplaceTests {
  /// The chi-square statistic of draws against the exact distribution, with each tail in one bin, in standard
  /// deviations (Wilson and Hilferty 1931).
  private func deviation(_ draws: [Int], scale: Double) -> Double {
    let ratio = exp(-1 / scale)
    func probability(_ value: Int) -> Double { (1 - ratio) / (1 + ratio) * pow(ratio, Double(abs(value))) }
    var edge = 0
    while Double(draws.count) * probability(edge + 1) / (1 - ratio) > 20 { edge += 1 }
    let tail = probability(edge) / (1 - ratio)
    var counts: [Int: Int] = [:]
    for draw in draws { counts[max(-edge, min(edge, draw)), default: 0] += 1 }
    var sum = 0.0
    for value in -edge...edge {
      let expected = Double(draws.count) * (abs(value) == edge ? tail : probability(value))
      sum += pow(Double(counts[value] ?? 0) - expected, 2) / expected
    }
    let freedom = Double(2 * edge)
    return (pow(sum / freedom, 1.0 / 3) - (1 - 2 / (9 * freedom))) / sqrt(2 / (9 * freedom))
  }

  /// The randomness is the operating system's, so one run in a billion fails by chance (6 standard deviations).
  @Test(arguments: [(1, 1), (1, 3), (7, 2), (15_000_000, 1_000_001), (40, 1)])
  func theDrawsHaveTheExactDistribution(_ numerator: Int, _ denominator: Int) {
    let noise = DiscreteLaplace(scale: numerator, over: denominator)
    var random = SecureRandom()
    let draws = (0..<60_000).map { _ in noise.draw(&random) }
    #expect(deviation(draws, scale: Double(numerator) / Double(denominator)) < 6)
  }

  /// The test above would catch rounded floating-point noise and noise at half the scale.
  @Test func roundedDoublesAndAWrongScaleAreCaught() {
    var random = RepeatableRandom(seed: 1)
    let rounded = (0..<60_000).map { _ -> Int in
      let unit = Double.random(in: -0.5..<0.5, using: &random)
      return Int((-log(1 - 2 * abs(unit)) * (unit < 0 ? -1 : 1)).rounded())
    }
    #expect(deviation(rounded, scale: 1) > 6)
    let half = DiscreteLaplace(scale: 1, over: 2)
    #expect(deviation((0..<60_000).map { _ in half.draw(&random) }, scale: 1) > 6)
  }

  @Test func noNumberWithAPointIsUsedForNoise() throws {
    let folder = "\(Project.root)/Sources/Extractor/Noise"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(files.count > 2)
    for file in files {
      let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
      for word in ["Double", "Float", "Foundation"] { #expect(!text.contains(word), "\(file): \(word)") }
    }
  }

  @Test func theSecureRandomNumbersDiffer() {
    let random = SecureRandom()
    #expect(Set((0..<2_000).map { _ in random.next() }).count == 2_000)
  }
}
