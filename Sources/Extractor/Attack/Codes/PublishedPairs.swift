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
    let own = profiles?.allCounts(attribute, code) ?? ProfileCounts()
    let rooms = pairs.map { room($0, own) }
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
    /// The admissions with the other code.
    let partner: ProfileCounts
  }

  /// nil if it isn't known.
  private func room(_ pair: Pair, _ own: ProfileCounts) -> Room? {
    guard let profiles, let targets = targets[pair.table] else { return nil }
    let partner = profiles.allCounts(pair.partner.attributes[0], pair.partner.number)
    var (least, most) = (0, 0)
    for profile in partner.holders where targets[profile] == pair.place {
      let (one, other) = (own.counts[profile], partner.counts[profile])
      least += max(0, one + other - profiles.admissions[profile])
      most += min(one, other)
    }
    let all = own.holders.reduce(0) { $0 + (targets[$1] == pair.place ? own.counts[$1] : 0) }
    return Room(
      fewer: pair.count - least, more: most - pair.count, isOfAllWithCode: all == pair.count, partner: partner)
  }

  private func isClose(_ pair: Pair, _ room: Room, _ moved: Int) -> Bool {
    room.fewer < moved || room.more < moved + kept(pair)
  }

  /// By rule 3, no admissions or at least k have only one of the codes. Moves change their number only by stay.
  private func kept(_ pair: Pair) -> Int { release.tables[pair.table].stay.isEmpty ? 0 : release.minimumPatients }

  /// How many admissions of each profile can gain or lose a code, as far as pairs limit it.
  ///
  /// - Parameters:
  ///   - own: the admissions with the code.
  ///   - lengths: how many moves together change a count by one.
  /// - Returns: the limits for each length.
  func limits(_ code: Int, _ own: ProfileCounts, lengths: [Int]) -> [Limits] {
    var limits = lengths.map { _ in Limits(own.counts.count) }
    for pair in ofCodes[code] ?? [] {
      guard let room = room(pair, own) else { return lengths.map { _ in .none(own.counts.count) } }
      for (number, length) in lengths.enumerated() { limit(&limits[number], pair, room, own, moved: length * gap) }
    }
    return limits
  }

  private var gap: Int { release.minimumPatients - 1 }

  /// - Parameter moved: how many admissions at most gain or lose the code.
  private func limit(_ limits: inout Limits, _ pair: Pair, _ room: Room, _ own: ProfileCounts, moved: Int) {
    guard let profiles, let targets = targets[pair.table] else { return }
    if room.more < moved + kept(pair) {
      let isOfAll = kept(pair) == 0
      for profile in own.holders where targets[profile] == pair.place {
        limits.lowerFewer(profile, to: isOfAll ? max(0, own.counts[profile] - room.partner.counts[profile]) : 0)
      }
    }
    if room.fewer < moved {
      for profile in room.partner.holders where targets[profile] == pair.place {
        let with = room.partner.counts[profile]
        limits.lowerMore(profile, to: max(0, profiles.admissions[profile] - with - own.counts[profile]))
      }
    }
    if kept(pair) > 0, room.isOfAllWithCode {
      for profile in targets.indices where targets[profile] == pair.place { limits.lowerMore(profile, to: 0) }
    }
  }

  /// By profile: how many more admissions can have the code, and how many fewer. Empty until something limits one.
  struct Limits {
    private(set) var more: [Int] = []
    private(set) var fewer: [Int] = []
    private let profiles: Int

    fileprivate init(_ profiles: Int) { self.profiles = profiles }

    /// No admission can gain or lose the code, as far as is known.
    fileprivate static func none(_ profiles: Int) -> Limits {
      var limits = Limits(profiles)
      limits.more = Array(repeating: 0, count: profiles)
      limits.fewer = limits.more
      return limits
    }

    fileprivate mutating func lowerMore(_ profile: Int, to most: Int) {
      if more.isEmpty { more = Array(repeating: .max, count: profiles) }
      more[profile] = min(more[profile], most)
    }

    fileprivate mutating func lowerFewer(_ profile: Int, to most: Int) {
      if fewer.isEmpty { fewer = Array(repeating: .max, count: profiles) }
      fewer[profile] = min(fewer[profile], most)
    }
  }
}
