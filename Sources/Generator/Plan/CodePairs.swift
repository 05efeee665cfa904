internal import Shared

/// Brings codes of two kinds together as often as tables of both publish, [diagnosis, procedure] for example: two admissions of one main
/// diagnosis exchange a code each wherever that brings the run nearer to the published pairs.
///
/// No exchange changes how many codes an admission has, how often a code comes with a main diagnosis, nor how often it comes with a sex, an age or a death
/// that a table of the bundle tells it apart by. Pairs that the bundle withholds are left as they fall.
struct CodePairs: Sendable {
  private let tables: [Pairs]

  /// One table, seen from the codes that are moved.
  private struct Pairs: Sendable {
    /// The admissions' codes of the other kind, which stay.
    let others: PlannedCodes
    /// By the other code's number and the moved one's: how many admissions should have both; under 0 where the bundle does not say.
    let wanted: [Float]
    var found: [Float]
    let width: Int

    mutating func add(_ number: Int, _ code: UInt32, _ change: Float) {
      for other in others.numbers(number) { found[Int(other) * width + Int(code)] += change }
    }

    /// How much the squared distance, in shares of what is wanted, falls where an admission gives one code for another.
    func gain(_ number: Int, gives code: UInt32, takes other: UInt32) -> Float {
      var gain: Float = 0
      for partner in others.numbers(number) {
        let row = Int(partner) * width
        gain += fall(row + Int(code), -1) + fall(row + Int(other), 1)
      }
      return gain
    }

    private func fall(_ place: Int, _ change: Float) -> Float {
      guard wanted[place] >= 0 else { return 0 }
      let off = found[place] - wanted[place]
      return (off * off - (off + change) * (off + change)) / max(wanted[place], 1)
    }
  }

  /// - Parameter others: the kinds that are settled already.
  private init(
    _ attribute: Attribute, _ moved: PlannedCodes, _ others: [Attribute: PlannedCodes], _ statistics: Statistics
  ) {
    let admissions = statistics.admissions
    let scale = Float(moved.admissions) / Float(max(admissions, 1))
    tables = statistics.tables.compactMap { table in
      guard table.attributes.count == 2, let axis = table.attributes.firstIndex(of: attribute),
        let partner = others[table.attributes[1 - axis]], admissions > 0
      else { return nil }
      var wanted = [Float](repeating: -1, count: partner.names.count * moved.names.count)
      let rows = Dictionary(uniqueKeysWithValues: zip(partner.names, 0...))
      let columns = Dictionary(uniqueKeysWithValues: zip(moved.names, 0...))
      for cell in table.cells {
        guard let row = rows[cell.key[1 - axis]], let column = columns[cell.key[axis]] else { continue }
        wanted[row * moved.names.count + column] = Float(cell.count) * scale
      }
      var pairs = Pairs(
        others: partner, wanted: wanted, found: [Float](repeating: 0, count: wanted.count), width: moved.names.count)
      for number in 0..<moved.admissions { for code in moved.numbers(number) { pairs.add(number, code, 1) } }
      return pairs
    }
  }

  /// Settles the pairs of one kind of code with those that are settled already.
  static func fit(
    _ attribute: Attribute, _ moved: PlannedCodes, to others: [Attribute: PlannedCodes], _ profiles: Profiles,
    _ statistics: Statistics, seed: UInt64
  ) -> PlannedCodes {
    var tables = CodePairs(attribute, moved, others, statistics).tables
    guard !tables.isEmpty else { return moved }
    var moved = moved
    var random = SeededRandom(seed: seed, .codePairs, of: textHash(attribute.rawValue))
    let limits = moved.names.map { CodeLimits(of: $0, attribute) }
    let groups = alike(attribute, profiles, statistics)
    for _ in 0..<sweeps {
      for group in groups where group.count > 1 {
        for number in group {
          let partner = group[Int(random.next() % UInt64(group.count))]
          exchange(Int(number), Int(partner), &moved, &tables, limits, profiles, &random)
        }
      }
    }
    return moved
  }

  private static let sweeps = 30

  /// Admissions between which a code can move without a table of the bundle that tells.
  private static func alike(_ attribute: Attribute, _ profiles: Profiles, _ statistics: Statistics) -> [[Int32]] {
    let told: [Attribute] = [.gender, .ageBand, .diedInHospital].filter {
      statistics.table(over: [attribute, $0]) != nil
    }
    let keys = profiles.drafts.map { draft in ([.mainDiagnosis] + told).map { draft.categories[$0] ?? "" } }
    var groups: [[String]: [Int32]] = [:]
    for (number, profile) in profiles.of.enumerated() { groups[keys[Int(profile)], default: []].append(Int32(number)) }
    return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
  }

  /// Exchanges one code of each, chosen by chance, where that helps.
  private static func exchange(
    _ one: Int, _ other: Int, _ moved: inout PlannedCodes, _ tables: inout [Pairs], _ limits: [CodeLimits],
    _ profiles: Profiles, _ random: inout SeededRandom
  ) {
    let (first, second) = (moved.numbers(one), moved.numbers(other))
    guard one != other, !first.isEmpty, !second.isEmpty else { return }
    let given = first.startIndex + Int(random.next() % UInt64(first.count))
    let taken = second.startIndex + Int(random.next() % UInt64(second.count))
    let (code, back) = (first[given], second[taken])
    guard !second.contains(code), !first.contains(back) else { return }
    let gain = tables.reduce(0) {
      $0 + $1.gain(one, gives: code, takes: back) + $1.gain(other, gives: back, takes: code)
    }
    guard gain > 0 else { return }
    func fits(_ code: UInt32, _ number: Int) -> Bool {
      limits[Int(code)].fit(profiles.drafts[Int(profiles.of[number])])
    }
    guard fits(code, other), fits(back, one) else { return }
    for table in tables.indices {
      tables[table].add(one, code, -1)
      tables[table].add(one, back, 1)
      tables[table].add(other, back, -1)
      tables[table].add(other, code, 1)
    }
    moved.replace(at: given, by: back)
    moved.replace(at: taken, by: code)
  }
}
