internal import Shared

extension EarlierRelease {
  /// Requires that what this release withholds stays hidden from somebody who sees the tables of a later one and counts
  /// on records only being added: then no count was larger before.
  ///
  /// - Parameter roundTo: how the later tables are rounded.
  /// - Throws: status 77, naming the tables of this release with counts that are no longer hidden.
  func requireHidden(from tables: [PublishedTable], roundTo: Int?) throws(CloisterError) {
    let release = AttackedRelease(statistics, under: policy, listsAreComplete: true)
    var later = statistics
    later.tables = tables
    var known = KnownSums()
    known.lower(by: later, roundTo: roundTo, in: release)
    guard !known.isEmpty, let found = attack(release, knowing: known), let before = attack(release) else { return }
    let exposed = Set(found.exposures.map(\.what)).subtracting(before.exposures.map(\.what))
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
