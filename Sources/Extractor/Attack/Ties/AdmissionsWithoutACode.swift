internal import CountSolver
internal import Shared

extension Tie {
  /// What is related in each admission is also related among the admissions without a code. So a difference between the
  /// published counts of a code remains as room among the stays.
  static let admissionsWithoutACode = Tie(
    name: "admissions without a code", sentence: "What holds for each admission also holds among those without a code."
  ) { tables, release in
    let shown = ShownCodes(release)
    if shown.isEmpty { return [] }
    let related = all.filter { $0.connects(tables) }.flatMap { $0.relations(tables, release) }
    return related.flatMap { relation -> [TiedCells] in
      if relation.wholes.isEmpty || relation.known > 0 || relation.knownWhole > 0 { return [] }
      let sides = [(relation.parts, relation.wholes)] + (relation.isEqual ? [(relation.wholes, relation.parts)] : [])
      return sides.compactMap { parts, wholes in
        let room = shown.room(beside: parts, in: wholes)
        return room > 0 ? TiedCells(parts: parts, known: room, wholes: wholes, isEqual: false) : nil
      }
    }
  }
}

/// The published counts of codes, by stay.
private struct ShownCodes {
  /// For each set of code attributes and each set of single-valued attributes, the counts at each place, by code.
  private var counts: [[Attribute]: [[Attribute]: [Int: [Int: (low: Int, high: Int)]]]] = [:]
  private let release: AttackedRelease

  var isEmpty: Bool { counts.isEmpty }

  init(_ release: AttackedRelease) {
    self.release = release
    for table in release.tables where !table.codes.isEmpty && !table.isCeiling {
      var shown: [Int: [Int: (low: Int, high: Int)]] = [:]
      for cell in table.cells where cell.isPublished { shown[cell.stay, default: [:]][cell.code] = release.shown(cell) }
      counts[table.codes, default: [:]][table.stay] = shown
    }
  }

  /// By how much the wholes exceed the parts among the admissions with a code, for the code for which it is most.
  func room(beside parts: [TiedCell], in wholes: [TiedCell]) -> Int {
    counts.values.map { stays in
      guard let parts = shown(parts, stays), let wholes = shown(wholes, stays) else { return 0 }
      return Set(wholes.flatMap(\.keys)).map { code in
        // A count that is not published may be as large as any, or empty.
        let most = parts.reduce(0) { min(CountSystem.unlimited, $0 + ($1[code]?.high ?? CountSystem.unlimited)) }
        return wholes.reduce(0) { $0 + ($1[code]?.low ?? 0) } - most
      }.max() ?? 0
    }.max() ?? 0
  }

  private func shown(
    _ cells: [TiedCell], _ stays: [[Attribute]: [Int: [Int: (low: Int, high: Int)]]]
  ) -> [[Int: (low: Int, high: Int)]]? {
    var found: [[Int: (low: Int, high: Int)]] = []
    for cell in cells {
      let places = release.places(cell.attributes.sorted())
      guard let shown = stays[places.attributes] else { return nil }
      found.append(shown[places.place(places.attributes.map { cell.categories[$0] ?? 0 })] ?? [:])
    }
    return found.isEmpty ? nil : found
  }
}
