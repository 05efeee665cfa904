internal import Shared

/// Attacks a release as a whole: for every withheld cell that can be named, the smallest and the largest count that fit
/// everything published.
///
/// Claim: a cell that is not among the exposures is empty for certain, or has k - 1 or more between its bounds; so has what is
/// withheld of any published sum, unless at least k patients stand behind it.
///
/// Limits: tables of single-valued attributes are tied by the margins that two of them share, not by what three in a ring
/// imply together; tables of codes are tied to those by inequalities, carried by bounds. docs/disclosure-rules.md has them all.
///
/// - Returns: what is exposed; nil where nothing fits, as what is published contradicts itself.
func attack(_ release: AttackedRelease) -> [Exposure]? {
  var lows: [[Attribute]: [Int: Int]] = [:]
  while true {
    let stays = release.tables.indices.filter { release.tables[$0].codes.isEmpty }
      .map { (table: $0, cells: release.tables[$0].cells.indices) }
    var grid = GridAttack(release, stays, low: lows)
    guard var exposures = grid.exposures() else { return nil }
    var isTighter = false
    for group in codeGroups(release) {
      guard let codes = attack(release, group, under: grid) else { return nil }
      exposures += codes.exposures
      for (attributes, found) in codes.lows {
        for (place, low) in found where low > lows[attributes]?[place] ?? 0 {
          lows[attributes, default: [:]][place] = low
          isTighter = true
        }
      }
    }
    if !isTighter { return exposures }
  }
}

/// The tables that count by the same multi-valued attributes.
private func codeGroups(_ release: AttackedRelease) -> [[Int]] {
  let withCodes = release.tables.indices.filter { !release.tables[$0].codes.isEmpty }
  return Dictionary(grouping: withCodes) { release.tables[$0].codes.map(\.rawValue).joined(separator: " ") }
    .sorted { $0.key < $1.key }.map(\.value)
}

/// Exposures in a group of tables with codes, and what the group shows to be at least in places that the tables of stays leave
/// open.
private typealias CodeOutcome = (exposures: [Exposure], lows: [[Attribute]: [Int: Int]])

private func attack(_ release: AttackedRelease, _ group: [Int], under grid: GridAttack) -> CodeOutcome? {
  let columns = Dictionary(uniqueKeysWithValues: group.map { ($0, CodeColumns(release.tables[$0].cells)) })
  let codes = Set(columns.values.flatMap(\.codes)).sorted()
  let axes = release.tables[group[0]].codes
  let names = Places(axes, sizes: axes.map { release.names[$0]?.count ?? 0 })
  let margin = group.first { release.tables[$0].stay.isEmpty }
  let others = group.filter { !release.tables[$0].stay.isEmpty }
  let ceilings = Dictionary(uniqueKeysWithValues: others.map { ($0, Ceiling(release, release.tables[$0].stay, grid)) })
  let highs = Dictionary(uniqueKeysWithValues: ceilings.map { (release.tables[$0].stay, $1.caps.highs) })
  let isFlat = others.allSatisfy { release.tables[$0].stay.count == 1 }
  var outcome: CodeOutcome = ([], [:])
  var flat = CodeAttack(release: release)
  func raise(_ table: Int, _ place: Int, _ low: Int) {
    guard let ceiling = ceilings[table], ceiling.isOpen[place] else { return }
    let attributes = release.tables[table].stay
    outcome.lows[attributes, default: [:]][place] = max(outcome.lows[attributes]?[place] ?? 0, low)
  }
  for code in codes {
    if isFlat {
      outcome.exposures += flat.exposures(
        of: release.title(names, code),
        margin: margin.flatMap { table in columns[table].map { CodeAttack.Column(table: table, cells: $0[code]) } },
        others.compactMap { table in
          guard let cells = columns[table]?[code], let caps = ceilings[table]?.caps else { return nil }
          return (CodeAttack.Column(table: table, cells: cells), caps)
        })
    } else {
      let parts = group.map { (table: $0, cells: columns[$0]?[code] ?? 0..<0) }
      var slice = GridAttack(release, parts) { highs[$0.attributes] }
      guard let found = slice.exposures() else { return nil }
      outcome.exposures += found
    }
    for table in others {
      for number in columns[table]?[code] ?? 0..<0 where release.tables[table].cells[number].isPublished {
        raise(table, release.tables[table].cells[number].stay, release.tables[table].cells[number].admissions)
      }
    }
  }
  for (table, places) in flat.forced { for (place, low) in places { raise(table, place, low) } }
  return outcome
}

/// Where the cells of each code are.
private struct CodeColumns {
  private var ranges: [Int: Range<Int>] = [:]

  init(_ cells: [AttackedCell]) {
    var begin = 0
    for end in cells.indices.map({ $0 + 1 }) where end == cells.count || cells[end].code != cells[begin].code {
      ranges[cells[begin].code] = begin..<end
      begin = end
    }
  }

  var codes: [Int] { Array(ranges.keys) }

  subscript(_ code: Int) -> Range<Int> { ranges[code] ?? 0..<0 }
}

/// The most admissions at each place of a table with codes: those of the stay, whatever the code.
private struct Ceiling {
  let caps: CodeAttack.Caps
  /// For each place whether the tables of stays leave its number of admissions open.
  let isOpen: [Bool]

  init(_ release: AttackedRelease, _ stay: [Attribute], _ grid: GridAttack) {
    let places = release.places(stay)
    let exact = grid.bounds(places)
    var highs = exact?.map(\.high) ?? [Int](repeating: CountSystem.unlimited, count: places.count)
    for fewer in [[]] + (stay.count > 1 ? stay.map { [$0] } : []) {
      let fewer = release.places(fewer)
      guard let bounds = grid.bounds(fewer) else { continue }
      for (place, target) in places.projection(to: fewer).enumerated() {
        highs[place] = min(highs[place], bounds[target].high)
      }
    }
    // Others that are one category are a cell like any other.
    let cells = (0..<places.count).prefix { release.isOneCell(places.categories($0), stay) }.count
    caps = CodeAttack.Caps(highs, cells: cells)
    isOpen = exact?.map { $0.low < $0.high } ?? Array(repeating: false, count: places.count)
  }
}
