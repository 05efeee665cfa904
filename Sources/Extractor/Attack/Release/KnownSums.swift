internal import Shared

/// Bounds on counts of stays, with or without codes, known from another release of the same records.
struct KnownSums: Sendable {
  /// By attributes and place.
  private(set) var lows: [[Attribute]: [Int: Int]] = [:]
  private(set) var highs: [[Attribute]: [Int: Int]] = [:]
  /// For a code, or a combination of codes, the lower bounds.
  private(set) var codes: [AttackedCode: OfCode] = [:]

  struct OfCode: Sendable {
    fileprivate(set) var lows: [[Attribute]: [Int: Int]] = [:]

    /// The sets of attributes of stays for which there are bounds.
    var stays: Set<[Attribute]> { Set(lows.keys) }
  }

  /// The same without cells with codes that a release publishes: other releases tell nothing more about these.
  func withoutPublished(of release: AttackedRelease) -> KnownSums {
    if codes.isEmpty { return self }
    var rest = self
    for table in release.tables where !table.codes.isEmpty {
      for cell in table.cells where cell.isPublished {
        let code = AttackedCode(attributes: table.codes, number: cell.code)
        guard rest.codes[code] != nil else { continue }
        rest.codes[code]?.lows[table.stay]?[cell.stay] = nil
      }
    }
    rest.codes = rest.codes.mapValues { OfCode(lows: $0.lows.filter { !$0.value.isEmpty }) }
      .filter { !$0.value.lows.isEmpty }
    return rest
  }

  /// Raises the fewest admissions that there can be to those of earlier releases.
  mutating func raise(by releases: [EarlierRelease], in release: AttackedRelease) {
    for earlier in releases {
      raise(by: earlier.statistics, roundTo: earlier.policy.protection.roundTo, in: release)
    }
  }

  /// The same for one earlier release.
  mutating func raise(by statistics: Statistics, roundTo: Int?, in release: AttackedRelease) {
    for sum in release.sums(of: statistics, roundTo: roundTo) {
      lows[sum.attributes, default: [:]][sum.place] = max(lows[sum.attributes]?[sum.place] ?? 0, sum.low)
    }
    for cell in release.codeCells(of: statistics, roundTo: roundTo) {
      let known = codes[cell.code]?.lows[cell.stay]?[cell.place] ?? 0
      codes[cell.code, default: OfCode()].lows[cell.stay, default: [:]][cell.place] = max(known, cell.low)
    }
  }

  /// Lowers the most admissions that there can have been, with whatever codes, to those of a later release.
  mutating func lower(by statistics: Statistics, roundTo: Int?, in release: AttackedRelease) {
    for sum in release.sums(of: statistics, roundTo: roundTo) {
      highs[sum.attributes, default: [:]][sum.place] = min(highs[sum.attributes]?[sum.place] ?? sum.high, sum.high)
    }
  }
}

extension AttackedRelease {
  /// The cells with codes of another release, as far as tables of this release count by their attributes and name their
  /// categories.
  ///
  /// Limit: only cells, not the sums that a table withholding nothing implies.
  fileprivate func codeCells(
    of statistics: Statistics, roundTo: Int?
  ) -> [(code: AttackedCode, stay: [Attribute], place: Int, low: Int)] {
    let stays = Dictionary(grouping: tables.filter { !$0.codes.isEmpty && !$0.isCeiling }, by: \.codes)
      .mapValues { $0.map(\.stay) }
    return statistics.tables.flatMap { table in
      var found: [(code: AttackedCode, stay: [Attribute], place: Int, low: Int)] = []
      let codes = Attribute.allCases.filter { $0.isMultiValued && table.attributes.contains($0) }
      let stay = Attribute.allCases.filter { !$0.isMultiValued && table.attributes.contains($0) }
      guard stays[codes]?.contains(where: { Set(stay).isSubset(of: $0) }) == true else { return found }
      let (names, places) = (codeNames(codes), places(stay))
      let axes = (codes + stay).map { table.attributes.firstIndex(of: $0) ?? 0 }
      for cell in table.cells {
        let numbers = zip(codes + stay, axes).compactMap { number(of: cell.key[$1], $0) }
        guard numbers.count == axes.count else { continue }
        let code = AttackedCode(attributes: codes, number: names.place(Array(numbers.prefix(codes.count))))
        let rounding = cell.count == 0 ? 0 : (roundTo ?? 0) / 2
        found.append(
          (code, stay, places.place(Array(numbers.dropFirst(codes.count))), max(0, cell.count - rounding)))
      }
      return found
    }
  }

  /// The cells of another release, and the sums of its tables that withhold nothing, as far as tables of this release
  /// count by their attributes and name their categories.
  ///
  /// Limit: only tables without codes; for the others see `codeCells`.
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
