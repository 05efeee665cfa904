internal import Shared

/// Attacks a release as a whole: for every withheld cell that can be named, the smallest and the largest count that fit
/// everything published.
///
/// Claim: a cell that is not among the exposures is empty for certain, or has k - 1 or more between its bounds; so has what is
/// withheld of any published sum, unless at least k patients stand behind it.
///
/// Limits: tables of codes are tied to those of stays, and to those of two codes, by inequalities that bounds carry from one to the
/// other. docs/disclosure-rules.md has them all.
///
/// - Parameter solutions: what attacks on the same release found while less of it was withheld.
/// - Returns: nil where nothing fits, as what is published contradicts itself.
func attack(_ release: AttackedRelease, after solutions: KnownSolutions = KnownSolutions()) -> Findings? {
  let stays = release.tables.indices.filter { release.tables[$0].codes.isEmpty }
    .map { (table: $0, cells: release.tables[$0].cells.indices) }
  let index = CodeIndex(release)
  var bounds = GridSystem.Bounds()
  while true {
    var grid = GridAttack(release, stays, bounds, solutions: solutions)
    guard grid.narrow() else { return nil }
    var findings = Findings()
    let ceilings = Ceilings(release, grid)
    let counts = StayCounts.some(release, grid, bounds.low, after: solutions)
    let pairs = CodeBounds(release, ceilings)
    var isTighter = false
    var hidden: [(code: KnownSolutions.Code, published: Int)] = []
    for group in codeGroups(release) {
      var codes = CodeGroupAttack(release, group, index, ceilings, counts, pairs, solutions)
      guard codes.attack(&findings) else { return nil }
      hidden += codes.hidden
      for (attributes, found) in codes.lows {
        for (place, low) in found where low > bounds.low[attributes]?[place] ?? 0 {
          bounds.low[attributes, default: [:]][place] = low
          isTighter = true
        }
      }
    }
    if isTighter { continue }
    // Solutions are sought, and what was shown is kept, only once nothing more is known of the counts.
    for (code, published) in hidden { solutions.noteHidden(code, published: published) }
    if release.roundTo != nil, let exact = counts.first?.exactRelease {
      var easier = GridAttack(exact, stays, bounds, solutions: solutions)
      if easier.narrow() {
        easier.solve()
        solutions.learn(easier.learned)
      }
    }
    grid.solve()
    solutions.learn(grid.learned)
    findings.add(grid.findings)
    return findings
  }
}

/// The tables that count by the same multi-valued attributes; those of one such attribute first, as they bound the others.
private func codeGroups(_ release: AttackedRelease) -> [[Int]] {
  let withCodes = release.tables.indices.filter { !release.tables[$0].codes.isEmpty }
  func name(_ table: Int) -> String { release.tables[table].codes.map(\.rawValue).joined(separator: " ") }
  return Dictionary(grouping: withCodes, by: name).values.sorted {
    (release.tables[$0[0]].codes.count, name($0[0])) < (release.tables[$1[0]].codes.count, name($1[0]))
  }
}
