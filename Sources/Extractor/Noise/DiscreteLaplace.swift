/// The discrete Laplace distribution: an integer x with probability proportional to exp(-|x| / scale).
///
/// Claim: draws are exact, because they use only integers; floating-point numbers have gaps that could give a count
/// away (Canonne, Kamath, Steinke 2020, algorithms 1 and 2). If one patient changes a set of counts by at most s in
/// all, adding a draw to each count is epsilon-differentially private for scale = s / epsilon. Limit: the time that a
/// draw takes depends on its value.
struct DiscreteLaplace: Equatable, Sendable {
  private let numerator: UInt64
  private let denominator: UInt64

  /// The scale is `numerator / denominator`; both are over 0 and under 2^44, so nothing overflows.
  init(scale numerator: Int, over denominator: Int) {
    precondition((1..<1 << 44).contains(numerator) && (1..<1 << 44).contains(denominator), "a scale out of range")
    self.numerator = UInt64(numerator)
    self.denominator = UInt64(denominator)
  }

  func draw(_ random: inout some RandomNumberGenerator) -> Int {
    while true {
      let remainder = random.next(upperBound: numerator)
      guard isHeads(remainder, over: numerator, &random) else { continue }
      var quotient: UInt64 = 0
      while isHeads(1, over: 1, &random) { quotient += 1 }
      let size = Int((remainder + numerator * quotient) / denominator)
      let isNegative = random.next(upperBound: 2 as UInt64) == 1
      if isNegative, size == 0 { continue }
      return isNegative ? -size : size
    }
  }

  /// True with probability exp(-part / whole); `part` must not exceed `whole`.
  private func isHeads(_ part: UInt64, over whole: UInt64, _ random: inout some RandomNumberGenerator) -> Bool {
    var round: UInt64 = 1
    while random.next(upperBound: whole * round) < part { round += 1 }
    return !round.isMultiple(of: 2)
  }
}
