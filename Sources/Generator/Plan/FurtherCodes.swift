internal import Foundation
internal import Shared

/// Stands for a code that adds to no published cell: a second code of a group, or one beyond a table's `top`. An
/// admission can have several.
let furtherCode = "+"

/// How many further codes each admission begins with. They bring its number of codes up to what its band says.
///
/// - Parameters:
///   - counts: the number of codes that each admission has by the plan.
///   - bands: each admission's band; nil if it has none.
///   - own: how many codes the band counts in addition to these, such as the main diagnosis.
func furtherCodes(_ counts: [Int], bands: [Band?], own: Int, seed: UInt64) -> [Int] {
  var random = SeededRandom(seed: seed, .furtherCodes)
  var missing = [Int](repeating: 0, count: counts.count)
  var surplus = 0
  for (place, count) in counts.enumerated() {
    guard let band = bands[place] else { continue }
    let wanted = number(in: band, random.unit()) - own
    if wanted > count { missing[place] = wanted - count } else { surplus += count - max(0, wanted) }
  }
  // Exchanges move codes from admissions that have too many to those that have too few; only the rest is lacking.
  let all = missing.reduce(0, +)
  let part = Double(max(0, all - surplus)) / Double(max(1, all))
  return missing.map { count in
    let share = Double(count) * part
    return Int(share) + (random.unit() < share - share.rounded(.down) ? 1 : 0)
  }
}

extension Band {
  /// The upper end of a band of numbers of codes. An open band is taken to reach half above its lower end: MIMIC's
  /// admissions have at most 39 diagnoses, which are counted up to `25+`.
  var assumedUpper: Int { upper ?? lower * 3 / 2 }
}

/// A number in a band; smaller ones are likelier, as in most hospitals.
private func number(in band: Band, _ position: Double) -> Int {
  let upper = band.assumedUpper
  guard band.lower > 0, upper > band.lower else { return band.lower }
  return Int(Double(band.lower) * pow(Double(upper + 1) / Double(band.lower), position))
}
