internal import CountSolver
internal import Shared

/// The bounds that tables with one multi-valued attribute imply for tables with two or three, and the other way around
/// (Fréchet 1951). A joint count is at most the smallest single count, and at least the overlap that the number of
/// admissions forces.
///
/// Limit: tables of several codes are compared with tables of one code, but not with each other.
final class CodeBounds {
  private let release: AttackedRelease
  private let ceilings: Ceilings
  /// The bounds that each table with one multi-valued attribute shows, by code and place. The key consists of that
  /// attribute and the table's single-valued attributes.
  private var singles: [Key: Single] = [:]
  /// The keys of the tables of one code whose bounds those of several codes need.
  private var wanted: Set<Key> = []
  /// Bounds that tables of several codes give for single codes.
  private var ofOne: [Attribute: [Int: OfCode]] = [:]

  /// What other releases tell.
  private let known: KnownSums
  private let limits: CodeLimits

  private struct Key: Hashable {
    let code: Attribute
    let stay: [Attribute]
  }

  private struct Single {
    let isWhole: Bool
    /// For each code, the bounds at each place.
    var bounds: [Int: [(low: Int, high: Int)]] = [:]
  }

  /// The lower and upper bounds at each place, for each set of single-valued attributes.
  struct OfCode {
    var lows: [[Attribute]: [Int]] = [:]
    var highs: [[Attribute]: [Int]] = [:]
  }

  init(_ release: AttackedRelease, _ ceilings: Ceilings, knowing known: KnownSums) {
    self.release = release
    self.known = known.withoutPublished(of: release)
    limits = CodeLimits(release, ceilings)
    self.ceilings = ceilings
    let several = release.tables.filter { $0.codes.count > 1 }
    if several.isEmpty { return }
    wanted = Set(several.flatMap { table in table.codes.map { Key(code: $0, stay: table.stay) } })
    let paired = Set(several.flatMap(\.codes))
    for table in release.tables where table.codes.count == 1 && paired.contains(table.codes[0]) {
      singles[Key(code: table.codes[0], stay: table.stay)] = shown(table)
    }
    wanted.formIntersection(singles.keys)
    for table in several where !table.isCeiling { boundOne(by: table) }
  }

  private func shown(_ table: AttackedTable) -> Single {
    var single = Single(isWhole: table.isWhole)
    let open = ceilings[table.stay].caps.highs.map { (low: 0, high: table.isWhole ? 0 : $0) }
    for cell in table.cells where cell.isPublished {
      single.bounds[cell.code, default: open][cell.stay] = release.shown(cell)
    }
    return single
  }

  /// Whether tables of several codes need the bounds of the attribute's single codes.
  func isWanted(_ attribute: Attribute) -> Bool { wanted.contains { $0.code == attribute } }

  /// Whether tables of several codes bound the code.
  func isBounded(_ code: Int, _ attribute: Attribute) -> Bool { ofOne[attribute]?[code] != nil }

  /// What another release tells about a code, or a combination of codes; nil if it tells nothing.
  func knownElsewhere(_ code: Int, _ attributes: [Attribute]) -> KnownSums.OfCode? {
    known.codes[AttackedCode(attributes: attributes, number: code)]
  }

  /// How far bands, and tables that rank codes, let the number of admissions with a code change.
  func growth(of code: Int, _ attribute: Attribute) -> Growth { limits.growth(of: code, attribute) }

  /// Whether bands bound codes of the attribute in more than their total.
  func isBandedByStay(_ attribute: Attribute) -> Bool { limits.isBandedByStay(attribute) }

  /// Whether tables of several codes bound no more than the code's total.
  func boundsOnlyTotal(of code: Int, _ attribute: Attribute) -> Bool {
    ofOne[attribute]?[code].map { $0.lows.keys.allSatisfy(\.isEmpty) } ?? true
  }

  /// Adds the bounds that the attack on the tables of one code found.
  func note(_ grid: GridAttack, _ attribute: Attribute, _ code: Int) {
    for key in wanted where key.code == attribute {
      guard let found = grid.bounds(release.places(key.stay), with: [attribute]) else { continue }
      let known = singles[key]?.bounds[code]
      // Both bounds hold, so their intersection does too.
      singles[key]?.bounds[code] =
        known.map { zip($0, found).map { (max($0.low, $1.low), min($0.high, $1.high)) } } ?? found
    }
  }

  /// Whether there are several codes and, for at least one of them, the number of admissions with that code at the
  /// place is uncertain.
  func isOpen(_ codes: [Int], _ attributes: [Attribute], _ stay: [Attribute], _ place: Int) -> Bool {
    attributes.count > 1
      && zip(codes, attributes).contains { code, attribute in
        let known = bounds(code, attribute, stay, place)
        return known.low != known.high
      }
  }

  /// The bounds, from the code's own table, on the number of admissions with the code at a place.
  private func bounds(_ code: Int, _ attribute: Attribute, _ stay: [Attribute], _ place: Int) -> (low: Int, high: Int) {
    let single = singles[Key(code: attribute, stay: stay)]
    if let known = single?.bounds[code]?[place] { return known }
    return (0, single?.isWhole == true ? 0 : ceilings[stay].caps.highs[place])
  }

  /// Derives bounds for single codes from the published cells of several codes. The admissions in such a cell are also
  /// part of the cell of each of its codes.
  private func boundOne(by table: AttackedTable) {
    let names = Places(table.codes, sizes: table.codes.map { release.names[$0]?.count ?? 0 })
    let highs = ceilings[table.stay].caps.highs
    for cell in table.cells where cell.isPublished {
      let shown = release.shown(cell)
      let codes = names.categories(cell.code)
      for (axis, attribute) in table.codes.enumerated() {
        var bounds = ofOne[attribute]?[codes[axis]] ?? OfCode()
        var lows = bounds.lows[table.stay] ?? Array(repeating: 0, count: highs.count)
        lows[cell.stay] = max(lows[cell.stay], shown.low)
        bounds.lows[table.stay] = lows
        if table.codes.count == 2 {
          // Admissions with this code but not the other can't outnumber all admissions without the other.
          let other = self.bounds(codes[1 - axis], table.codes[1 - axis], table.stay, cell.stay)
          var most = bounds.highs[table.stay] ?? highs
          most[cell.stay] = min(most[cell.stay], max(lows[cell.stay], shown.high + highs[cell.stay] - other.low))
          bounds.highs[table.stay] = most
          // The rule need not hold for what only an earlier release published.
          if release.usesTies, cell.isOfRelease {
            rule3(codes[axis], attribute, table.stay, cell.stay, both: shown, &bounds)
          }
        }
        ofOne[attribute, default: [:]][codes[axis]] = bounds
        if table.codes.count == 2, release.usesTies {
          let other = (attribute: table.codes[1 - axis], code: codes[1 - axis])
          contain((attribute, codes[axis]), in: other, table.stay, cell.stay, both: shown.low)
        }
      }
    }
  }

  /// By rule 3, all admissions with one code of a published pair have the other one too, or at least k have not.
  ///
  /// - Parameter both: how many admissions at a place of a stay have both codes.
  private func rule3(
    _ code: Int, _ attribute: Attribute, _ stay: [Attribute], _ place: Int, both: (low: Int, high: Int),
    _ bounds: inout OfCode
  ) {
    let k = release.minimumPatients
    let places = release.places(stay)
    let known = singles.keys.filter { $0.code == attribute && Set($0.stay).isSubset(of: stay) }.map { key in
      self.bounds(code, attribute, key.stay, places.projection(to: release.places(key.stay))[place])
    }
    let most = min(known.map(\.high).min() ?? CountSystem.unlimited, ceilings[stay].caps.highs[place])
    let own = self.bounds(code, attribute, stay, place)
    let (low, high) = (bounds.lows[stay]?[place] ?? 0, bounds.highs[stay]?[place] ?? CountSystem.unlimited)
    if most < both.low + k { bounds.highs[stay]?[place] = min(high, both.high) }
    if own.low > both.high { bounds.lows[stay]?[place] = max(low, both.low + k) }
  }

  /// If all admissions with one code, or all but fewer than k, have the other code too, the other code's counts bound
  /// those of the first from above, and the first code's bound those of the other from below.
  ///
  /// - Parameter both: the fewest admissions with both codes at a place of a stay.
  private func contain(
    _ code: (attribute: Attribute, code: Int), in other: (attribute: Attribute, code: Int), _ stay: [Attribute],
    _ place: Int, both: Int
  ) {
    let places = release.places(stay)
    func counts(_ code: (attribute: Attribute, code: Int)) -> [(
      stay: [Attribute], within: [Int], bounds: [(low: Int, high: Int)]
    )] {
      singles.keys.filter { $0.code == code.attribute && Set(stay).isSubset(of: $0.stay) }.map { key in
        let own = release.places(key.stay)
        let within = own.projection(to: places).enumerated().filter { $1 == place }.map(\.offset)
        return (key.stay, within, (0..<own.count).map { bounds(code.code, code.attribute, key.stay, $0) })
      }
    }
    let (first, second) = (counts(code), counts(other))
    let most =
      first.map { table in
        table.within.reduce(0) { min(CountSystem.unlimited, $0 + table.bounds[$1].high) }
      }.min() ?? CountSystem.unlimited
    let alone = max(0, most - both)
    guard alone < release.minimumPatients else { return }
    for table in second {
      var highs = table.bounds.map { _ in CountSystem.unlimited }
      for place in table.within { highs[place] = min(CountSystem.unlimited, table.bounds[place].high + alone) }
      ofOne[code.attribute, default: [:]][code.code, default: OfCode()]
        .narrow(table.stay, lows: highs.map { _ in 0 }, highs: highs)
    }
    for table in first {
      var lows = table.bounds.map { _ in 0 }
      for place in table.within { lows[place] = max(0, table.bounds[place].low - alone) }
      ofOne[other.attribute, default: [:]][other.code, default: OfCode()].narrow(table.stay, lows: lows, highs: nil)
    }
  }

  /// The bounds that other tables give for places that combine stays and codes. Only places where every code is present
  /// have bounds.
  func jointBounds(
    _ places: Places, _ codes: [Attribute: Int]
  ) -> [(low: Int, high: Int)]? {
    let attributes = places.attributes.filter(\.isMultiValued)
    let stay = places.attributes.filter { !$0.isMultiValued }
    if attributes.isEmpty { return nil }
    let numbers = attributes.map { codes[$0] ?? 0 }
    let step = 1 << attributes.count
    var all = [(low: Int, high: Int)](repeating: (0, CountSystem.unlimited), count: places.count)
    let own = bounds(of: numbers, attributes)
    for place in 0..<places.count / step {
      var known = (low: own?.lows[stay]?[place] ?? 0, high: own?.highs[stay]?[place] ?? CountSystem.unlimited)
      if attributes.count == 1, singles[Key(code: attributes[0], stay: stay)] != nil {
        let single = bounds(numbers[0], attributes[0], stay, place)
        known = (max(known.low, single.low), min(known.high, single.high))
      }
      all[place * step + step - 1] = known
    }
    return all
  }

  /// Narrows the bounds of a code, or a combination of codes, by what other releases tell.
  private func narrow(_ bounds: inout OfCode, _ codes: [Int], _ attributes: [Attribute]) {
    guard let known = knownElsewhere(release.codeNames(attributes).place(codes), attributes) else { return }
    for (stay, lows) in known.lows {
      bounds.narrow(stay, lows: (0..<release.places(stay).count).map { lows[$0] ?? 0 }, highs: nil)
    }
  }

  /// - Parameter codes: the number of each attribute's code.
  /// - Returns: nil if other tables give no bounds.
  func bounds(of codes: [Int], _ attributes: [Attribute]) -> OfCode? {
    if attributes.count == 1 {
      var found = limits.of(codes[0], attributes[0])
      for (stay, highs) in ofOne[attributes[0]]?[codes[0]]?.highs ?? [:] { found.narrow(stay, lows: nil, highs: highs) }
      for (stay, lows) in ofOne[attributes[0]]?[codes[0]]?.lows ?? [:] { found.narrow(stay, lows: lows, highs: nil) }
      narrow(&found, codes, attributes)
      return found.highs.isEmpty && found.lows.isEmpty ? nil : found
    }
    var found = OfCode()
    let stays = Set(release.tables.filter { $0.codes == attributes }.map(\.stay))
    for stay in stays where attributes.contains(where: { singles[Key(code: $0, stay: stay)] != nil }) {
      let most = ceilings[stay].caps.highs
      let all = most.indices.map { place in zip(codes, attributes).map { bounds($0, $1, stay, place) } }
      found.highs[stay] = all.map { $0.map(\.high).min() ?? 0 }
      found.lows[stay] = all.enumerated().map { place, bounds in
        max(0, bounds.reduce(0) { $0 + $1.low } - (bounds.count - 1) * most[place])
      }
    }
    narrow(&found, codes, attributes)
    return found.highs.isEmpty ? nil : found
  }
}
