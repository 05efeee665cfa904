internal import Shared

/// Shows that withheld counts of admissions with several codes are open, by exchanging codes between admissions.
///
/// Claim: if `isHidden` says so, then for each withheld cell of the codes there are two hospitals with the true stays,
/// the same published counts of single codes and the same published pairs with others, in which the cell's counts are
/// at least k - 1 apart. Within a profile, the number of admissions with all codes can be anything from the overlap
/// that the profile's size forces to the number with the rarest code (Fréchet 1951). Moving one of two codes to where
/// the other one is more frequent makes more room.
struct CodeOverlaps {
  private let release: AttackedRelease
  private let profiles: AttackedProfiles
  private let index: CodeIndex
  private let table: Int
  private let attributes: [Attribute]
  /// For each profile, its place among the table's stays.
  private let places: [Int]
  private let isOneCell: [Bool]
  /// For each attribute, what moves its codes; nil if moves could break what is known about them.
  private let moves: [CodeMoves?]
  private let tied: [Set<Int>]

  /// - Parameters:
  ///   - group: the tables that count by just these codes.
  ///   - pairs: for each attribute, the published pairs of its codes with others.
  /// - Returns: nil if several tables count the codes, or if the true counts are not known by profile.
  init?(
    _ release: AttackedRelease, _ group: [Int], _ index: CodeIndex, _ ceilings: Ceilings, _ pairs: [PublishedPairs?]
  ) {
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
    moves = zip(attributes, pairs).map { attribute, pairs in
      let own = release.tables.indices.filter { release.tables[$0].codes == [attribute] }
      return CodeMoves(release, own, index, ceilings, attribute, pairs)
    }
    tied = attributes.map(release.codesTiedByPairs)
  }

  /// - Parameters:
  ///   - code: the number of the combination of codes.
  ///   - codes: the number of each attribute's code.
  ///   - canMove: for each code, whether nothing but its own tables and pairs limits where it moves.
  func isHidden(_ code: Int, _ codes: [Int], canMove: [Bool]) -> Bool {
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
    let gap = release.minimumPatients - 1
    func narrow() -> [Int] { isAsked.indices.filter { isAsked[$0] && high[$0] - low[$0] < gap } }
    for axis in codes.indices where canMove[axis] && codes.count == 2 && !tied[axis].contains(codes[axis]) {
      let doubtful = narrow()
      if doubtful.isEmpty { return true }
      guard let moves = moves[axis] else { continue }
      let state = CodeAtProfiles(moves, codes[axis], Growth(), floors: [:])
      for place in doubtful {
        let more = moreTogether(state, counts[1 - axis], at: place)
        // Moves that bring the codes together at a place prove that this place alone is open.
        if high[place] - low[place] + more >= gap { isAsked[place] = false }
      }
    }
    return narrow().isEmpty
  }

  /// By how much moves of a code can raise the largest overlap with another one at a place.
  ///
  /// - Parameter other: for each profile, the admissions with the other code.
  private func moreTogether(_ code: CodeAtProfiles, _ other: [Int: Int], at place: Int) -> Int {
    var (from, to): ([Int: Int], [Int: Int]) = ([:], [:])
    for (profile, with) in other where places[profile] == place && with > code.counts[profile] {
      to[code.signatures[profile], default: 0] += min(code.room(profile), with - code.counts[profile])
    }
    for profile in code.holders where to[code.signatures[profile]] != nil {
      let spare = places[profile] == place ? max(0, code.counts[profile] - (other[profile] ?? 0)) : Int.max
      from[code.signatures[profile], default: 0] += min(code.movable(profile), spare)
    }
    return to.reduce(0) { $0 + min($1.value, from[$1.key] ?? 0) }
  }
}
