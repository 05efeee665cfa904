/// A range of whole numbers, both ends included; the last band of a list is open. Written `4-6`, `3` or `30+`.
///
/// Edges are fixed by the program or the policy, never taken from the data.
package struct Band: Equatable, Sendable {
  package let lower: Int
  /// nil if the band is open.
  package let upper: Int?

  package init(lower: Int, upper: Int?) {
    self.lower = lower
    self.upper = upper
  }

  /// Reads a band in the form that `label` gives; nil if the text is not a band.
  package init?(_ label: String) {
    if label.hasSuffix("+"), let lower = Int(label.dropLast()) {
      self.init(lower: lower, upper: nil)
      return
    }
    let ends = label.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard let lower = ends[0], let upper = ends[ends.count - 1], ends.count <= 2, lower <= upper else { return nil }
    self.init(lower: lower, upper: upper)
  }

  package var label: String {
    guard let upper else { return "\(lower)+" }
    return lower == upper ? "\(lower)" : "\(lower)-\(upper)"
  }

  package func contains(_ number: Int) -> Bool { number >= lower && (upper.map { number <= $0 } ?? true) }

  /// Adjacent bands, one starting at each of `starts`; the last is open.
  package static func list(startingAt starts: [Int]) -> [Band] {
    starts.indices.map { index in
      Band(lower: starts[index], upper: index + 1 < starts.count ? starts[index + 1] - 1 : nil)
    }
  }

  /// Age bands in years: under 18, 18 to 29, then decades. They are cut off below at the cohort's minimum age and above
  /// at the policy's top code; patients at or above the top code are in the open band.
  package static func ages(minimum: Int, topCode: Int) -> [Band] {
    let inner = [0, 18, 30, 40, 50, 60, 70, 80, 90].filter { $0 > minimum && $0 < topCode }
    return list(startingAt: (minimum < topCode ? [minimum] : []) + inner + [topCode])
  }
}
