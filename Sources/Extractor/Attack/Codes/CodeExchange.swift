internal import Shared

/// Moves one code into some withheld cells of a table, from its other withheld cells, so that no published count
/// changes: by single moves between profiles with the same signature, or by two moves that differ in one table and
/// cancel out there.
struct CodeExchange {
  private let code: CodeAtProfiles
  private let table: Int
  private let isInside: [Bool]
  private let targets: [Int]
  private let profiles: ProfilesBySignature
  /// By how much moves have changed the admissions with the code, by profile.
  private var changes: [Int: Int] = [:]
  /// How many steps are left, so that the work ends.
  private var steps = 20_000

  private var tables: [CodeMoves.Table] { code.moves.tables }

  init(_ code: CodeAtProfiles, _ table: Int, into places: [Int]) {
    self.code = code
    self.table = table
    let moves = code.moves
    var isInside = [Bool](repeating: false, count: moves.tables[table].isOneCell.count)
    for place in places { isInside[place] = true }
    self.isInside = isInside
    targets = places.flatMap { moves.tables[table].profiles[$0].map { Int($0) } }
    profiles = code.bySignature
  }

  private func isInside(_ profile: Int) -> Bool { isInside[tables[table].places[profile]] }

  /// How many more admissions of a profile can still have the code.
  private func room(_ profile: Int) -> Int { code.room(profile, isByTwo: true) - (changes[profile] ?? 0) }

  /// How many admissions of a profile can still lose the code.
  private func movable(_ profile: Int) -> Int { code.movable(profile, isByTwo: true) + (changes[profile] ?? 0) }

  /// Moves as much as possible.
  ///
  /// - Parameter wanted: the largest number to move.
  /// - Returns: how much was moved.
  @discardableResult
  mutating func move(_ wanted: Int) -> Int {
    var moved = 0
    for target in targets where moved < wanted && steps > 0 {
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
    }
    return moved
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
    for signature in profiles.signatures[other][from] ?? [] where moved < wanted {
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
    changes[source, default: 0] -= amount
    changes[target, default: 0] += amount
    return amount
  }

  /// By how much the moves have changed the number of admissions with the code at a place.
  func change(at place: Int) -> Int {
    changes.reduce(0) { $0 + (tables[table].places[$1.key] == place ? $1.value : 0) }
  }

  /// Whether the counts are possible and leave every published count as it is.
  var isPossible: Bool {
    guard changes.allSatisfy({ -code.movable($0, isByTwo: true) <= $1 && $1 <= code.room($0, isByTwo: true) })
    else { return false }
    return tables.indices.allSatisfy { number in
      var sums: [Int: Int] = [:]
      for (profile, change) in changes { sums[tables[number].places[profile], default: 0] += change }
      return sums.allSatisfy { $0.value == 0 || !code.isPublished[number][$0.key] }
    }
  }
}

/// The profiles that have a code, and those that can have it, by signature.
final class ProfilesBySignature {
  private(set) var holders: [Int: [Int]] = [:]
  private(set) var members: [Int: [Int]] = [:]
  /// For each table, the signatures of `holders` by their token in that table.
  private(set) var signatures: [[Int: [Int]]]
  /// For each table, the tokens of `holders` by the rest of the signature.
  private(set) var tokens: [[Int: [Int]]]
  private let tables: [CodeMoves.Table]

  init(_ code: CodeAtProfiles) {
    tables = code.moves.tables
    signatures = tables.map { _ in [:] }
    tokens = signatures
    for profile in code.holders { holders[code.signatures[profile], default: []].append(profile) }
    for profile in code.most.indices where code.most[profile] > 0 {
      members[code.signatures[profile], default: []].append(profile)
    }
    for signature in holders.keys.sorted() {
      for number in tables.indices {
        let token = token(signature, number)
        signatures[number][token, default: []].append(signature)
        tokens[number][signature - token * tables[number].step, default: []].append(token)
      }
    }
  }

  /// Which published place of a table a signature names, plus one; 0 for a withheld one.
  func token(_ signature: Int, _ table: Int) -> Int {
    signature / tables[table].step % (tables[table].isOneCell.count + 1)
  }
}
