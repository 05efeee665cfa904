/// SplitMix64 (Steele, Lea, Flood 2014): the same seed and stream give the same numbers. For sampling only, never for
/// protection or keys.
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// - Parameter stream: identifies what the numbers are for, so that admissions and purposes do not share numbers.
  package init(seed: UInt64, stream: UInt64...) {
    state = seed
    for part in stream { state = next() ^ part &* 0xD6E8_FEB8_6659_FD93 }
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// One number, from 0 up to but not including 1.
  package static func unit(_ seed: UInt64, _ stream: UInt64) -> Double {
    var random = SeededRandom(seed: seed, stream: stream)
    return random.unit()
  }

  /// A number from 0 up to but not including 1.
  package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// An index drawn with probability proportional to its weight; nil if no weight is over 0.
  package mutating func index(weights: [Double]) -> Int? {
    let total = weights.reduce(0, +)
    guard total > 0 else { return nil }
    var rest = unit() * total
    for (index, weight) in weights.enumerated() where weight > 0 {
      rest -= weight
      if rest < 0 { return index }
    }
    return weights.lastIndex { $0 > 0 }
  }
}
