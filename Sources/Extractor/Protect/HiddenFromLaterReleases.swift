internal import Shared

extension EarlierRelease {
  /// Finds out whether a later release gives away what this one withholds, to somebody who assumes that records are
  /// only added: then no count was larger before.
  ///
  /// - Parameters:
  ///   - before: releases before this one, whose counts were no larger.
  ///   - roundTo: how the later tables are rounded.
  /// - Returns: those of this release's tables that would no longer hide what they withhold; nil if there are none.
  func told(by tables: [PublishedTable], after before: [EarlierRelease] = [], roundTo: Int?) -> ToldTogether? {
    var later = statistics
    later.tables = tables
    func attacked(after before: [EarlierRelease]) -> Findings? {
      attack(statistics, under: policy) { release in
        var known = KnownSums()
        known.raise(by: before, in: release)
        known.lower(by: later, roundTo: roundTo, in: release)
        return known
      }
    }
    // If no counts fit, records were removed, and nobody can count on growth.
    let found = attacked(after: before) ?? (before.isEmpty ? nil : attacked(after: []))
    guard let found, !found.exposures.isEmpty else { return nil }
    let before = attack(statistics, under: policy)?.exposures ?? []
    let exposed = Set(found.exposures.map(\.what)).subtracting(before.map(\.what))
    if exposed.isEmpty { return nil }
    return ToldTogether(
      exposed,
      "if records are only added, this release bounds counts that release \(sequence) of the ledger withheld")
  }
}
