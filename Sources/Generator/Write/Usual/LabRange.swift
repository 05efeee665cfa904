internal import Shared

/// What values of a laboratory item usually are, for items of which a bundle publishes only a flag.
struct LabRange: Sendable {
  /// The ends of the normal range.
  let normal: (lower: Double, upper: Double)
  /// How far abnormal values usually go.
  let usual: (lower: Double, upper: Double)
  let decimals: Int
  let unit: String

  /// By MIMIC's number of the item.
  private static let all: [String: LabRange] = {
    var ranges: [String: LabRange] = [:]
    for line in String(decoding: PackageResources.LabRanges_txt, as: UTF8.self).split(separator: "\n") {
      guard !line.hasPrefix("#") else { continue }
      let fields = line.split(separator: ";", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
      let numbers = fields[2...5].compactMap { Double($0) }
      guard fields.count == 8, numbers.count == 4, let decimals = Int(fields[6]) else {
        preconditionFailure("LabRanges.txt: a line is not of the right form")
      }
      let range = LabRange(
        normal: (numbers[0], numbers[1]), usual: (numbers[2], numbers[3]), decimals: decimals, unit: String(fields[7]))
      for item in fields[1].split(separator: " ") { ranges[String(item)] = range }
    }
    return ranges
  }()

  /// - Returns: nil if the list doesn't know the item.
  static func of(_ item: String) -> LabRange? { all[item] }

  /// Draws a number from the normal range, or from those outside it; all of these are equally likely, so an item that
  /// goes further up than down is mostly too high.
  func number(isAbnormal: Bool, _ random: inout SeededRandom) -> String {
    let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
    func step(_ number: Double) -> Int { Int((number * scale).rounded()) }
    var ends = (step(normal.lower), step(normal.upper))
    if isAbnormal {
      let (below, above) = ((step(usual.lower), ends.0 - 1), (ends.1 + 1, step(usual.upper)))
      let (low, high) = (max(0, below.1 - below.0 + 1), max(0, above.1 - above.0 + 1))
      if low + high > 0 { ends = Int.random(in: 0..<(low + high), using: &random) < low ? below : above }
    }
    let steps = Int.random(in: ends.0...ends.1, using: &random)
    return decimals == 0 ? "\(steps)" : "\(Double(steps) / scale)"
  }

  /// Whether numbers could be of this range's unit, by the ends of bins.
  func fits(_ ends: (lower: String?, upper: String?)) -> Bool {
    [ends.lower, ends.upper].compactMap { $0.flatMap(Double.init) }.allSatisfy {
      $0 >= usual.lower && $0 <= usual.upper
    }
  }

  /// An end of the normal range, with the item's decimals.
  func text(_ end: Double) -> String { decimals == 0 ? "\(Int(end))" : "\(end)" }
}
