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
  /// Bounds that tables of several codes give for single codes.
  private var ofOne: [Attribute: [Int: OfCode]] = [:]

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

  init(_ release: AttackedRelease, _ ceilings: Ceilings) {
    self.release = release
    limits = CodeLimits(release, ceilings)
    self.ceilings = ceilings
    let several = release.tables.filter { $0.codes.count > 1 }
    if several.isEmpty { return }
    let wanted = Set(several.flatMap { table in table.codes.map { Key(code: $0, stay: table.stay) } })
    for table in release.tables where table.codes.count == 1 {
      let key = Key(code: table.codes[0], stay: table.stay)
      if wanted.contains(key) { singles[key] = shown(table) }
    }
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
  func isWanted(_ attribute: Attribute) -> Bool { singles.keys.contains { $0.code == attribute } }

  /// Whether tables of several codes bound the code.
  func isBounded(_ code: Int, _ attribute: Attribute) -> Bool { ofOne[attribute]?[code] != nil }

  /// How far bands let the number of admissions with a code change.
  func growth(of code: Int, _ attribute: Attribute) -> Growth { limits.growth(of: code, attribute) }

  /// Whether bands bound codes of the attribute in more than their total.
  func isBandedByStay(_ attribute: Attribute) -> Bool { limits.isBandedByStay(attribute) }

  /// Whether tables of several codes bound no more than the code's total.
  func boundsOnlyTotal(of code: Int, _ attribute: Attribute) -> Bool {
    ofOne[attribute]?[code].map { $0.lows.keys.allSatisfy(\.isEmpty) } ?? true
  }

  /// Adds the bounds that the attack on the tables of one code found.
  func note(_ grid: GridAttack, _ attribute: Attribute, _ code: Int) {
    for key in singles.keys where key.code == attribute {
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
        }
        ofOne[attribute, default: [:]][codes[axis]] = bounds
      }
    }
  }

  /// The bounds that other tables give for places that combine stays and codes. Only places where every code is present
  /// have bounds.
  func jointBounds(_ places: Places, _ codes: [Attribute: Int]) -> [(low: Int, high: Int)]? {
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

  /// - Parameter codes: the number of each attribute's code.
  /// - Returns: nil if other tables give no bounds.
  func bounds(of codes: [Int], _ attributes: [Attribute]) -> OfCode? {
    if attributes.count == 1 {
      var found = limits.of(codes[0], attributes[0])
      for (stay, highs) in ofOne[attributes[0]]?[codes[0]]?.highs ?? [:] { found.narrow(stay, lows: nil, highs: highs) }
      for (stay, lows) in ofOne[attributes[0]]?[codes[0]]?.lows ?? [:] { found.narrow(stay, lows: lows, highs: nil) }
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
    return found.highs.isEmpty ? nil : found
  }
}
