internal import Shared

/// The published counts of admissions that have a code and another one.
///
/// Claim: while one code moves between profiles within `limits`, each pair keeps its published count. The number of
/// admissions of a profile with both codes can be anything from the overlap that the profile's size forces to the
/// number with the rarer code (Fréchet 1951), and a pair's count is the sum over all profiles of its stay.
///
/// Limit: an outsider is taken to relate the codes of a pair to each other and to stays, but not three codes at once.
struct PublishedPairs: Sendable {
  private let release: AttackedRelease
  private let profiles: AttackedProfiles?
  private let attribute: Attribute
  private let ofCodes: [Int: [Pair]]
  /// For each table of pairs, the place of each profile among its stays; a table is missing if profiles don't tell.
  private let targets: [Int: [Int]]

  private struct Pair {
    let partner: AttackedCode
    let table: Int
    let place: Int
    let count: Int
    /// nil if the table doesn't list the pair and withholds nothing, so that everybody knows that there is none.
    let cell: CellReference?
  }

  /// nil if no pair of the attribute's codes with others is published.
  init?(_ release: AttackedRelease, _ attribute: Attribute) {
    var ofCodes: [Int: [Pair]] = [:]
    var targets: [Int: [Int]] = [:]
    for (number, table) in release.tables.enumerated() where table.codes.count == 2 && !table.isCeiling {
      guard let axis = table.codes.firstIndex(of: attribute) else { continue }
      if let profiles = release.profiles, profiles.tell(table.stay) {
        targets[number] = profiles.places(release.places(table.stay))
      }
      let names = release.codeNames(table.codes)
      func note(_ code: Int, _ place: Int, _ count: Int, _ cell: CellReference?) {
        let codes = names.categories(code)
        let partner = AttackedCode(attributes: [table.codes[1 - axis]], number: codes[1 - axis])
        ofCodes[codes[axis], default: []].append(
          Pair(partner: partner, table: number, place: place, count: count, cell: cell))
      }
      for (place, cell) in table.cells.enumerated() where cell.isPublished {
        note(cell.code, cell.stay, cell.admissions, CellReference(table: number, cell: place))
      }
      if table.isWhole {
        let places = release.places(table.stay).count
        let listed = Set(table.cells.map { $0.code * places + $0.stay })
        for pair in 0..<names.count * places where !listed.contains(pair) {
          note(pair / places, pair % places, 0, nil)
        }
      }
    }
    if ofCodes.isEmpty { return nil }
    (self.release, profiles, self.attribute) = (release, release.profiles, attribute)
    (self.ofCodes, self.targets) = (ofCodes, targets)
  }

  /// Whether something published tells about pairs of a code with others than `other`.
  func tell(of code: Int, except other: AttackedCode?) -> Bool {
    ofCodes[code]?.contains { $0.partner != other } ?? false
  }

  /// Whether more admissions could have a code. By rule 3, they can't if all that have it are part of one pair.
  func canGrow(_ code: Int) -> Bool {
    guard let pairs = ofCodes[code] else { return true }
    guard let profiles else { return false }
    let all = profiles.counts(attribute, code).values.reduce(0, +)
    return pairs.allSatisfy { $0.count < all }
  }

  /// The cells to withhold so that pairs of a code with others than `other` no longer limit where it moves: those whose
  /// counts are close to what is possible at all or, if there are none, all.
  func cells(_ code: Int, except other: AttackedCode?) -> [CellReference] {
    let pairs = (ofCodes[code] ?? []).filter { $0.partner != other }
    let counts = profiles?.allCounts(attribute, code).counts ?? []
    let rooms = pairs.map { room($0, counts) }
    for moved in [gap, 2 * gap] {
      let close = zip(pairs, rooms).filter { pair, room in room.map { isClose(pair, $0, moved) } ?? true }.map(\.0)
      if !close.isEmpty { return cells(close) }
    }
    return cells(pairs)
  }

  private func cells(_ pairs: [Pair]) -> [CellReference] {
    let own = pairs.compactMap(\.cell)
    if !own.isEmpty { return own }
    // Any cell will do, as the table is whole no longer.
    return Set(pairs.map(\.table)).sorted().flatMap { table in
      release.tables[table].cells.indices.map { CellReference(table: table, cell: $0) }
    }
  }

  /// How far a pair's count is from the smallest and from the largest one that its codes allow.
  private struct Room {
    let fewer: Int
    let more: Int
    /// Whether all admissions of the place with the code have the other code too.
    let isOfAllWithCode: Bool
    /// For each profile, the admissions with the other code.
    let partner: [Int: Int]
  }

  /// nil if it isn't known.
  private func room(_ pair: Pair, _ counts: [Int]) -> Room? {
    guard let profiles, let targets = targets[pair.table] else { return nil }
    let partner = profiles.counts(pair.partner.attributes[0], pair.partner.number)
    var (least, most) = (0, 0)
    for (profile, with) in partner where targets[profile] == pair.place {
      least += max(0, counts[profile] + with - profiles.admissions[profile])
      most += min(counts[profile], with)
    }
    let all = counts.indices.reduce(0) { $0 + (targets[$1] == pair.place ? counts[$1] : 0) }
    return Room(
      fewer: pair.count - least, more: most - pair.count, isOfAllWithCode: all == pair.count, partner: partner)
  }

  private func isClose(_ pair: Pair, _ room: Room, _ moved: Int) -> Bool {
    room.fewer < moved || room.more < moved + kept(pair)
  }

  /// By rule 3, no admissions or at least k have only one of the codes. Moves change their number only by stay.
  private func kept(_ pair: Pair) -> Int { release.tables[pair.table].stay.isEmpty ? 0 : release.minimumPatients }

  /// How many admissions of each profile can gain or lose a code, as far as pairs limit it: by single moves, and by two
  /// moves that together change a count by one.
  ///
  /// - Parameter counts: for each profile, the number of admissions with the code.
  func limits(_ code: Int, _ counts: [Int]) -> (one: Limits, two: Limits) {
    var (one, two) = (Limits(), Limits())
    for pair in ofCodes[code] ?? [] {
      guard let room = room(pair, counts) else { return (.none, .none) }
      limit(&one, pair, room, counts, moved: gap)
      limit(&two, pair, room, counts, moved: 2 * gap)
    }
    return (one, two)
  }

  private var gap: Int { release.minimumPatients - 1 }

  /// - Parameter moved: how many admissions at most gain or lose the code.
  private func limit(_ limits: inout Limits, _ pair: Pair, _ room: Room, _ counts: [Int], moved: Int) {
    guard let profiles, let targets = targets[pair.table] else { return }
    if room.more < moved + kept(pair) {
      let isOfAll = kept(pair) == 0
      for profile in counts.indices where counts[profile] > 0 && targets[profile] == pair.place {
        limits.fewer(profile, isOfAll ? max(0, counts[profile] - (room.partner[profile] ?? 0)) : 0)
      }
    }
    if room.fewer < moved {
      for (profile, with) in room.partner where targets[profile] == pair.place {
        limits.more(profile, max(0, profiles.admissions[profile] - with - counts[profile]))
      }
    }
    if kept(pair) > 0, room.isOfAllWithCode {
      for profile in counts.indices where targets[profile] == pair.place { limits.more(profile, 0) }
    }
  }

  /// By profile; those that nothing limits are missing.
  struct Limits {
    private var more: [Int: Int] = [:]
    private var fewer: [Int: Int] = [:]
    private var isNone = false

    /// No admission can gain or lose the code, as far as is known.
    fileprivate static let none = {
      var limits = Limits()
      limits.isNone = true
      return limits
    }()

    fileprivate mutating func more(_ profile: Int, _ most: Int) { more[profile] = min(more[profile] ?? most, most) }

    fileprivate mutating func fewer(_ profile: Int, _ most: Int) { fewer[profile] = min(fewer[profile] ?? most, most) }

    func more(_ profile: Int) -> Int { isNone ? 0 : more[profile] ?? Int.max }

    func fewer(_ profile: Int) -> Int { isNone ? 0 : fewer[profile] ?? Int.max }
  }
}
