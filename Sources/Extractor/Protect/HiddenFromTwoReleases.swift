internal import Shared

/// Finds out whether a release and an earlier one of its series together give away what either withholds, to somebody
/// who assumes that records are only added.
///
/// Claim: if the result is nil, the two releases and what all others bound do not imply that a withheld count may be
/// under k and lies in a range narrower than k - 1, unless one release alone implies it or the count is 0. The same
/// holds for the number of admissions added to a place that both releases tell.
///
/// How: both releases form one system. An admission of the later one was seen in the earlier one, or it was added, and
/// the earlier tables count those seen. Other releases that fit in with the earlier one as tables of the same records
/// are taken to be that; the rest bound it from below or above.
///
/// Limit: a code is attacked by its own tables in both releases and the largest counts of stays, and jointly with all
/// stays only if these are few.
///
/// - Parameters:
///   - tables: what the new release publishes.
///   - earlier: the releases of the series about the same source, in order.
func toldByTwoReleases(
  _ tables: [PublishedTable], of tally: Tally, under policy: Policy, with earlier: [EarlierRelease]
) -> ToldTogether? {
  let kind = earlier.filter {
    $0.statistics.schema == tally.schema && $0.policy.isForEvaluation == policy.isForEvaluation
  }
  for (place, release) in kind.enumerated() {
    let pair = TwoReleases(release, kind[..<place], kind[(place + 1)...], tables, policy)
    let exposed = pair.told()
    if exposed.isEmpty { continue }
    return ToldTogether(
      exposed,
      "together with release \(release.sequence) of the ledger, this release would tell a count of fewer than "
        + "\(policy.protection.minimumPatients) admissions")
  }
  return nil
}

/// A new release and an earlier one, as one system.
private struct TwoReleases {
  private let policy: Policy
  private let later: [PublishedTable]
  private let earlier: [PublishedTable]
  /// The tables with codes, also those that withhold all.
  private let codes: (later: [PublishedTable], earlier: [PublishedTable])
  private let before: [EarlierRelease]
  private let between: [EarlierRelease]

  init(
    _ release: EarlierRelease, _ before: ArraySlice<EarlierRelease>, _ between: ArraySlice<EarlierRelease>,
    _ tables: [PublishedTable], _ policy: Policy
  ) {
    self.policy = policy
    self.before = Array(before)
    self.between = Array(between)
    let own = Self.comparable(release.statistics.tables)
    earlier = own + Self.impliedMargins(of: own)
    later = Self.comparable(tables)
    codes = (Self.ofCodes(tables), Self.ofCodes(release.statistics.tables))
  }

  /// The tables without codes of multi-valued attributes.
  private static func comparable(_ tables: [PublishedTable]) -> [PublishedTable] {
    tables.filter { !$0.attributes.contains(where: \.isMultiValued) }
  }

  private static func ofCodes(_ tables: [PublishedTable]) -> [PublishedTable] {
    tables.filter { $0.attributes.contains(where: \.isMultiValued) }
  }

  /// A table of an earlier release as a part of the system, in which it counts only what was seen before.
  private static func seen(_ table: PublishedTable) -> PublishedTable {
    PublishedTable(
      attributes: table.attributes + [.seenIn], total: nil,
      cells: table.cells.map { PublishedCell(key: $0.key + [SeenIn.earlier.rawValue], count: $0.count) },
      suppressed: [])
  }

  /// The sums that tables tell because they withhold nothing.
  private static func impliedMargins(of tables: [PublishedTable]) -> [PublishedTable] {
    var known = Set(tables.map { Set($0.attributes) })
    var margins: [PublishedTable] = []
    for table in tables where table.total != nil {
      for set in strictSubsets(of: table.attributes) where known.insert(Set(set)).inserted {
        let axes = set.map { table.attributes.firstIndex(of: $0) ?? 0 }
        var sums: [[String]: Int] = [:]
        for cell in table.cells { sums[axes.map { cell.key[$0] }, default: 0] += cell.count }
        margins.append(
          PublishedTable(
            attributes: set, total: table.total,
            cells: sums.map { PublishedCell(key: $0.key, count: $0.value) }.sorted { byteOrder($0.key, $1.key) },
            suppressed: []))
      }
    }
    return margins
  }

  /// The counts that are told too closely, though no release tells them alone.
  func told() -> Set<ToldTogether.Place> {
    let tellsCodes = !codes.earlier.isEmpty && (codes.earlier + codes.later).contains { !$0.cells.isEmpty }
    guard !earlier.isEmpty || tellsCodes else { return [] }
    let seen = sameRecords()
    let ofStays = earlier.isEmpty ? [] : told(seen, [], later, [])
    return ofStays.isEmpty && tellsCodes ? told(seen, codes.earlier, later, codes.later) : ofStays
  }

  /// - Parameters:
  ///   - seenCodes: the earlier release's tables with codes.
  ///   - laterCodes: the same for the later release.
  private func told(
    _ seen: [PublishedTable], _ seenCodes: [PublishedTable], _ later: [PublishedTable], _ laterCodes: [PublishedTable]
  ) -> Set<ToldTogether.Place> {
    let found = exposures(seen + seenCodes, later + laterCodes) ?? [:]
    if found.isEmpty { return [] }
    let alone = [exposures(seen + seenCodes, []), exposures([], later + laterCodes)]
    let known = Set(alone.compactMap { $0?.keys }.joined())
    return Set(found.filter { !known.contains($0.key) }.values)
  }

  /// The tables of the earlier release without codes, with those of other releases that fit in with them.
  private func sameRecords() -> [PublishedTable] {
    var tables = earlier
    for other in before + between {
      let known = Set(tables.map { Set($0.attributes) })
      let more = Self.comparable(other.statistics.tables).filter { !known.contains(Set($0.attributes)) }
      if !more.isEmpty, exposures(tables + more, later) != nil { tables += more }
    }
    return tables
  }

  /// The names of the counts that may be under k and are told too closely; nil if no counts fit.
  private func exposures(_ seen: [PublishedTable], _ later: [PublishedTable]) -> [String: ToldTogether.Place]? {
    for listsAreComplete in [true, false] {
      let release = system(seen, later, listsAreComplete: listsAreComplete)
      guard let found = attack(release, knowing: bounds(of: release, by: seen)) else { continue }
      let told = found.exposures.filter { $0.low < policy.protection.minimumPatients && isOfRelease($0) }
      return Dictionary(told.map { ($0.what, ToldTogether.Place($0, release)) }) { first, _ in first }
    }
    return nil
  }

  /// Whether an exposure is of a count that one of the releases has. Rounded counts always tell roughly how many
  /// admissions were added.
  private func isOfRelease(_ exposure: Exposure) -> Bool {
    policy.protection.roundTo == nil || !exposure.what.contains(Attribute.seenIn.rawValue)
      || exposure.what.hasSuffix(", \(SeenIn.earlier.rawValue)")
  }

  private func system(
    _ seen: [PublishedTable], _ later: [PublishedTable], listsAreComplete: Bool
  ) -> AttackedRelease {
    let statistics = Statistics(
      schema: .mimicIII, minimumPatients: policy.protection.minimumPatients, tables: later + seen.map(Self.seen),
      titles: CodeTitles())
    var release = AttackedRelease(statistics, under: policy, listsAreComplete: listsAreComplete)
    release.codesAreAlone = (later + seen).contains { $0.attributes.contains(where: \.isMultiValued) }
    for (number, table) in seen.enumerated() where table.total != nil {
      release.noteEmpty(later.count + number, at: SeenIn.earlier.rawValue)
    }
    return release
  }

  /// What releases before and after the earlier one bound, as far as they are not part of the system.
  private func bounds(of release: AttackedRelease, by seen: [PublishedTable]) -> KnownSums {
    var known = KnownSums()
    let own = seen.map { Set($0.attributes) }
    func others(_ releases: [EarlierRelease]) -> [(Statistics, Int?)] {
      releases.map { other in
        var statistics = other.statistics
        statistics.tables = Self.comparable(statistics.tables).filter { table in
          !seen.contains(table) && own.contains { Set(table.attributes).isSubset(of: $0) }
        }.map(Self.seen)
        return (statistics, other.policy.protection.roundTo)
      }
    }
    for (statistics, roundTo) in others(before) { known.raise(by: statistics, roundTo: roundTo, in: release) }
    for (statistics, roundTo) in others(between) { known.lower(by: statistics, roundTo: roundTo, in: release) }
    return known
  }
}

extension AttackedRelease {
  /// Notes that no admission of an earlier release is at a place of a table that the table doesn't list, with any code
  /// that it lists.
  fileprivate mutating func noteEmpty(_ table: Int, at seen: String) {
    let places = places(tables[table].stay)
    guard let axis = places.attributes.firstIndex(of: .seenIn), let number = number(of: seen, .seenIn) else { return }
    let ofSeen = (0..<places.count).filter { places.categories($0)[axis] == number }
    for (code, cells) in Dictionary(grouping: tables[table].cells, by: \.code) {
      let listed = Set(cells.map(\.stay))
      tables[table].cells += ofSeen.filter { !listed.contains($0) }.map { place in
        AttackedCell(code: code, stay: place, admissions: 0, patients: 0, isPublished: true)
      }
    }
    tables[table].cells.sort { ($0.code, $0.stay) < ($1.code, $1.stay) }
  }
}
