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
  /// For each profile, the admissions with the code.
  let counts: [Int]
  /// The profiles with such admissions, in order.
  let holders: [Int]
  /// How many admissions of each profile can have the code at most.
  let most: [Int]
  /// Where single moves can take the code.
  private(set) lazy var singly = limits(pairs?[0])
  /// The same, where two moves together change a count by one.
  private(set) lazy var byTwo = limits(pairs?[1])
  /// The same for up to four moves.
  private(set) lazy var byFour = limits(pairs?[2])
  /// How far published pairs of the code with others let it move, by one, two and four moves; nil if there are none.
  private let pairs: [PublishedPairs.Limits]?
  /// For each table and place, whether its count is published.
  let isPublished: [[Bool]]
  /// The code's patients in the withheld cells of each table, by place.
  private let patients: [[Int: Int]]
  /// The code's patients in the published cells of each table.
  private let publishedPatients: [Int]
  /// For each table, the profiles of the code's admissions by place.
  private var profilesAt: [[Int: [Int]]]
  /// Profiles with the same signature are at the same published cells of the code, and at withheld cells of the same
  /// tables: admissions can exchange the code without changing a published count.
  let signatures: [Int]
  /// For each profile, the number of its signature among those that occur.
  let numbers: [Int]
  /// The number of the signature of the profiles that are at no published cell; nil if there are none.
  private let unpublished: Int?
  /// How many admissions of a profile can lose the code so that no count falls below what another release told; nil if
  /// none told anything.
  private var losable: [Int: Int]?
  var signatureCount: Int { movableBySignature.count }
  /// How many admissions can lose the code, by number of the signature.
  private var movableBySignature: [Int]
  /// How many more admissions can have the code, by number of the signature, as far as somebody asked.
  private var roomBySignature: [Int?]
  /// The profiles by signature, for pairs of moves.
  private(set) lazy var bySignature = ProfilesBySignature(self)

  /// - Parameters:
  ///   - growth: how many admissions can have the code beside or no longer, where nothing published tells.
  ///   - floors: the fewest admissions by stay and place that another release tells.
  init(_ moves: CodeMoves, _ code: Int, _ growth: Growth, floors: [[Attribute]: [Int: Int]]) {
    self.moves = moves
    let own = moves.profiles.allCounts(moves.attribute, code)
    (counts, holders) = (own.counts, own.holders)
    let all = counts.reduce(0, +)
    self.growth = Growth(more: growth.more, fewer: min(growth.fewer, all - (floors[[]]?[0] ?? 0)))
    most = moves.profiles.mostWith(moves.attribute, code, moves.release)
    pairs = moves.pairs?.limits(code, own, lengths: [1, 2, 4])
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
    let numberOf: [Int: Int]
    (numbers, numberOf) = Self.numbered(signatures)
    unpublished = numberOf[0]
    movableBySignature = Array(repeating: 0, count: numberOf.count)
    roomBySignature = Array(repeating: nil, count: numberOf.count)
    profilesAt = moves.tables.map { _ in [:] }
    for profile in holders {
      for table in moves.tables.indices {
        profilesAt[table][moves.tables[table].places[profile], default: []].append(profile)
      }
    }
    if floors.contains(where: { !$0.key.isEmpty }) { losable = shared(floors) }
    for profile in holders { movableBySignature[numbers[profile]] += singly.movable[profile] }
  }

  /// Numbers the signatures that occur.
  private static func numbered(_ signatures: [Int]) -> (numbers: [Int], numberOf: [Int: Int]) {
    var numberOf: [Int: Int] = [:]
    var last = (signature: -1, number: 0)
    let numbers = signatures.map { signature in
      // Most neighbours have the same signature.
      if signature != last.signature {
        let number = numberOf[signature] ?? numberOf.count
        numberOf[signature] = number
        last = (signature, number)
      }
      return last.number
    }
    return (numbers, numberOf)
  }

  /// Shares out among profiles how many admissions can lose the code. The number of all admissions with the code is not
  /// at stake here, as every move gives the code to another admission.
  private func shared(_ floors: [[Attribute]: [Int: Int]]) -> [Int: Int] {
    var left: [[Int: Int]] = moves.tables.indices.map { table in
      let stay = moves.release.tables[moves.tables[table].number].stay
      guard !stay.isEmpty, let lows = floors[stay] else { return [:] }
      return Dictionary(
        uniqueKeysWithValues: lows.map { place, low in
          (place, (profilesAt[table][place] ?? []).reduce(-low) { $0 + counts[$1] })
        })
    }
    var losable: [Int: Int] = [:]
    for profile in holders {
      let places = moves.tables.map { $0.places[profile] }
      let most = left.indices.reduce(counts[profile]) { min($0, left[$1][places[$1]] ?? $0) }
      losable[profile] = max(0, most)
      for table in left.indices { left[table][places[table]]? -= max(0, most) }
    }
    return losable
  }

  /// Whether admissions with a signature can gain or lose the code without others that make up for it.
  ///
  /// - Parameter number: the number of the signature.
  private func isFree(_ number: Int) -> Bool { growth != Growth() && number == unpublished }

  /// For each profile, how many more admissions can have the code, and how many can lose it.
  struct Limits {
    var room: [Int]
    var movable: [Int]
  }

  private func limits(_ pairs: PublishedPairs.Limits?) -> Limits {
    var limits = Limits(room: zip(most, counts).map { max(0, $0 - $1) }, movable: counts)
    if let losable {
      for profile in holders { limits.movable[profile] = losable[profile] ?? 0 }
    }
    func lower(_ numbers: inout [Int], to most: [Int]?) {
      guard let most, !most.isEmpty else { return }
      for profile in numbers.indices { numbers[profile] = min(numbers[profile], most[profile]) }
    }
    lower(&limits.room, to: moves.bands?.more)
    lower(&limits.movable, to: moves.bands?.fewer)
    lower(&limits.room, to: pairs?.more)
    lower(&limits.movable, to: pairs?.fewer)
    return limits
  }

  /// Whether everybody knows that no admission at the place has the code.
  private func isImpossible(_ table: Int, _ place: Int) -> Bool {
    let profiles = moves.tables[table].profiles[place]
    return moves.tables[table].isOneCell[place] && !profiles.isEmpty && profiles.allSatisfy { most[Int($0)] == 0 }
      && profilesAt[table][place] == nil
  }

  /// The withheld cells of a table that no moves show to be hidden.
  ///
  /// - Returns: their places, and whether some sum of withheld cells is not shown to be hidden either.
  func doubtful(_ table: Int) -> (places: [Int], isSum: Bool) {
    if isCertainlyEmpty(table) { return ([], false) }
    let k = moves.release.minimumPatients
    let withheld = isPublished[table].indices.filter { place in
      !isPublished[table][place] && moves.tables[table].highs[place] > 0 && !isImpossible(table, place)
    }
    let places = withheld.filter { place in
      (moves.tables[table].isOneCell[place] || patients[table][place] ?? 0 < k)
        && !isOpen(table, [place]) && !isOpenByChains(table, place, withheld)
    }
    let isWithheld = Set(withheld)
    let isSum = moves.tables[table].sums.contains { sums in
      sums.contains { places in
        let withheld = places.filter(isWithheld.contains)
        return !withheld.isEmpty && !coversEnough(table, withheld, isAll: sums.count == 1) && !isOpen(table, withheld)
      }
    }
    return (places, isSum)
  }

  /// Whether the published counts of a table are known to add up to all of the code's admissions.
  private func isCertainlyEmpty(_ table: Int) -> Bool {
    guard moves.release.roundTo == nil, let margin, isPublished[margin][0] else { return false }
    return holders.allSatisfy { isPublished[table][moves.tables[table].places[$0]] }
  }

  /// The table that counts the code alone; nil if there is none.
  private var margin: Int? { moves.tables.firstIndex { moves.release.tables[$0.number].stay.isEmpty } }

  /// Whether a withheld part of the code's admissions in a table is known to cover enough patients.
  ///
  /// - Parameter isAll: whether nothing else is withheld there.
  private func coversEnough(_ table: Int, _ withheld: [Int], isAll: Bool) -> Bool {
    let k = moves.release.minimumPatients
    if withheld.contains(where: { patients[table][$0] ?? 0 >= k }) { return true }
    guard isAll, let margin, margin != table else { return false }
    let all = max(publishedPatients[margin], patients[margin][0] ?? 0)
    return all - publishedPatients[table] >= k
  }

  /// Whether moves into and out of some withheld places of a table change their sum by k - 1 in all.
  private func isOpen(_ table: Int, _ places: [Int]) -> Bool {
    if places.count == 1, moves.tables[table].profiles[places[0]].count == 1 {
      let profile = Int(moves.tables[table].profiles[places[0]][0])
      return spread(numbers[profile], from: singly.movable[profile], to: singly.room[profile]) >= moves.gap
    }
    var inside = [Int](repeating: 0, count: movableBySignature.count)
    var least = 0
    for place in places {
      for profile in profilesAt[table][place] ?? [] {
        inside[numbers[profile]] += singly.movable[profile]
        least -= singly.movable[profile]
      }
    }
    // The code moves in: at least as often as this bound says, which is known before all profiles are seen.
    var room = [Int](repeating: 0, count: movableBySignature.count)
    for place in places {
      for profile in moves.tables[table].profiles[place] {
        let number = numbers[Int(profile)]
        let most = max(isFree(number) ? growth.more : 0, movableBySignature[number])
        if most == 0 { continue }
        let before = room[number]
        room[number] = before + singly.room[Int(profile)]
        least += min(most, room[number]) - min(most, before)
        if least >= moves.gap { return true }
      }
    }
    return room.indices.reduce(0) { $0 + spread($1, from: inside[$1], to: room[$1]) } >= moves.gap
  }

  /// By how much moves change the number of admissions with the code at some places: the most more, and the most fewer.
  ///
  /// - Parameters:
  ///   - number: the number of a signature.
  ///   - own: how many admissions with the signature can lose the code there.
  ///   - free: how many can gain it there.
  private func spread(_ number: Int, from own: Int, to free: Int) -> Int {
    var up = min(movableBySignature[number] - own, free)
    var down = own > 0 ? min(own, room(ofAll: number) - free) : 0
    if isFree(number) { (up, down) = (max(up, min(free, growth.more)), max(down, min(own, growth.fewer))) }
    return up + down
  }

  /// Whether moves that cancel out elsewhere change a withheld cell by k - 1 in all.
  private func isOpenByChains(_ table: Int, _ place: Int, _ withheld: [Int]) -> Bool {
    let others = withheld.filter { $0 != place }
    return [false, true].contains { isLong in
      var up = CodeExchange(self, table, into: [place], isLong: isLong)
      let more = up.move(moves.gap)
      var down = CodeExchange(self, table, into: others, isLong: isLong)
      if more < moves.gap { down.move(moves.gap - more) }
      return up.isPossible && down.isPossible && up.change(at: place) - down.change(at: place) >= moves.gap
    }
  }

  /// How many more admissions with a signature can have the code.
  ///
  /// - Parameter number: the number of the signature.
  private func room(ofAll number: Int) -> Int {
    if let known = roomBySignature[number] { return known }
    let sum = numbers.indices.reduce(0) { $0 + (numbers[$1] == number ? singly.room[$1] : 0) }
    roomBySignature[number] = sum
    return sum
  }
}
