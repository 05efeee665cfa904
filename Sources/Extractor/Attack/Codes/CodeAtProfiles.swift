internal import Shared

/// How far the number of admissions with a code may change.
struct Growth: Equatable {
  var more = 0
  var fewer = 0
}

/// One code's admissions, and what is published about them.
final class CodeAtProfiles {
  let moves: CodeMoves
  /// How many admissions can have the code beside or no longer, where nothing published tells.
  private let growth: Growth
  /// The code's admissions by profile.
  let counts: [Int: Int]
  /// The same, for every profile.
  private let countAt: [Int]
  /// How many admissions of each profile can have the code at most.
  let most: [Int]
  /// For each table and place, whether its count is published.
  let isPublished: [[Bool]]
  /// The code's patients in the withheld cells of each table, by place.
  private let patients: [[Int: Int]]
  /// The code's patients in the published cells of each table.
  private let publishedPatients: [Int]
  /// For each table, the profiles of the code's admissions by place.
  private var profilesAt: [[Int: [Int]]]
  /// The signature of each profile.
  private let signatures: [Int]
  /// How many admissions can lose the code, by signature.
  private var movableBySignature: [Int: Int] = [:]
  /// How many more admissions can have the code, by signature, as far as somebody asked.
  private var roomBySignature: [Int: Int] = [:]
  /// The profiles by signature, for pairs of moves.
  private(set) lazy var holders = ProfilesBySignature(self)

  init(_ moves: CodeMoves, _ code: Int, _ growth: Growth) {
    self.moves = moves
    self.growth = growth
    counts = moves.profiles.counts(moves.attribute, code)
    countAt = counts.reduce(into: Array(repeating: 0, count: moves.profiles.admissions.count)) { $0[$1.key] = $1.value }
    most = moves.profiles.mostWith(moves.attribute, code, moves.release)
    var isPublished: [[Bool]] = []
    var patients: [[Int: Int]] = []
    var publishedPatients: [Int] = []
    for table in moves.tables {
      let attacked = moves.release.tables[table.number]
      var shown = [Bool](repeating: attacked.isWhole, count: table.isOneCell.count)
      var people: [Int: Int] = [:]
      var published = 0
      for number in moves.index.cells(table.number, code) {
        let cell = attacked.cells[number]
        if cell.isPublished {
          shown[cell.stay] = true
          published += cell.patients
        } else {
          people[cell.stay] = cell.patients
        }
      }
      isPublished.append(shown)
      patients.append(people)
      publishedPatients.append(published)
    }
    (self.isPublished, self.patients, self.publishedPatients) = (isPublished, patients, publishedPatients)
    var signatures = [Int](repeating: 0, count: most.count)
    for (table, shown) in zip(moves.tables, isPublished) {
      for (profile, place) in table.places.enumerated() where shown[place] {
        signatures[profile] += (place + 1) * table.step
      }
    }
    self.signatures = signatures
    profilesAt = moves.tables.map { _ in [:] }
    for profile in counts.keys {
      movableBySignature[signature(profile), default: 0] += movable(profile)
      for table in moves.tables.indices {
        profilesAt[table][moves.tables[table].places[profile], default: []].append(profile)
      }
    }
  }

  /// Profiles with the same signature are at the same published cells of the code, and at withheld cells of the same
  /// tables: admissions can exchange the code without changing a published count.
  func signature(_ profile: Int) -> Int { signatures[profile] }

  /// Whether admissions can gain or lose the code without others that make up for it.
  private func isFree(_ signature: Int) -> Bool { growth != Growth() && signature == 0 }

  /// How many more admissions of a profile can have the code.
  func room(_ profile: Int) -> Int {
    let free = max(0, most[profile] - countAt[profile])
    return moves.bands.map { min(free, $0.more[profile]) } ?? free
  }

  /// How many admissions of a profile can lose the code.
  func movable(_ profile: Int) -> Int {
    let all = countAt[profile]
    return moves.bands.map { min(all, $0.fewer[profile]) } ?? all
  }

  /// Whether everybody knows that no admission at the place has the code.
  private func isImpossible(_ table: Int, _ place: Int) -> Bool {
    let profiles = moves.tables[table].profiles[place]
    return moves.tables[table].isOneCell[place] && !profiles.isEmpty && profiles.allSatisfy { most[Int($0)] == 0 }
      && profilesAt[table][place] == nil
  }

  /// The withheld cells of a table that no moves show to be hidden.
  ///
  /// - Returns: their places, and whether the sum of all withheld cells is not shown to be hidden either.
  func doubtful(_ table: Int) -> (places: [Int], isSum: Bool) {
    if isCertainlyEmpty(table) { return ([], false) }
    let k = moves.release.minimumPatients
    let withheld = isPublished[table].indices.filter { place in
      !isPublished[table][place] && moves.tables[table].highs[place] > 0 && !isImpossible(table, place)
    }
    let places = withheld.filter { place in
      (moves.tables[table].isOneCell[place] || patients[table][place] ?? 0 < k)
        && !isOpen(table, [place]) && !isOpenByPairs(table, place, withheld)
    }
    return (places, !withheld.isEmpty && !coversEnough(table) && !isOpen(table, withheld))
  }

  /// Whether the published counts of a table are known to add up to all of the code's admissions.
  private func isCertainlyEmpty(_ table: Int) -> Bool {
    guard moves.release.roundTo == nil, let margin, isPublished[margin][0] else { return false }
    return counts.allSatisfy { isPublished[table][moves.tables[table].places[$0.key]] }
  }

  /// The table that counts the code alone; nil if there is none.
  private var margin: Int? { moves.tables.firstIndex { moves.release.tables[$0.number].stay.isEmpty } }

  /// Whether the withheld part of the code's admissions in a table is known to cover enough patients.
  private func coversEnough(_ table: Int) -> Bool {
    let k = moves.release.minimumPatients
    if patients[table].values.contains(where: { $0 >= k }) { return true }
    guard let margin, margin != table else { return false }
    let all = max(publishedPatients[margin], patients[margin][0] ?? 0)
    return all - publishedPatients[table] >= k
  }

  /// Whether moves into and out of some withheld places of a table change their sum by k - 1 in all.
  private func isOpen(_ table: Int, _ places: [Int]) -> Bool {
    if places.count == 1, moves.tables[table].profiles[places[0]].count == 1 {
      let profile = Int(moves.tables[table].profiles[places[0]][0])
      return spread(signature(profile), from: movable(profile), to: room(profile)) >= moves.gap
    }
    var inside: [Int: Int] = [:]
    for place in places {
      for profile in profilesAt[table][place] ?? [] { inside[signature(profile), default: 0] += movable(profile) }
    }
    // The code moves in: at least as often as this bound says, which is known before all profiles are seen.
    var room: [Int: Int] = [:]
    var least = -inside.values.reduce(0, +)
    for place in places {
      for profile in moves.tables[table].profiles[place] {
        let signature = signature(Int(profile))
        guard let most = isFree(signature) ? growth.more : movableBySignature[signature] else { continue }
        let before = room[signature] ?? 0
        room[signature] = before + self.room(Int(profile))
        least += min(most, room[signature] ?? 0) - min(most, before)
        if least >= moves.gap { return true }
      }
    }
    let spreads = Set(room.keys).union(inside.keys).map { spread($0, from: inside[$0] ?? 0, to: room[$0] ?? 0) }
    return spreads.reduce(0, +) >= moves.gap
  }

  /// By how much moves change the number of admissions with the code at some places: the most more, and the most fewer.
  ///
  /// - Parameters:
  ///   - own: how many admissions with the signature can lose the code there.
  ///   - free: how many can gain it there.
  private func spread(_ signature: Int, from own: Int, to free: Int) -> Int {
    if isFree(signature) { return min(own, growth.fewer) + min(free, growth.more) }
    guard let all = movableBySignature[signature] else { return 0 }
    return min(all - own, free) + (own > 0 ? min(own, room(ofAll: signature) - free) : 0)
  }

  /// Whether pairs of moves change a withheld cell by k - 1 in all.
  private func isOpenByPairs(_ table: Int, _ place: Int, _ withheld: [Int]) -> Bool {
    var up = CodeExchange(self, table, into: [place])
    let more = up.move(moves.gap)
    var down = CodeExchange(self, table, into: withheld.filter { $0 != place })
    if more < moves.gap { down.move(moves.gap - more) }
    return up.isPossible && down.isPossible && up.admissions(at: place) - down.admissions(at: place) >= moves.gap
  }

  /// How many more admissions with the signature can have the code.
  private func room(ofAll signature: Int) -> Int {
    if let known = roomBySignature[signature] { return known }
    let sum = signatures.indices.reduce(0) { $0 + (signatures[$1] == signature ? room($1) : 0) }
    roomBySignature[signature] = sum
    return sum
  }
}
