internal import Shared

/// Fits how often codes of two kinds occur together to a published table of both kinds, for example [diagnosis,
/// procedure]. Two admissions with the same main diagnosis exchange one code each if that brings the run closer to the
/// published pairs.
///
/// No exchange changes how many codes an admission has or how often a code occurs with a main diagnosis. If the bundle
/// has a table of these codes with sex, age or death, no exchange changes that table's counts either. Pairs that the
/// bundle withholds are not fitted.
struct CodePairs: Sendable {
  private let tables: [Pairs]

  /// One table, from the point of view of the codes that move.
  private struct Pairs: Sendable {
    /// The admissions' codes of the other kind, which don't move.
    let others: PlannedCodes
    /// How many admissions should have both codes, indexed by the number of the other code and then that of the moving
    /// code; negative if the bundle does not publish the pair.
    let wanted: [Float]
    var found: [Float]
    let width: Int

    mutating func add(_ number: Int, _ code: UInt32, _ change: Float) {
      for other in others.numbers(number) { found[Int(other) * width + Int(code)] += change }
    }

    /// How much the squared distance, divided by the wanted count, falls if an admission gives `code` and takes
    /// `other`.
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

  /// - Parameter others: the codes of the kinds that are already settled.
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

  /// Fits the pairs of one kind of code with the kinds that are already settled.
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

  /// Groups of admissions with the same main diagnosis. If the bundle has a table of the attribute with sex, age or
  /// death, the admissions of a group also agree on that attribute. Codes move only within a group.
  private static func alike(_ attribute: Attribute, _ profiles: Profiles, _ statistics: Statistics) -> [[Int32]] {
    let told: [Attribute] = [.gender, .ageBand, .diedInHospital].filter {
      statistics.table(over: [attribute, $0]) != nil
    }
    let keys = profiles.drafts.map { draft in ([.mainDiagnosis] + told).map { draft.categories[$0] ?? "" } }
    var groups: [[String]: [Int32]] = [:]
    for (number, profile) in profiles.of.enumerated() { groups[keys[Int(profile)], default: []].append(Int32(number)) }
    return groups.sorted { byteOrder($0.key, $1.key) }.map(\.value)
  }

  /// Exchanges one randomly chosen code of each of the two admissions if that improves the fit.
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
