internal import Shared

/// The value fields of a laboratory row, made from its category. A category has only a flag or a bin, not a number.
struct LabValue {
  let item: String
  /// A number in the bin, with no more decimals than the bin's edges if there is one. Of a flag, a number in the item's
  /// normal range or outside it. Empty if the category is neither, or the item's range is not known.
  let number: String
  /// The flag as the source writes it; empty if the category has no flag.
  let flag: String
  /// The unit of the number and the normal range, where they are known.
  let range: LabRange?

  init(_ category: String, _ random: inout SeededRandom) {
    item = LabCategory.item(of: category)
    let value = LabCategory.value(of: category)
    let ends = LabBins.ends(of: value)
    let isFlag = ends == nil && value != LabCategory.unflagged && value != LabCategory.noNumber
    flag = isFlag ? value : ""
    if let ends {
      // The bundle names no unit; a hospital's own is told by numbers that don't fit.
      range = LabRange.of(item).flatMap { $0.fits(ends) ? $0 : nil }
      number = Self.number(ends, &random)
    } else {
      range = value == LabCategory.noNumber ? nil : LabRange.of(item)
      number = range?.number(isAbnormal: isFlag, &random) ?? ""
    }
  }

  /// Draws a number from the bin; all numbers in the bin are equally likely. An open bin extends beyond its edge by
  /// half the edge's absolute value, or by 1 if the edge is 0.
  private static func number(_ ends: (lower: String?, upper: String?), _ random: inout SeededRandom) -> String {
    let lower = ends.lower.flatMap(Double.init)
    let upper = ends.upper.flatMap(Double.init)
    let decimals = [ends.lower, ends.upper].map { $0?.split(separator: ".").dropFirst().first?.count ?? 0 }.max() ?? 0
    let edge = lower ?? upper ?? 0
    let width = abs(edge) / 2 + (edge == 0 ? 1 : 0)
    let from = lower ?? edge - width
    let to = upper ?? edge + width
    let share = random.unit()
    // A bin may hold no number with so few decimals: `under 1` is drawn from 0.5 up.
    for decimals in decimals...(decimals + 3) {
      let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
      // 1.1 x 10 is a little more than 11.
      let (first, end) = ((from * scale - 1e-6).rounded(.up), (to * scale - 1e-6).rounded(.up))
      guard first < end else { continue }
      let number = (first + (share * (end - first)).rounded(.down)) / scale
      return decimals == 0 ? "\(Int(number))" : "\(number)"
    }
    return ends.lower ?? ""
  }
}
