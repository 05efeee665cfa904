internal import CountSolver
internal import Shared

/// The attack on the tables that count by the same multi-valued attributes, code by code.
///
/// If the true counts are known, moves of the code show which of its cells are open, and nearly all others count as
/// exposed. For an outsider, the tables of one code are solved alone if the tables of stays settle the number of
/// admissions in each withheld cell's stay, and the stays that the group's tables count by form no ring. Otherwise,
/// unless a smaller system already gives the answer, they form one system with the tables of stays and those of the
/// single codes.
struct CodeGroupAttack {
  /// How many codes to look at between two messages about progress.
  private static let codesAtOnce = 512

  let release: AttackedRelease
  let group: [Int]
  let index: CodeIndex
  let ceilings: Ceilings
  let counts: FeasibleStays
  let bounds: CodeBounds
  private let solutions: KnownSolutions
  let names: Places
  /// See `staysTogether`.
  let connected: [(first: Int, second: Int, places: Places)]
  /// Whether each table counts by at most one single-valued attribute.
  private let isFlat: Bool
  let others: [Int]
  /// Whether the stays that the tables count by form a ring, by themselves or with tables of stays, or ties connect the
  /// codes with stays. Then only the joint table of all stays bounds the codes.
  let isRing: Bool
  /// What shows that codes are hidden without solving anything, if the true counts are known.
  let moves: CodeMoves?
  /// See `GridSystem.Bounds.frames`.
  private let frames: [[Attribute]]
  let overlaps: CodeOverlaps?
  /// The published pairs with codes of each attribute; nil if there are none, or if the true counts are not known.
  let pairs: [PublishedPairs?]
  /// Codes that moves can't show to be hidden, because pairs with diagnoses tell too much about them.
  let tied: Set<Int>
  /// Whether all tables of stays have few enough cells together to be solved with each code.
  let isSmall: Bool
  /// The tables of stays, and those that count by fewer of the multi-valued attributes.
  private let below: [Int]
  /// For each table, the places where the tables of stays leave the number of admissions open.
  let openPlaces: [Int: [Int]]
  /// For each table of stays, the fewest admissions at each place, as far as other codes tell.
  private let stayLows: [[Attribute]: [Int: Int]]
  /// Lower bounds that the group gives for places that the tables of stays leave open.
  private(set) var lows: [[Attribute]: [Int: Int]] = [:]
  /// Upper bounds that the group gives for such places.
  private(set) var highs: [[Attribute]: [Int: Int]] = [:]
  /// Codes with no exposure, given what is known about the stays, and how many of their cells are published.
  private(set) var hidden: [(code: AttackedCode, published: Int)] = []

  init(
    _ release: AttackedRelease, _ group: [Int], _ index: CodeIndex, _ ceilings: Ceilings, _ counts: FeasibleStays,
    _ bounds: CodeBounds, _ solutions: KnownSolutions
  ) {
    self.solutions = solutions
    self.counts = counts
    self.release = release
    self.group = group
    self.index = index
    self.ceilings = ceilings
    self.bounds = bounds
    let codes = release.tables[group[0]].codes
    names = index.names(codes)
    others = group.filter { !release.tables[$0].stay.isEmpty }
    isFlat = others.allSatisfy { release.tables[$0].stay.count == 1 }
    connected = codes.count == 1 ? Self.connected(release, others, ceilings) : []
    let stays = others.map { release.tables[$0].stay }
    frames = release.codesAreAlone || !isFlat ? release.frames(of: stays).filter(release.isSmallFrame) : []
    isRing =
      !cliques(stays).isEmpty || release.tiesStays(stays)
      || codes.count == 1 && release.isTied(codes[0])
      || release.connects(codes)
    pairs = codes.map { release.knowsTruth ? PublishedPairs(release, $0) : nil }
    moves = codes.count == 1 ? CodeMoves(release, group, index, ceilings, codes[0], pairs[0]) : nil
    overlaps = codes.count > 1 ? CodeOverlaps(release, group, index, ceilings, pairs) : nil
    tied = moves == nil || !release.pairsDiagnoses(codes, stays) ? [] : release.codesTiedByPairs(codes[0])
    openPlaces = Dictionary(
      uniqueKeysWithValues: group.map { table in
        let isOpen = ceilings[release.tables[table].stay].isOpen
        return (table, isOpen.indices.filter { isOpen[$0] })
      })
    isSmall = release.isSmall
    below = release.tables.indices.filter { Set(release.tables[$0].codes).isStrictSubset(of: codes) }
    var stayLows: [[Attribute]: [Int: Int]] = [:]
    for table in release.tables where table.codes.isEmpty && !table.isCeiling {
      let lows = ceilings.lows(release.places(table.stay)) ?? []
      stayLows[table.stay] = Dictionary(uniqueKeysWithValues: lows.enumerated().filter { $1 > 0 }.map { ($0, $1) })
    }
    self.stayLows = stayLows
  }

  private func target(_ code: Int, isNoted: Bool) -> CodeTarget {
    let codes = names.categories(code)
    let published = group.reduce(0) { sum, table in
      sum + index.cells(table, code).count { release.tables[table].cells[$0].isPublished }
    }
    let isAlone =
      codes.count == 1 && isFlat && !isNoted && bounds.knownElsewhere(code, names.attributes) == nil
      && !bounds.isBandedByStay(names.attributes[0]) && !isOpen(code)
      && bounds.boundsOnlyTotal(of: code, names.attributes[0])
    return CodeTarget(
      code: code, codes: codes, published: published,
      isKnown: solutions.isHidden(name(code), published: published), isFlat: isAlone)
  }

  private func name(_ code: Int) -> AttackedCode {
    AttackedCode(attributes: names.attributes, number: code)
  }

  /// - Parameter threads: how many codes to look at at a time; the result doesn't depend on this number.
  /// - Returns: false if no counts fit.
  mutating func attack(_ findings: inout Findings, threads: Int, _ progress: AttackProgress) -> Bool {
    var flat = CodeAttack(release: release)
    let isAlone = names.attributes.count == 1
    let isNoted = isAlone && bounds.isWanted(names.attributes[0])
    let all = index.codes(of: group)
    for start in stride(from: 0, to: all.count, by: Self.codesAtOnce) {
      let targets = all[start..<min(start + Self.codesAtOnce, all.count)].map { target($0, isNoted: isNoted) }
      let doubts = doubts(about: targets, isNoted: isNoted, threads: threads)
      for (number, target) in targets.enumerated() {
        progress.note(PublishedTable.name(of: names.attributes), start + number, of: all.count)
        guard let found = self.findings(target, doubts[number], isNoted: isNoted, &flat) else { return false }
        findings.add(found, of: name(target.code))
        if !target.isKnown, found.allSatisfy(\.isHidden) { hidden.append((name(target.code), target.published)) }
        for (attributes, place, low) in staysTogether(target.code) {
          lows[attributes, default: [:]][place] = max(lows[attributes]?[place] ?? 0, low)
        }
        for table in others {
          for number in index.cells(table, target.code) where release.tables[table].cells[number].isPublished {
            raise(table, by: release.tables[table].cells[number])
          }
        }
      }
    }
    for (table, places) in flat.forced { for (place, low) in places { raise(table, place, low) } }
    return true
  }

  /// What the attack finds about one code.
  ///
  /// - Parameter doubts: see `doubts(about:isNoted:threads:)`.
  /// - Returns: nil if no counts fit.
  private mutating func findings(
    _ target: CodeTarget, _ doubts: CodeDoubts?, isNoted: Bool, _ flat: inout CodeAttack
  ) -> [Finding]? {
    if target.isFlat {
      let found = attackFlat(target.code, &flat)
      if target.isKnown || doubts?.isEmpty == true || found.contains(where: { !$0.isHidden }) { return found }
      return isRing || release.knowsTruth ? solved(target, doubts, isNoted: false) : found
    }
    if doubts?.isEmpty == true { return boundsStays(target, &flat) ? [] : nil }
    return solved(target, doubts, isNoted: isNoted)
  }

  /// Raises the lower bounds of stays by a code that is known to be hidden: its counts may still tell those of stays.
  ///
  /// - Returns: false if no counts fit.
  private mutating func boundsStays(_ target: CodeTarget, _ flat: inout CodeAttack) -> Bool {
    guard others.contains(where: { openPlaces[$0]?.isEmpty == false }) else { return true }
    if target.codes.count == 1, isFlat {
      _ = attackFlat(target.code, &flat)
      return true
    }
    var outer = slice(target.code, target.codes) { [ceilings] in ceilings[$0].caps.highs }
    guard outer.narrow() else { return false }
    raise(outer)
    return true
  }

  /// - Returns: nil if no counts fit.
  private mutating func solved(_ target: CodeTarget, _ doubts: CodeDoubts?, isNoted: Bool) -> [Finding]? {
    let (code, codes) = (target.code, target.codes)
    var outer = slice(code, codes) { [ceilings] in ceilings[$0].caps.highs }
    guard outer.narrow() else { return nil }
    raise(outer)
    if isNoted { bounds.note(outer, names.attributes[0], codes[0]) }
    // After a release in which few counts changed, most codes are exposed at first, and narrowing alone shows it.
    if release.knowsTruth || bounds.knownElsewhere(code, names.attributes) != nil,
      outer.findings.contains(where: { !$0.isHidden })
    {
      return outer.findings
    }
    if let found = unproven(target, outer, doubts) { return found }
    outer.solve()
    if release.codesAreAlone, !isSmall { return outer.findings }
    let found = outer.findings
    // Bounds that ignore how stays are tied to each other can only be too wide, so any exposure that they show is real.
    if found.contains(where: { !$0.isHidden }) { return found }
    if !isRing, !isOpen(code) || isProven(found, code, codes) { return found }
    if isProvenExactly(found, code, codes) { return found }
    var joint = joint(release, code, codes, doubts)
    guard joint.narrow() else { return nil }
    if isNoted { bounds.note(joint, names.attributes[0], codes[0]) }
    joint.solve()
    return joint.findings
  }

  private func attackFlat(_ code: Int, _ flat: inout CodeAttack) -> [Finding] {
    let margin = group.first { release.tables[$0].stay.isEmpty }
    let own = bounds.bounds(of: [code], names.attributes)
    return flat.findings(
      of: { [release, names] in release.title(names, code) }, code: code,
      margin: margin.map { CodeAttack.Column(table: $0, cells: index.cells($0, code)) },
      others.map { table in
        let stay = release.tables[table].stay
        let caps = ceilings[stay].caps
        return (
          CodeAttack.Column(table: table, cells: index.cells(table, code)),
          own?.highs[stay].map { CodeAttack.Caps($0, cells: caps.cells) } ?? caps
        )
      },
      limits: (low: own?.lows[[]]?[0] ?? 0, high: own?.highs[[]]?[0] ?? CountSystem.unlimited))
  }

  /// - Parameter most: the largest possible number of admissions at each place of a stay.
  func slice(
    _ code: Int, _ codes: [Int], most: @escaping ([Attribute]) -> [Int]
  ) -> GridAttack {
    let own = bounds.bounds(of: codes, names.attributes)
    var limits = GridSystem.Bounds(code: release.title(names, code)) { places in
      let caps = most(places.attributes)
      guard let highs = own?.highs[places.attributes] else { return caps }
      return zip(caps, highs).map { min($0, $1) }
    }
    limits.number = code
    limits.frames = frames
    for (stay, lows) in own?.lows ?? [:] {
      limits.low[stay] = Dictionary(uniqueKeysWithValues: lows.enumerated().filter { $1 > 0 }.map { ($0, $1) })
    }
    return GridAttack(release, group.map { (table: $0, cells: index.cells($0, code)) }, limits)
  }

  /// All tables of the code or combination of codes, of fewer of its codes and of stays, as one system.
  ///
  /// - Parameter doubts: the counts of the code that are in question; nil for all of them.
  func joint(
    _ release: AttackedRelease, _ code: Int, _ codes: [Int], _ doubts: CodeDoubts? = nil
  ) -> GridAttack {
    let numbers = Dictionary(uniqueKeysWithValues: zip(names.attributes, codes))
    let parts = below.map { table in
      let cells =
        release.tables[table].codes.isEmpty ? release.tables[table].cells.indices : index.cells(table, numbers)
      return (table: table, cells: cells)
    }
    var limits = GridSystem.Bounds { [bounds] places in
      bounds.jointBounds(places, numbers)?.map(\.high)
    }
    limits.low = stayLows
    limits.ties = ceilings.ties
    let counted = (below + group).map { release.tables[$0] }.filter { !$0.codes.isEmpty }.map { $0.stay + $0.codes }
    let elsewhere = (bounds.knownElsewhere(code, names.attributes)?.stays ?? []).map { $0 + names.attributes }
    for attributes in counted + elsewhere {
      let places = release.places(attributes)
      let lows = (bounds.jointBounds(places, numbers) ?? []).enumerated().filter { $1.low > 0 }
      limits.low[places.attributes] = Dictionary(uniqueKeysWithValues: lows.map { ($0, $1.low) })
    }
    return GridAttack(
      release, parts + group.map { (table: $0, cells: index.cells($0, code)) }, limits, codes: numbers, doubts: doubts)
  }

  private mutating func raise(_ outer: GridAttack) {
    for table in others {
      let found = outer.bounds(release.places(release.tables[table].stay)) ?? []
      for (place, bounds) in found.enumerated() where bounds.low > 0 { raise(table, place, bounds.low) }
    }
  }

  /// A stay has no fewer admissions than a published cell with a code. By rule 3, it has just as many, or k more.
  private mutating func raise(_ table: Int, by cell: AttackedCell) {
    let shown = release.shown(cell)
    let (stay, k) = (release.tables[table].stay, release.minimumPatients)
    let isRuled = release.usesTies && names.attributes.count == 1 && cell.isOfRelease
    let isMore = isRuled && ceilings[stay].lows[cell.stay] > shown.high
    raise(table, cell.stay, isMore ? shown.low + k : shown.low)
    if isRuled, ceilings[stay].isOpen[cell.stay], ceilings[stay].caps.highs[cell.stay] < shown.low + k {
      highs[stay, default: [:]][cell.stay] = min(highs[stay]?[cell.stay] ?? shown.high, shown.high)
    }
  }

  private mutating func raise(_ table: Int, _ place: Int, _ low: Int) {
    let attributes = release.tables[table].stay
    guard ceilings[attributes].isOpen[place] else { return }
    lows[attributes, default: [:]][place] = max(lows[attributes]?[place] ?? 0, low)
  }
}
