extension Equations {
  /// Multipliers are rounded to fractions with this denominator: every integer from 1 to 16 divides it, and optima of
  /// sums rarely need other denominators.
  private static let parts: Int128 = 720_720
  /// If any multiplier is larger than this, no limit is proven.
  private static let largestMultiplier = 1e9

  /// The largest or the smallest value that a sum of unknowns can have, proven in integers from a solver's multipliers.
  ///
  /// Claim: whatever the multipliers are, no solution goes beyond the limit. Each multiplier times its equation is an
  /// equation too, so the objective is a constant plus a sum over the unknowns, each of which has bounds (weak
  /// duality). Multipliers of a true optimum usually give a limit that some solution reaches. Wrong ones can only make
  /// the limit too loose.
  ///
  /// - Parameters:
  ///   - objective: the unknowns whose sum is limited.
  ///   - multipliers: one for each row.
  /// - Returns: nil if the multipliers are of no use.
  package func provenLimit(of objective: [Int], isLargest: Bool, _ multipliers: [Double]) -> Int? {
    guard multipliers.count == rows.count,
      multipliers.allSatisfy({ $0.isFinite && abs($0) <= Self.largestMultiplier })
    else { return nil }
    // The smallest value of a sum is minus the largest value of its negative.
    let sign: Int128 = isLargest ? 1 : -1
    var rest = [Int128](repeating: 0, count: bounds.count)
    for place in objective { rest[place] += sign * Self.parts }
    var most: Int128 = 0
    for (row, multiplier) in zip(rows, multipliers) {
      let factor = sign * Int128((multiplier * Double(Self.parts)).rounded())
      if factor == 0 { continue }
      most += factor * Int128(row.right)
      for term in row.terms { rest[term.column] -= factor * Int128(term.coefficient) }
    }
    for (cost, range) in zip(rest, bounds) where cost != 0 {
      most += cost * Int128(cost > 0 ? range.upperBound : range.lowerBound)
    }
    // Rounded down, because the sum is an integer.
    let floor = most >= 0 ? most / Self.parts : -((-most + Self.parts - 1) / Self.parts)
    return Int(exactly: sign * floor)
  }
}
