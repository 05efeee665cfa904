internal import Shared

/// A code, or a combination of codes, under attack.
struct CodeTarget: Sendable {
  let code: Int
  let codes: [Int]
  /// How many of its cells are published.
  let published: Int
  /// Whether an earlier attack showed that it is hidden.
  let isKnown: Bool
  /// Whether its own tables, and the largest counts of stays, say all that is to say about it unless there is a ring.
  let isFlat: Bool
}

/// What a smaller system than the joint one already tells about a code.
extension CodeGroupAttack {
  /// For each code, or combination of codes, the counts that the true counts don't show to be hidden; nil where they
  /// show nothing.
  func doubts(about targets: [CodeTarget], isNoted: Bool, threads: Int) -> [CodeDoubts?] {
    let growths = targets.map { target in
      let isAsked = !target.isKnown || !target.isFlat && isNoted
      return isAsked ? growth(target) : nil
    }
    let elsewhere = targets.map { bounds.knownElsewhere($0.code, names.attributes) }
    let canMove = targets.map { target in
      zip(names.attributes, target.codes).map { attribute, code in
        bounds.knownElsewhere(code, [attribute]) == nil
      }
    }
    let isSkipped = targets.map { !$0.isFlat && $0.isKnown && !isNoted }
    if let overlaps {
      let asked = targets.indices.filter { !isSkipped[$0] }
      let hidden = overlaps.areHidden(
        asked.map { .init(code: targets[$0].code, codes: targets[$0].codes, canMove: canMove[$0]) }, threads: threads)
      var doubts = [CodeDoubts?](repeating: CodeDoubts(), count: targets.count)
      for (number, isHidden) in zip(asked, hidden) where !isHidden { doubts[number] = nil }
      return doubts
    }
    return sideBySide(targets.count, threads: threads) { [moves] number in
      if isSkipped[number] { return CodeDoubts() }
      return growths[number].flatMap { moves?.doubts(targets[number].code, $0, floors: elsewhere[number]?.lows ?? [:]) }
    }
  }

  /// How far the number of admissions with the code may change; nil if moves can't show that the code is hidden.
  private func growth(_ target: CodeTarget) -> Growth? {
    let attribute = names.attributes[0]
    guard moves != nil, !tied.contains(target.code) else { return nil }
    guard bounds.isBounded(target.code, attribute) else { return bounds.growth(of: target.code, attribute) }
    let canGrow = pairs[0]?.canGrow(target.code) ?? false
    return Growth(more: canGrow ? bounds.growth(of: target.code, attribute).more : 0, fewer: 0)
  }

  /// Whether something published tells about pairs of the target's codes with others.
  func tellPairs(_ target: CodeTarget) -> Bool {
    target.codes.indices.contains { pairs[$0]?.tell(of: target.codes[$0], except: partner(target, $0)) ?? false }
  }

  private func partner(_ target: CodeTarget, _ axis: Int) -> AttackedCode? {
    guard target.codes.count > 1 else { return nil }
    return AttackedCode(attributes: [names.attributes[1 - axis]], number: target.codes[1 - axis])
  }

  /// The cells of a code that could be withheld.
  func news(of code: Int) -> [CellReference] {
    group.flatMap { table in index.cells(table, code).map { CellReference(table: table, cell: $0) } }
      .filter { release[$0].isPublished && release.canWithhold($0) }
  }

  /// What no moves show to be open. The solver knows a code with its own tables and those of stays, or a pair of codes,
  /// but other codes tell something about stays too, and pairs about their codes. So little is left to the solver that
  /// withholding more can settle, which also takes less time.
  ///
  /// - Returns: nil if the solver is to decide: without the true counts; about a pair whose codes are in no other; and,
  ///   if all tables are small, where it is unknown how many admissions a stay has, as moves keep that number.
  func unproven(_ target: CodeTarget, _ outer: GridAttack, _ doubts: CodeDoubts?) -> [Finding]? {
    guard release.knowsTruth, target.codes.count == 1 || tellPairs(target) else { return nil }
    let cells = target.codes.indices.flatMap { pairs[$0]?.cells(target.codes[$0], except: partner(target, $0)) ?? [] }
    let ofPairs = Set(cells).sorted { ($0.table, $0.cell) < ($1.table, $1.cell) }.filter(release.canWithhold)
    // Where nothing new is told of the code, it and an earlier release together are the question, which is asked later.
    let news = ofPairs.isEmpty ? self.news(of: target.code) : ofPairs
    let isLeft = isSmall && !tellPairs(target) && bounds.knownElsewhere(target.code, names.attributes) == nil
    let asked = isLeft ? doubts.map(whereStaysAreKnown) ?? CodeDoubts() : doubts
    let found = outer.inDoubt(asked, news, isOnly: !ofPairs.isEmpty)
    return found.isEmpty && (isLeft || target.codes.count > 1) ? nil : found
  }

  private func whereStaysAreKnown(_ doubts: CodeDoubts) -> CodeDoubts {
    var known = doubts
    for table in others { known.places[release.tables[table].stay]?.subtract(openPlaces[table] ?? []) }
    known.places = known.places.filter { !$0.value.isEmpty }
    return known
  }

  /// Whether every count that the code's tables withhold remains open even to an attacker who knows the counts of all
  /// stays. It is enough if each withheld count is open under one of the known feasible sets of stay counts.
  func isProven(_ found: [Finding], _ code: Int, _ codes: [Int]) -> Bool {
    guard names.attributes.count == 1 else { return false }
    var doubtful = found.indices.filter { found[$0].high > 0 }
    for counts in counts where !doubtful.isEmpty {
      let known = group.map { release.tables[$0].stay }.filter { !$0.isEmpty }.map { ($0, counts.counts($0)) }
      let caps = Dictionary(known) { first, _ in first }.compactMapValues { $0 }
      guard caps.count == Set(known.map(\.0)).count else { return false }
      var inner = slice(code, codes) { [ceilings] in caps[$0] ?? ceilings[$0].caps.highs }
      guard inner.narrow() else { continue }
      inner.solve()
      let findings = inner.findings
      doubtful.removeAll { findings[$0].isHidden && findings[$0].high > 0 }
    }
    return doubtful.isEmpty
  }

  /// The same as `isProven`, for an attacker who knows the published counts of stays without rounding.
  func isProvenExactly(_ found: [Finding], _ code: Int, _ codes: [Int]) -> Bool {
    guard release.roundTo != nil else { return false }
    var doubtful = Set(found.filter { $0.high > 0 }.map { $0.details().what })
    for counts in counts where !doubtful.isEmpty {
      var joint = joint(counts.exactRelease, code, codes)
      guard joint.narrow() else { continue }
      joint.solve()
      for finding in joint.findings where finding.isHidden && finding.high > 0 {
        doubtful.remove(finding.details().what)
      }
    }
    return doubtful.isEmpty
  }

  /// Whether, for some withheld cell of the code, it is uncertain how many admissions its stay has or, if there are
  /// several codes, how many of these admissions have one of the codes.
  func isOpen(_ code: Int) -> Bool {
    group.contains { table in
      if release.tables[table].isWhole { return false }
      let suspects = names.attributes.count > 1 ? allPlaces(table) : openPlaces[table] ?? []
      if suspects.isEmpty { return false }
      let stay = release.tables[table].stay
      let isOpen = ceilings[stay].isOpen
      let cells = release.tables[table].cells
      let known = Set(index.cells(table, code).filter { cells[$0].isPublished }.map { cells[$0].stay })
      return suspects.contains { place in
        !known.contains(place)
          && (isOpen[place] || bounds.isOpen(names.categories(code), names.attributes, stay, place))
      }
    }
  }

  private func allPlaces(_ table: Int) -> [Int] { Array(ceilings[release.tables[table].stay].isOpen.indices) }
}
