internal import Shared

/// Bounds on counts of stays, known from another release of the same records.
struct KnownSums: Sendable {
  /// By attributes and place.
  private(set) var lows: [[Attribute]: [Int: Int]] = [:]
  private(set) var highs: [[Attribute]: [Int: Int]] = [:]

  /// Raises the fewest admissions that there can be to those of an earlier release.
  mutating func raise(by statistics: Statistics, roundTo: Int?, in release: AttackedRelease) {
    for sum in release.sums(of: statistics, roundTo: roundTo) {
      lows[sum.attributes, default: [:]][sum.place] = max(lows[sum.attributes]?[sum.place] ?? 0, sum.low)
    }
  }

  /// Lowers the most admissions that there can have been to those of a later release.
  mutating func lower(by statistics: Statistics, roundTo: Int?, in release: AttackedRelease) {
    for sum in release.sums(of: statistics, roundTo: roundTo) {
      highs[sum.attributes, default: [:]][sum.place] = min(highs[sum.attributes]?[sum.place] ?? sum.high, sum.high)
    }
  }
}

extension AttackedRelease {
  /// The cells of another release, and the sums of its tables that withhold nothing, as far as tables of this release
  /// count by their attributes and name their categories.
  ///
  /// Limit: only tables without codes.
  fileprivate func sums(
    of statistics: Statistics, roundTo: Int?
  ) -> [(attributes: [Attribute], place: Int, low: Int, high: Int)] {
    let stays = tables.filter { $0.codes.isEmpty && !$0.isCeiling }.map(\.stay)
    return statistics.tables.filter { !$0.attributes.contains(where: \.isMultiValued) }.flatMap { table in
      let sets = Set(stays.map { $0.filter(table.attributes.contains) })
      return sets.filter { table.total != nil || $0.count == table.attributes.count }.flatMap { set in
        let (places, axes) = (places(set), set.map { table.attributes.firstIndex(of: $0) ?? 0 })
        var sums: [Int: (low: Int, high: Int)] = [:]
        for cell in table.cells {
          let categories = zip(set, axes).map { number(of: cell.key[$1], $0) }
          guard !categories.contains(nil) else { continue }
          let rounding = cell.count == 0 ? 0 : (roundTo ?? 0) / 2
          let place = places.place(categories.compactMap(\.self))
          let sum = sums[place] ?? (0, 0)
          sums[place] = (sum.low + max(0, cell.count - rounding), sum.high + cell.count + rounding)
        }
        return sums.map { (attributes: set, place: $0, low: $1.low, high: $1.high) }
      }
    }
  }
}
