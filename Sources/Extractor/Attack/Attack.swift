internal import CountSolver
internal import Shared

/// Attacks a release as a whole: computes, for every withheld cell that can be named, the smallest and the largest
/// count that fit everything published.
///
/// Claim: a cell that is not among the exposures is certainly empty or has bounds at least k - 1 apart. The same holds
/// for the withheld part of any published sum, unless it covers at least k patients.
///
/// Limits: inequalities tie tables of codes to tables of stays and to tables of two codes, and bounds carry over from
/// one kind of table to another. docs/disclosure-rules.md lists all limits.
///
/// - Parameters:
///   - known: what other releases of the same records tell.
///   - solutions: what earlier attacks found on the same release while less of it was withheld.
///   - threads: how many threads to use; the result doesn't depend on this number.
///   - progress: shows how far the attack has come.
/// - Returns: nil if no counts fit, because the published tables contradict each other.
func attack(
  _ release: AttackedRelease, knowing known: KnownSums = KnownSums(),
  after solutions: KnownSolutions = KnownSolutions(),
  threads: Int = 1,
  _ progress: AttackProgress = AttackProgress()
) -> Findings? {
  var release = release
  let stays = release.tables.indices.filter { release.tables[$0].codes.isEmpty }
    .map { (table: $0, cells: release.tables[$0].cells.indices) }
  let index = CodeIndex(release)
  var highs = known.highs
  var bounds = GridSystem.Bounds(known)
  while true {
    var grid = GridAttack(release, stays, bounds, solutions: solutions)
    guard grid.narrow() else { return nil }
    var findings = Findings()
    let ceilings = Ceilings(release, grid)
    if release.notePopulated(ceilings) { continue }
    let counts = FeasibleStays(release, grid, bounds, after: solutions)
    let pairs = CodeBounds(release, ceilings, knowing: known)
    var isTighter = false
    var hidden: [(code: AttackedCode, published: Int)] = []
    for group in codeGroups(release) {
      var codes = CodeGroupAttack(release, group, index, ceilings, counts, pairs, solutions)
      guard codes.attack(&findings, threads: threads, progress) else { return nil }
      hidden += codes.hidden
      for (attributes, found) in codes.highs {
        for (place, high) in found where high < highs[attributes]?[place] ?? CountSystem.unlimited {
          highs[attributes, default: [:]][place] = high
          isTighter = true
        }
      }
      for (attributes, found) in codes.lows {
        for (place, low) in found where low > bounds.low[attributes]?[place] ?? 0 {
          bounds.low[attributes, default: [:]][place] = low
          isTighter = true
        }
      }
    }
    bounds.setHighs(highs)
    if isTighter { continue }
    // Search for solutions, and keep what was shown, only once the bounds no longer get tighter.
    for (code, published) in hidden { solutions.noteHidden(code, published: published) }
    // Later attacks on the release know the solutions that are easy to find without rounding.
    if release.roundTo != nil, solutions.isEmpty, let exact = counts.first?.exactRelease {
      var easier = GridAttack(exact, stays, bounds, solutions: solutions)
      if easier.narrow() {
        easier.solve(progress)
        solutions.learn(easier.learned)
      }
    }
    grid.solve(progress)
    solutions.learn(grid.learned)
    findings.add(grid.findings)
    return findings
  }
}

/// Attacks published statistics with no other information than the policy and, perhaps, other releases.
///
/// If the public lists of categories can't be complete, other categories exist; an outsider would conclude that too. If
/// no counts fit what everybody knows, for example because a patient was admitted after dying, that is not used.
///
/// - Parameter known: what other releases of the same records tell.
/// - Returns: nil if no counts fit, because the published tables contradict each other or what is known.
func attack(
  _ statistics: Statistics, under policy: Policy, knowing known: (AttackedRelease) -> KnownSums = { _ in KnownSums() },
  _ progress: AttackProgress = AttackProgress()
) -> Findings? {
  func attacked(listsAreComplete: Bool, usesTies: Bool) -> Findings? {
    var release = AttackedRelease(statistics, under: policy, listsAreComplete: listsAreComplete)
    release.usesTies = usesTies
    return attack(release, knowing: known(release), progress)
  }
  return attacked(listsAreComplete: true, usesTies: true) ?? attacked(listsAreComplete: false, usesTies: true)
    ?? attacked(listsAreComplete: false, usesTies: false)
}

/// The tables grouped by their multi-valued attributes; groups of one such attribute come first, as they bound the
/// others.
func codeGroups(_ release: AttackedRelease) -> [[Int]] {
  let withCodes = release.tables.indices.filter { !release.tables[$0].codes.isEmpty }
  func name(_ table: Int) -> String { release.tables[table].codes.map(\.rawValue).joined(separator: " ") }
  return Dictionary(grouping: withCodes, by: name).values.sorted {
    (release.tables[$0[0]].codes.count, name($0[0])) < (release.tables[$1[0]].codes.count, name($1[0]))
  }
}

extension AttackedRelease {
  /// Notes the withheld stays that can't be empty: they have at least one patient, who had earlier admissions.
  ///
  /// - Returns: whether there are more of them than before.
  fileprivate mutating func notePopulated(_ ceilings: Ceilings) -> Bool {
    guard usesTies, tables.contains(where: { $0.stay.contains(.admissionNumberBand) }) else { return false }
    let before = populated.count
    for table in tables where table.codes.isEmpty && !table.isCeiling {
      if Tie.attributesOfPatients.isDisjoint(with: table.stay) { continue }
      let places = places(table.stay)
      for (place, low) in ceilings[table.stay].lows.enumerated() where low > 0 {
        populated.insert(patients(TiedCell(places, place)).categories)
      }
    }
    return populated.count > before
  }
}
