/// The privacy cost of a release: a number with at most six decimals, held exactly and never as a `Double`.
package struct Epsilon: Comparable, Sendable {
  package let millionths: Int

  /// A larger epsilon protects nobody.
  package static let most = Epsilon(millionths: 100 * unit)
  package static let zero = Epsilon(millionths: 0)
  private static let unit = 1_000_000

  package init(millionths: Int) { self.millionths = millionths }

  /// Reads digits with at most six decimals, such as `2` or `0.25`; nil for any other text, and for more than `most`.
  package init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let isDecimal =
      parts.count <= 2 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    guard isDecimal, parts[0].utf8.count <= 6, parts[parts.count - 1].utf8.count <= 6, let whole = Int(parts[0]) else {
      return nil
    }
    let decimals = parts.count == 2 ? String(parts[1]) : ""
    guard let fraction = Int(decimals + String(repeating: "0", count: 6 - decimals.utf8.count)) else { return nil }
    self.init(millionths: whole * Self.unit + fraction)
    if self > Self.most { return nil }
  }

  /// The number without trailing zeros: `2`, `0.25`.
  package var text: String {
    let (whole, fraction) = millionths.quotientAndRemainder(dividingBy: Self.unit)
    if fraction == 0 { return "\(whole)" }
    var decimals = "\(Self.unit + fraction)".dropFirst()
    while decimals.last == "0" { decimals.removeLast() }
    return "\(whole).\(decimals)"
  }

  package static func < (left: Self, right: Self) -> Bool { left.millionths < right.millionths }
  package static func + (left: Self, right: Self) -> Self { Epsilon(millionths: left.millionths + right.millionths) }
}
