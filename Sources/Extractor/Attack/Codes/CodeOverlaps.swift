internal import Shared

/// Shows that withheld counts of admissions with several codes are open, by exchanging codes between admissions of the
/// same profile.
///
/// Claim: if `isHidden` says so, then for each withheld cell of the codes there are two hospitals with the true stays,
/// and with the true number of admissions with each code in each profile, in which the cell's counts are at least k - 1
/// apart. The number of admissions with all codes can be anything from the overlap that the profile's size forces to
/// the number with the rarest code (Fréchet 1951).
///
/// Limit: tables by others of the codes' combinations are not taken into account.
struct CodeOverlaps {
  private let release: AttackedRelease
  private let profiles: AttackedProfiles
  private let index: CodeIndex
  private let table: Int
  private let attributes: [Attribute]
  /// For each profile, its place among the table's stays.
  private let places: [Int]
  private let isOneCell: [Bool]

  /// - Parameters:
  ///   - group: the tables that count by just these codes.
  /// - Returns: nil if several tables count the codes, or if the true counts are not known by profile.
  init?(_ release: AttackedRelease, _ group: [Int], _ index: CodeIndex) {
    let released = group.filter { !release.tables[$0].isCeiling }
    guard released.count == 1, let profiles = release.profiles else { return nil }
    let stay = release.tables[released[0]].stay
    guard profiles.tell(stay) else { return nil }
    let all = release.places(stay)
    (self.release, self.profiles, self.index) = (release, profiles, index)
    table = released[0]
    attributes = release.tables[table].codes
    places = profiles.places(all)
    isOneCell = (0..<all.count).map { release.isOneCell(all.categories($0), stay) }
  }

  /// - Parameters:
  ///   - code: the number of the combination of codes.
  ///   - codes: the number of each attribute's code.
  func isHidden(_ code: Int, _ codes: [Int]) -> Bool {
    var isAsked = [Bool](repeating: true, count: isOneCell.count)
    for number in index.cells(table, code) {
      let cell = release.tables[table].cells[number]
      isAsked[cell.stay] =
        !cell.isPublished && (isOneCell[cell.stay] || cell.patients < release.minimumPatients)
    }
    if release.tables[table].isWhole || !isAsked.contains(true) { return true }
    let counts = zip(attributes, codes).map { profiles.counts($0, $1) }
    var (low, high) = ([Int](repeating: 0, count: isAsked.count), [Int](repeating: 0, count: isAsked.count))
    let rarest = counts.min { $0.count < $1.count } ?? [:]
    for profile in rarest.keys {
      let parts = counts.map { $0[profile] ?? 0 }
      let forced = parts.reduce(0, +) - (parts.count - 1) * profiles.admissions[profile]
      low[places[profile]] += max(0, forced)
      high[places[profile]] += parts.min() ?? 0
    }
    return isAsked.indices.allSatisfy { !isAsked[$0] || high[$0] - low[$0] >= release.minimumPatients - 1 }
  }
}
