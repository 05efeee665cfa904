internal import Shared

/// Moves one code into some withheld cells of a table, from its other withheld cells, so that no published count
/// changes: by single moves between profiles with the same signature, or by moves that differ in some tables, followed
/// by one move for each of these tables that cancels the difference out.
struct CodeExchange {
  private let code: CodeAtProfiles
  private let table: Int
  private let isInside: [Bool]
  private let targets: [Int]
  private let profiles: ProfilesBySignature
  private let limits: CodeAtProfiles.Limits
  /// By how much moves have changed the admissions with the code, by profile.
  private var changes: [Int32]
  /// Every move: what it took from one profile to another.
  private var log: [(source: Int, target: Int, amount: Int)] = []
  /// How many steps are left, so that the work ends.
  private var steps = 20_000
  private let isLong: Bool

  /// In how many tables the two ends of a long move may differ.
  private static let mostDifferences = 3

  private var tables: [CodeMoves.Table] { code.moves.tables }

  /// - Parameter isLong: whether up to four moves may cancel out, rather than two.
  init(_ code: CodeAtProfiles, _ table: Int, into places: [Int], isLong: Bool) {
    self.code = code
    self.isLong = isLong
    self.table = table
    let moves = code.moves
    var isInside = [Bool](repeating: false, count: moves.tables[table].isOneCell.count)
    for place in places { isInside[place] = true }
    self.isInside = isInside
    targets = places.flatMap { moves.tables[table].profiles[$0].map { Int($0) } }
    profiles = code.bySignature
    limits = isLong ? code.byFour : code.byTwo
    changes = Array(repeating: 0, count: code.counts.count)
  }

  private func isInside(_ profile: Int) -> Bool { isInside[tables[table].places[profile]] }

  /// How many more admissions of a profile can still have the code.
  private func room(_ profile: Int) -> Int { limits.room[profile] - Int(changes[profile]) }

  /// How many admissions of a profile can still lose the code.
  private func movable(_ profile: Int) -> Int { limits.movable[profile] + Int(changes[profile]) }

  /// Moves as much as possible.
  ///
  /// - Parameter wanted: the largest number to move.
  /// - Returns: how much was moved.
  @discardableResult
  mutating func move(_ wanted: Int) -> Int {
    var moved = 0
    // The signatures to whose profiles no move leads: a profile itself matters only by its room.
    var isOver = [Bool](repeating: false, count: code.signatureCount)
    for target in targets where moved < wanted && steps > 0 && !isOver[code.numbers[target]] {
      steps -= 1
      if room(target) <= 0 { continue }
      let signature = code.signatures[target]
      for source in profiles.holders[signature] ?? [] where moved < wanted && !isInside(source) {
        moved += shift(source, target, wanted - moved)
      }
      for other in tables.indices where other != table && moved < wanted {
        let own = profiles.token(signature, other)
        let rest = signature - own * tables[other].step
        for token in profiles.tokens[other][rest] ?? [] where token != own && moved < wanted {
          moved += movePair(into: target, rest + token * tables[other].step, other, own, token, wanted - moved)
        }
      }
      isOver[code.numbers[target]] = room(target) > 0
    }
    if isLong { moved += moveLong(wanted - moved) }
    return moved
  }

  /// Moves from profiles that differ in several tables, one admission at a time.
  private mutating func moveLong(_ wanted: Int) -> Int {
    var moved = 0
    var isOver = [Bool](repeating: false, count: code.signatureCount)
    for target in targets where moved < wanted && steps > 0 && !isOver[code.numbers[target]] {
      for source in code.holders where moved < wanted && steps > 0 && room(target) > 0 && !isInside(source) {
        steps -= 1
        let differing = tables.indices.filter { token(source, $0) != token(target, $0) }
        if differing.isEmpty || differing.count > Self.mostDifferences { continue }
        let start = log.count
        let isMade =
          shift(source, target, 1) == 1
          && differing.allSatisfy { makeUp($0, from: token(target, $0), to: token(source, $0), 1) == 1 }
        if isMade { moved += 1 } else { undo(to: start) }
      }
      isOver[code.numbers[target]] = room(target) > 0
    }
    return moved
  }

  private func token(_ profile: Int, _ table: Int) -> Int { profiles.token(code.signatures[profile], table) }

  /// Takes back all moves but the first ones.
  private mutating func undo(to length: Int) {
    while log.count > length, let last = log.popLast() {
      change(last.target, by: -last.amount)
      change(last.source, by: last.amount)
    }
  }

  /// Moves from profiles with another token in one table, and elsewhere the other way around.
  private mutating func movePair(
    into target: Int, _ signature: Int, _ other: Int, _ own: Int, _ token: Int, _ wanted: Int
  ) -> Int {
    var moved = 0
    for source in profiles.holders[signature] ?? [] where moved < wanted && !isInside(source) {
      let most = min(wanted - moved, movable(source), room(target))
      if most <= 0 { continue }
      // First the move itself, so that what makes up for it does not use the same admissions.
      let first = shift(source, target, most)
      let back = makeUp(other, from: own, to: token, first)
      if back < first { _ = shift(target, source, first - back) }
      moved += back
    }
    return moved
  }

  /// Moves the code from one token of a table to another, outside of the cells in question.
  private mutating func makeUp(_ other: Int, from: Int, to: Int, _ wanted: Int) -> Int {
    var moved = 0
    for signature in profiles.signatures[other][from] ?? [] where moved < wanted && steps > 0 {
      if isLong { steps -= 1 }
      let end = signature + (to - from) * tables[other].step
      guard let ends = profiles.members[end] else { continue }
      for source in profiles.holders[signature] ?? [] where moved < wanted && steps > 0 && !isInside(source) {
        for target in ends where movable(source) > 0 && moved < wanted && steps > 0 && !isInside(target) {
          moved += shift(source, target, wanted - moved)
        }
      }
    }
    return moved
  }

  private mutating func shift(_ source: Int, _ target: Int, _ wanted: Int) -> Int {
    steps -= 1
    let amount = min(wanted, movable(source), room(target))
    guard amount > 0, steps > 0 else { return 0 }
    log.append((source, target, amount))
    change(source, by: -amount)
    change(target, by: amount)
    return amount
  }

  private mutating func change(_ profile: Int, by amount: Int) { changes[profile] += Int32(amount) }

  /// The profiles that moves may have changed.
  private var changed: Set<Int> { Set(log.flatMap { [$0.source, $0.target] }) }

  /// By how much the moves have changed the number of admissions with the code at a place.
  func change(at place: Int) -> Int {
    changed.reduce(0) { $0 + (tables[table].places[$1] == place ? Int(changes[$1]) : 0) }
  }

  /// Whether the counts are possible and leave every published count as it is.
  var isPossible: Bool {
    let changed = changed
    guard changed.allSatisfy({ room($0) >= 0 && movable($0) >= 0 }) else { return false }
    return tables.indices.allSatisfy { number in
      var sums: [Int: Int] = [:]
      for profile in changed { sums[tables[number].places[profile], default: 0] += Int(changes[profile]) }
      return sums.allSatisfy { $0.value == 0 || !code.isPublished[number][$0.key] }
    }
  }
}

/// The profiles that have a code, and those that can have it, by signature.
final class ProfilesBySignature {
  let holders: [Int: [Int]]
  let members: [Int: [Int]]
  /// For each table, the signatures of `holders` by their token in that table.
  let signatures: [[Int: [Int]]]
  /// For each table, the tokens of `holders` by the rest of the signature.
  let tokens: [[Int: [Int]]]
  private let tables: [CodeMoves.Table]

  init(_ code: CodeAtProfiles) {
    let tables = code.moves.tables
    var (holders, members): ([Int: [Int]], [Int: [Int]]) = ([:], [:])
    for profile in code.holders { holders[code.signatures[profile], default: []].append(profile) }
    for profile in code.most.indices where code.most[profile] > 0 {
      members[code.signatures[profile], default: []].append(profile)
    }
    let none: [[Int: [Int]]] = tables.map { _ in [:] }
    var (signatures, tokens) = (none, none)
    for signature in holders.keys.sorted() {
      for (number, table) in tables.enumerated() {
        let token = Self.token(signature, table)
        signatures[number][token, default: []].append(signature)
        tokens[number][signature - token * table.step, default: []].append(token)
      }
    }
    (self.holders, self.members, self.signatures, self.tokens) = (holders, members, signatures, tokens)
    self.tables = tables
  }

  /// Which published place of a table a signature names, plus one; 0 for a withheld one.
  func token(_ signature: Int, _ table: Int) -> Int { Self.token(signature, tables[table]) }

  private static func token(_ signature: Int, _ table: CodeMoves.Table) -> Int {
    signature / table.step % (table.isOneCell.count + 1)
  }
}
