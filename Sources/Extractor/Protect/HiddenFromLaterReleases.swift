internal import Shared

extension EarlierRelease {
  /// Requires that what this release withholds stays hidden from somebody who sees the tables of a later one and counts
  /// on records only being added: then no count was larger before.
  ///
  /// - Parameter roundTo: how the later tables are rounded.
  /// - Throws: status 77, naming those of this release's tables that would no longer hide what they withhold.
  func requireHidden(from tables: [PublishedTable], roundTo: Int?) throws(CloisterError) {
    var later = statistics
    later.tables = tables
    let found = attack(statistics, under: policy) { release in
      var known = KnownSums()
      known.lower(by: later, roundTo: roundTo, in: release)
      return known
    }
    // If no counts fit, records were removed, and nobody can count on growth.
    guard let found, !found.exposures.isEmpty else { return }
    let before = attack(statistics, under: policy)?.exposures ?? []
    let exposed = Set(found.exposures.map(\.what)).subtracting(before.map(\.what))
    guard exposed.isEmpty else {
      let names = Set(exposed.compactMap { $0.split(separator: ":").first.map(String.init) }).sorted()
      throw CloisterError(
        .releaseRefused,
        "if records are only added, this release bounds counts that release \(sequence) of the ledger withheld: "
          + names.joined(separator: ", "),
        hint: "release again once more admissions were added, or leave out tables by the attributes of those")
    }
  }
}
