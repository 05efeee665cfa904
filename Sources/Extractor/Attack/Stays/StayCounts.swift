internal import Shared

/// One feasible set of counts of all stays: the true counts, or others that fit. A count that stays open to someone who
/// knows all of these is open to everyone.
final class StayCounts {
  private let release: AttackedRelease
  private let tables: [(places: Places, counts: [Int])]
  private var found: [[Attribute]: [Int]] = [:]

  init(_ release: AttackedRelease, _ tables: [(places: Places, counts: [Int])]) {
    self.release = release
    self.tables = tables
  }

  /// The true counts, which the hospital knows.
  convenience init(truthOf release: AttackedRelease) {
    let tables = release.tables.filter { $0.codes.isEmpty && !$0.isCeiling }.map { table in
      var counts = [Int](repeating: 0, count: release.places(table.stay).count)
      for cell in table.cells { counts[cell.stay] += cell.admissions }
      return (places: release.places(table.stay), counts: counts)
    }
    self.init(release, tables)
  }

  /// The same counts in a release that withholds more.
  func of(_ release: AttackedRelease) -> StayCounts { StayCounts(release, tables) }

  /// Whether the counts are within the bounds of all places.
  func fits(_ bounds: GridSystem.Bounds) -> Bool {
    let isLarge = bounds.low.allSatisfy { stay, places in
      guard let counts = counts(stay) else { return true }
      return places.allSatisfy { counts[$0] >= $1 }
    }
    return isLarge
      && tables.allSatisfy { table in
        zip(table.counts, bounds.high(table.places) ?? []).allSatisfy { $0 <= $1 }
      }
  }

  /// The number of admissions at each place; nil if no table gives it.
  func counts(_ stay: [Attribute]) -> [Int]? {
    if let known = found[stay] { return known }
    let counts = summed(stay)
    found[stay] = counts
    return counts
  }

  private func summed(_ stay: [Attribute]) -> [Int]? {
    let places = release.places(stay)
    guard let table = tables.first(where: { Set(stay).isSubset(of: $0.places.attributes) }) else { return nil }
    var sums = [Int](repeating: 0, count: places.count)
    for (place, target) in table.places.projection(to: places).enumerated() { sums[target] += table.counts[place] }
    return sums
  }

  /// The release with these counts in the published cells of the tables of stays, without rounding. An attacker who
  /// knows less can't bound a withheld cell more closely.
  private(set) lazy var exactRelease: AttackedRelease = {
    var exact = release
    for number in exact.tables.indices where exact.tables[number].codes.isEmpty && !exact.tables[number].isCeiling {
      let counts = counts(exact.tables[number].stay) ?? []
      for cell in exact.tables[number].cells.indices where exact.tables[number].cells[cell].isPublished {
        exact.tables[number].cells[cell].admissions = counts[exact.tables[number].cells[cell].stay]
        exact.tables[number].cells[cell].isKnownExactly = true
      }
    }
    return exact
  }()
}

/// Up to two feasible sets of counts of all stays. In the second, the stays that are empty in the first are as large as
/// possible. Each is computed when it is first asked for. There is none if no solution is found within the work limit.
final class FeasibleStays: Sequence {
  private(set) lazy var first = release.knowsTruth ? StayCounts(truthOf: release) : solution()
  private lazy var second = findSecond()
  private let release: AttackedRelease
  private let grid: GridAttack
  private let bounds: GridSystem.Bounds
  private let known: KnownSolutions

  /// - Parameters:
  ///   - grid: the tables of stays, narrowed.
  ///   - bounds: other known bounds of places.
  ///   - known: solutions found while less was withheld.
  init(_ release: AttackedRelease, _ grid: GridAttack, _ bounds: GridSystem.Bounds, after known: KnownSolutions) {
    self.release = release
    self.grid = grid
    self.bounds = bounds
    self.known = known
  }

  func makeIterator() -> AnyIterator<StayCounts> {
    var given = 0
    return AnyIterator { [self] in
      given += 1
      return given == 1 ? first : given == 2 && first != nil ? second : nil
    }
  }

  private func findSecond() -> StayCounts? {
    if let known = known.stays?.of(release), known.fits(bounds) { return known }
    known.stays = grid.someSolution { [first] places, place in first?.counts(places.attributes)?[place] == 0 }
      .map { StayCounts(release, $0) }
    return known.stays
  }

  private func solution() -> StayCounts? { grid.someSolution().map { StayCounts(release, $0) } }
}
