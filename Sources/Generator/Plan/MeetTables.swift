internal import Shared

/// Brings a population closer to all published tables at once: two admissions exchange a category or a code, or one
/// takes over the other's category, if that makes the distance of `CellCounts` smaller.
///
/// Claim: nothing changes how many admissions have a code, and nothing makes an admission implausible. An empty slot is
/// exchanged like a code, so the number of codes that an admission has is fitted too. The same seed gives the same
/// population.
struct MeetTables {
  private let plausible: PlausiblePairs
  private let lists: TableLists
  private var random: SeededRandom

  /// Sweeps end when one of them makes the distance smaller by less than this share.
  private static let leastGain = 0.003
  private static let mostSweeps = 60
  /// The most exchanges to try in all sweeps together.
  private static let mostTrials = 300_000_000

  private init(_ population: Population, _ counts: CellCounts, seed: UInt64) {
    plausible = PlausiblePairs(population)
    lists = TableLists(population, counts)
    random = SeededRandom(seed: seed, .exchanges)
  }

  /// The population after all exchanges.
  static func exchanged(_ population: Population, _ counts: CellCounts, seed: UInt64) -> Population {
    var meeting = MeetTables(population, counts, seed: seed)
    var cells = PopulationCells(population, counts)
    meeting.run(&cells)
    return population.with(values: cells.values, slots: cells.slots)
  }

  private mutating func run(_ cells: inout PopulationCells) {
    let admissions = cells.admissions
    var (before, trials) = (cells.distance, 0)
    for _ in 0..<Self.mostSweeps where trials < Self.mostTrials && admissions > 1 {
      for column in lists.free {
        for one in 0..<admissions {
          let other = below(admissions)
          if !exchangeCategories(column, one, other, &cells) { takeOver(column, one, from: other, &cells) }
        }
        trials += admissions
      }
      for kind in lists.ofCodes.indices where !lists.ofCodes[kind].isEmpty {
        let all = cells.all(kind)
        for slot in all { exchangeCodes(kind, slot, all.lowerBound + below(all.count), &cells) }
        trials += all.count
      }
      let after = cells.distance
      if after > before * (1 - Self.leastGain) { break }
      before = after
    }
  }

  private mutating func below(_ count: Int) -> Int { Int(random.next().multipliedFullWidth(by: UInt64(count)).high) }

  /// - Returns: false if the two keep their categories, though these differ.
  private func exchangeCategories(
    _ column: Int, _ one: Int, _ other: Int, _ cells: inout PopulationCells
  ) -> Bool {
    if cells.value(column, one) == cells.value(column, other) { return true }
    let tables = lists.ofColumns[column]
    var change = cells.count(tables, one, -1) + cells.count(tables, other, -1)
    cells.swap(column, one, other)
    change += cells.count(tables, one, 1) + cells.count(tables, other, 1)
    if change < -1e-4, plausible.allow(column, one, cells), plausible.allow(column, other, cells) { return true }
    _ = cells.count(tables, one, -1) + cells.count(tables, other, -1)
    cells.swap(column, one, other)
    _ = cells.count(tables, one, 1) + cells.count(tables, other, 1)
    return false
  }

  private func takeOver(_ column: Int, _ one: Int, from other: Int, _ cells: inout PopulationCells) {
    let (tables, before) = (lists.ofColumns[column], cells.value(column, one))
    var change = cells.count(tables, one, -1)
    cells.set(column, one, cells.value(column, other))
    change += cells.count(tables, one, 1)
    if change < -1e-4, plausible.allow(column, one, cells) { return }
    _ = cells.count(tables, one, -1)
    cells.set(column, one, before)
    _ = cells.count(tables, one, 1)
  }

  private func exchangeCodes(_ kind: Int, _ slot: Int, _ otherSlot: Int, _ cells: inout PopulationCells) {
    let (code, back) = (cells.slots[slot], cells.slots[otherSlot])
    let (one, other) = (Int(cells.owners[slot]), Int(cells.owners[otherSlot]))
    if one == other || code == back || cells.has(other, kind, code) || cells.has(one, kind, back) { return }
    guard plausible.allow(kind, code, other, cells), plausible.allow(kind, back, one, cells) else { return }
    let bands = (code == 0) != (back == 0) ? lists.ofBands[kind] : []
    func count(_ first: Int32, _ second: Int32, _ by: Float, _ cells: inout PopulationCells) -> Float {
      cells.count(lists.ofCodes[kind], kind, first, one, by) + cells.count(lists.ofCodes[kind], kind, second, other, by)
        + cells.count(bands, one, by) + cells.count(bands, other, by)
    }
    var change = count(code, back, -1, &cells)
    cells.swapSlots(kind, slot, otherSlot)
    change += count(back, code, 1, &cells)
    if change < -1e-4 { return }
    _ = count(back, code, -1, &cells)
    cells.swapSlots(kind, slot, otherSlot)
    _ = count(code, back, 1, &cells)
  }
}

/// The tables that an exchange can change.
struct TableLists {
  let all: [Int]
  /// For each column, the tables that count by it; the same for each kind of codes, and for the band of its number.
  let ofColumns: [[Int]]
  let ofCodes: [[Int]]
  let ofBands: [[Int]]
  /// The columns that tables count by and that don't follow from the number of codes.
  let free: [Int]

  init(_ population: Population, _ counts: CellCounts) {
    let tables = counts.tables
    all = Array(tables.indices)
    let ofColumns = population.columns.indices.map { column in
      tables.indices.filter { tables[$0].columns.contains { $0.column == column } }
    }
    self.ofColumns = ofColumns
    ofCodes = population.codes.indices.map { kind in
      tables.indices.filter { tables[$0].codes.contains { $0.kind == kind } }
    }
    ofBands = population.codes.map { $0.band.map { ofColumns[$0] } ?? [] }
    let bands = Set(population.codes.compactMap(\.band))
    free = population.columns.indices.filter { !bands.contains($0) && !ofColumns[$0].isEmpty }
  }
}
