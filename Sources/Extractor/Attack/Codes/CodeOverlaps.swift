internal import Shared

/// Shows that withheld counts of admissions with several codes are open, by exchanging codes between admissions.
///
/// Claim: if `areHidden` says so, then for each withheld cell of the codes there are two hospitals with the true stays,
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

  /// A combination of codes.
  struct Target: Sendable {
    /// Its number, and the number of each attribute's code.
    let code: Int
    let codes: [Int]
    /// For each code, whether nothing but its own tables and pairs limits where it moves.
    let canMove: [Bool]
  }

  /// By place, the withheld cells that must be shown to be open, and how many admissions can have all codes there.
  private struct Overlap: Sendable {
    var isAsked: [Bool]
    var low: [Int]
    var high: [Int]

    func isNarrow(_ place: Int, _ gap: Int) -> Bool { isAsked[place] && high[place] - low[place] < gap }
  }

  /// Whether each combination is hidden.
  func areHidden(_ targets: [Target], threads: Int) -> [Bool] {
    let gap = release.minimumPatients - 1
    var overlaps = sideBySide(targets.count, threads: threads) { overlap(targets[$0]) }
    func isDoubtful(_ target: Int) -> Bool {
      overlaps[target].isAsked.indices.contains { overlaps[target].isNarrow($0, gap) }
    }
    for axis in attributes.indices where attributes.count == 2 {
      guard let moves = moves[axis] else { continue }
      let doubtful = targets.indices.filter { target in
        let code = targets[target].codes[axis]
        return targets[target].canMove[axis] && !tied[axis].contains(code) && isDoubtful(target)
      }
      // What moves a code is the same for all its combinations.
      let byCode = Dictionary(grouping: doubtful) { targets[$0].codes[axis] }.sorted { $0.key < $1.key }
      let open = sideBySide(byCode.count, threads: threads) { [overlaps] number in
        let state = CodeAtProfiles(moves, byCode[number].key, Growth(), floors: [:])
        return byCode[number].value.map { target in
          let other = profiles.allCounts(attributes[1 - axis], targets[target].codes[1 - axis])
          return overlaps[target].isAsked.indices.filter { place in
            // Moves that bring the codes together at a place prove that this place alone is open.
            overlaps[target].isNarrow(place, gap)
              && overlaps[target].high[place] - overlaps[target].low[place]
                + moreTogether(state, other, at: place) >= gap
          }
        }
      }
      for (group, places) in zip(byCode, open) {
        for (target, places) in zip(group.value, places) {
          for place in places { overlaps[target].isAsked[place] = false }
        }
      }
    }
    return targets.indices.map { !isDoubtful($0) }
  }

  private func overlap(_ target: Target) -> Overlap {
    let none = [Int](repeating: 0, count: isOneCell.count)
    var overlap = Overlap(isAsked: isOneCell.map { _ in !release.tables[table].isWhole }, low: none, high: none)
    for number in index.cells(table, target.code) {
      let cell = release.tables[table].cells[number]
      overlap.isAsked[cell.stay] =
        !release.tables[table].isWhole && !cell.isPublished
        && (isOneCell[cell.stay] || cell.patients < release.minimumPatients)
    }
    if !overlap.isAsked.contains(true) { return overlap }
    let counts = zip(attributes, target.codes).map { profiles.allCounts($0, $1) }
    for profile in counts.min(by: { $0.holders.count < $1.holders.count })?.holders ?? [] {
      let parts = counts.map { $0.counts[profile] }
      let forced = parts.reduce(0, +) - (parts.count - 1) * profiles.admissions[profile]
      overlap.low[places[profile]] += max(0, forced)
      overlap.high[places[profile]] += parts.min() ?? 0
    }
    return overlap
  }

  /// By how much moves of a code can raise the largest overlap with another one at a place.
  private func moreTogether(_ code: CodeAtProfiles, _ other: ProfileCounts, at place: Int) -> Int {
    var (from, to): ([Int: Int], [Int: Int]) = ([:], [:])
    for profile in other.holders where places[profile] == place && other.counts[profile] > code.counts[profile] {
      let with = other.counts[profile]
      to[code.signatures[profile], default: 0] += min(code.singly.room[profile], with - code.counts[profile])
    }
    for profile in code.holders where to[code.signatures[profile]] != nil {
      let spare = places[profile] == place ? max(0, code.counts[profile] - other.counts[profile]) : Int.max
      from[code.signatures[profile], default: 0] += min(code.singly.movable[profile], spare)
    }
    return to.reduce(0) { $0 + min($1.value, from[$1.key] ?? 0) }
  }
}
