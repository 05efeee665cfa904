internal import Shared

/// Shows that the withheld cells of one code are open, by moving the code from some admissions to others.
///
/// Claim: for each withheld cell of the code that `doubts` does not name, there are two hospitals with the same
/// published tables in which the cell's counts are at least k - 1 apart. Both have the true stays, and differ only in
/// which admissions have the code. So whatever is known about stays reveals no more. An admission's bands limit how
/// many codes it can have, no admission has its main diagnosis as another diagnosis too, and published pairs keep their
/// counts.
///
/// Limit: looks only for single moves that keep every published count of the code, and for pairs of moves that
/// together keep them.
struct CodeMoves {
  let release: AttackedRelease
  let index: CodeIndex
  let profiles: AttackedProfiles
  let attribute: Attribute
  let tables: [Table]
  /// nil if no table counts by the number of codes and by something else.
  let bands: BandLimits?
  /// nil if no pair of the attribute's codes with others is published.
  let pairs: PublishedPairs?
  let gap: Int

  /// A released table that counts the code.
  struct Table {
    let number: Int
    /// For each profile, its place among the table's stays.
    let places: [Int]
    /// For each place, its profiles.
    let profiles: [[Int32]]
    /// Whether each place is a single cell.
    let isOneCell: [Bool]
    /// The most admissions that each place can have.
    let highs: [Int]
    /// What the place counts in a signature.
    let step: Int
    /// For each set of attributes that the table shares with another of the code's, the places that such a sum is of.
    let sums: [[[Int]]]
  }

  /// - Parameters:
  ///   - group: the tables that count by the attribute's codes and no others.
  ///   - pairs: nil if no pair of the attribute's codes with others is published.
  /// - Returns: nil if the true counts are not known by profile.
  init?(
    _ release: AttackedRelease, _ group: [Int], _ index: CodeIndex, _ ceilings: Ceilings, _ attribute: Attribute,
    _ pairs: PublishedPairs?
  ) {
    guard let profiles = release.profiles else { return nil }
    (self.release, self.index, self.profiles, self.attribute) = (release, index, profiles, attribute)
    var tables: [Table] = []
    var step = 1
    let stays = group.map { release.tables[$0].stay }
    for number in group where !release.tables[number].isCeiling {
      let stay = release.tables[number].stay
      guard profiles.tell(stay) else { return nil }
      let all = release.places(stay)
      let places = profiles.places(all)
      var members = [[Int32]](repeating: [], count: all.count)
      for (profile, place) in places.enumerated() { members[place].append(Int32(profile)) }
      tables.append(
        Table(
          number: number, places: places, profiles: members,
          isOneCell: (0..<all.count).map { release.isOneCell(all.categories($0), stay) },
          highs: ceilings[stay].caps.highs, step: step, sums: Self.sums(release, stay, stays)))
      let (next, isTooLarge) = step.multipliedReportingOverflow(by: all.count + 1)
      if isTooLarge { return nil }
      step = next
    }
    self.tables = tables
    bands = profiles.bands[attribute]
    self.pairs = pairs
    gap = release.minimumPatients - 1
  }

  /// For each set of attributes that a stay shares with another one, the places of the stay that each sum by these
  /// attributes is of.
  private static func sums(
    _ release: AttackedRelease, _ stay: [Attribute], _ others: [[Attribute]]
  ) -> [[[Int]]] {
    let shared = Set([[]] + others.map { other in stay.filter(other.contains) }).filter { $0.count < stay.count }
    let all = release.places(stay)
    return shared.sorted { $0.lexicographicallyPrecedes($1) { $0.rawValue < $1.rawValue } }.map { attributes in
      let fewer = release.places(attributes)
      var places = [[Int]](repeating: [], count: fewer.count)
      for (place, target) in all.projection(to: fewer).enumerated() { places[target].append(place) }
      return places
    }
  }

  /// The withheld cells of a code that no moves show to be hidden, and whether that includes a sum of such cells.
  ///
  /// - Parameters:
  ///   - growth: how far the number of admissions with the code may change, where nothing published tells it.
  ///   - floors: the fewest admissions by stay and place that another release tells.
  /// - Returns: nil if the tables don't count by the stays of the floors.
  func doubts(_ code: Int, _ growth: Growth, floors: [[Attribute]: [Int: Int]]) -> CodeDoubts? {
    guard floors.keys.allSatisfy({ stay in stay.isEmpty || tables.contains { release.tables[$0.number].stay == stay } })
    else { return nil }
    let state = CodeAtProfiles(self, code, growth, floors: floors)
    var doubts = CodeDoubts()
    for number in tables.indices {
      let found = state.doubtful(number)
      if found.isSum { doubts.isSum = true }
      if !found.places.isEmpty { doubts.places[release.tables[tables[number].number].stay] = Set(found.places) }
    }
    return doubts
  }
}
