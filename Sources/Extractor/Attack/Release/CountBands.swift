internal import Shared

/// The fewest and the most codes of an attribute that an admission in a band can have.
struct BandEnds: Hashable, Sendable {
  let low: Int
  let high: Int

  /// - Parameter rollsUpCodes: whether several codes of one group count once.
  init(_ label: String, of attribute: Attribute, rollsUpCodes: Bool) {
    let band = Band(label)
    // The main diagnosis is one of the diagnoses that are counted.
    let others = attribute == .diagnosis ? 1 : 0
    let lowest = max(0, (band?.lower ?? 0) - others)
    low = rollsUpCodes ? min(1, lowest) : lowest
    high = max(0, (band?.upper ?? Self.mostCodes) - others)
  }

  /// More codes than any admission has.
  private static let mostCodes = 100_000
}

/// What the bands of the number of codes allow, by profile.
struct BandLimits: Sendable {
  /// How many more codes the profile's admissions can have without leaving their bands.
  var more: [Int]
  /// How many codes fewer they can have.
  var fewer: [Int]
}

extension CodeProfiles {
  /// What the bands allow; negative if there are already too many codes or too few. nil if the attribute's bands are
  /// not part of the profiles.
  func limits(_ attribute: Attribute, rollsUpCodes: Bool) -> BandLimits? {
    guard let band = attribute.countBand, let axis = attributes.firstIndex(of: band), let codes = codes[attribute]
    else { return nil }
    let bands = categories[axis].map { BandEnds($0, of: attribute, rollsUpCodes: rollsUpCodes) }
    let ends = profiles.map { bands[Int($0[axis])] }
    var limits = BandLimits(
      more: zip(ends, admissions).map { $0.high * $1 }, fewer: zip(ends, admissions).map { -$0.low * $1 })
    for code in codes.names.indices {
      codes.forEach(of: code) {
        limits.more[$0] -= $1
        limits.fewer[$0] += $1
      }
    }
    return limits
  }
}

extension AttackedRelease {
  /// The ends of each category of a band.
  func ends(of band: Attribute, _ attribute: Attribute) -> [BandEnds] {
    (0..<size(band)).map { category in
      BandEnds(isNamed(category, band) ? names[band]?[category] ?? "" : "", of: attribute, rollsUpCodes: rollsUpCodes)
    }
  }

  /// For each code, how many admissions have it at least at each place, by the published cells.
  func publishedCounts(_ attribute: Attribute, at places: Places) -> [Int: [Int]] {
    var counts: [Int: [Int]] = [:]
    for table in tables where table.codes == [attribute] && Set(places.attributes).isSubset(of: table.stay) {
      let targets = self.places(table.stay).projection(to: places)
      var own: [Int: [Int]] = [:]
      for cell in table.cells where cell.isPublished {
        own[cell.code, default: Array(repeating: 0, count: places.count)][targets[cell.stay]] += shown(cell).low
      }
      counts.merge(own) { zip($0, $1).map { max($0, $1) } }
    }
    return counts
  }
}
