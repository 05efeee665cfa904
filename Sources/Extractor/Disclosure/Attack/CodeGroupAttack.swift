internal import Shared

/// The attack on the tables that count by the same multi-valued attributes, code by code.
struct CodeGroupAttack {
  private let release: AttackedRelease
  private let group: [Int]
  private let ceilings: Ceilings
  private let bounds: CodeBounds
  private let columns: [Int: CodeColumns]
  private let names: Places
  /// Whether each table counts by one single-valued attribute at most.
  private let isFlat: Bool
  private let margin: Int?
  private let others: [Int]
  /// What the group shows to be at least in places that the tables of stays leave open.
  private(set) var lows: [[Attribute]: [Int: Int]] = [:]

  init(_ release: AttackedRelease, _ group: [Int], _ ceilings: Ceilings, _ bounds: CodeBounds) {
    self.release = release
    self.group = group
    self.ceilings = ceilings
    self.bounds = bounds
    columns = Dictionary(uniqueKeysWithValues: group.map { ($0, CodeColumns(release.tables[$0].cells)) })
    let axes = release.tables[group[0]].codes
    names = Places(axes, sizes: axes.map { release.names[$0]?.count ?? 0 })
    margin = group.first { release.tables[$0].stay.isEmpty }
    others = group.filter { !release.tables[$0].stay.isEmpty }
    isFlat = others.allSatisfy { release.tables[$0].stay.count == 1 }
  }

  /// - Returns: false where nothing fits.
  mutating func attack(_ findings: inout Findings) -> Bool {
    var flat = CodeAttack(release: release)
    for code in Set(columns.values.flatMap(\.codes)).sorted() {
      let codes = names.categories(code)
      let own = bounds.bounds(of: codes, names.attributes)
      let isAlone = names.attributes.count == 1
      if isFlat, own == nil, !isAlone || !bounds.isWanted(names.attributes[0]) {
        findings.add(attackFlat(code, &flat))
      } else {
        let parts = group.map { (table: $0, cells: columns[$0]?[code] ?? 0..<0) }
        var slice = GridAttack(release, parts, sliceBounds(own))
        guard slice.narrow() else { return false }
        if isAlone { bounds.note(slice, names.attributes[0], code) }
        findings.add(slice.findings())
      }
      for table in others {
        for number in columns[table]?[code] ?? 0..<0 where release.tables[table].cells[number].isPublished {
          let cell = release.tables[table].cells[number]
          raise(table, cell.stay, release.shown(cell).low)
        }
      }
    }
    for (table, places) in flat.forced { for (place, low) in places { raise(table, place, low) } }
    return true
  }

  private func attackFlat(_ code: Int, _ flat: inout CodeAttack) -> [Finding] {
    flat.findings(
      of: { [release, names] in release.title(names, code) },
      margin: margin.flatMap { table in columns[table].map { CodeAttack.Column(table: table, cells: $0[code]) } },
      others.compactMap { table in
        guard let cells = columns[table]?[code] else { return nil }
        return (CodeAttack.Column(table: table, cells: cells), ceilings[release.tables[table].stay].caps)
      })
  }

  private func sliceBounds(_ own: CodeBounds.OfCode?) -> GridSystem.Bounds {
    var bounds = GridSystem.Bounds { [ceilings] places in
      let caps = ceilings[places.attributes].caps.highs
      guard let highs = own?.highs[places.attributes] else { return caps }
      return zip(caps, highs).map { min($0, $1) }
    }
    for (stay, lows) in own?.lows ?? [:] {
      bounds.low[stay] = Dictionary(uniqueKeysWithValues: lows.enumerated().filter { $1 > 0 }.map { ($0, $1) })
    }
    return bounds
  }

  private mutating func raise(_ table: Int, _ place: Int, _ low: Int) {
    let attributes = release.tables[table].stay
    guard ceilings[attributes].isOpen[place] else { return }
    lows[attributes, default: [:]][place] = max(lows[attributes]?[place] ?? 0, low)
  }
}

/// Where the cells of each code are.
struct CodeColumns {
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
