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
      let isAsked = target.isFlat ? isRing && !target.isKnown : !target.isKnown || isNoted
      return isAsked ? growth(target) : nil
    }
    let elsewhere = targets.map { bounds.knownElsewhere($0.code, names.attributes) }
    return sideBySide(targets.count, threads: threads) { [moves, overlaps] number in
      let target = targets[number]
      if !target.isFlat, target.isKnown, !isNoted { return CodeDoubts() }
      if let overlaps { return overlaps.isHidden(target.code, target.codes) ? CodeDoubts() : nil }
      return growths[number].flatMap { moves?.doubts(target.code, $0, floors: elsewhere[number]?.lows ?? [:]) }
    }
  }

  /// How far the number of admissions with the code may change; nil if moves can't show that the code is hidden.
  private func growth(_ target: CodeTarget) -> Growth? {
    let attribute = names.attributes[0]
    guard moves != nil, bounds.boundsOnlyTotal(of: target.code, attribute), !tied.contains(target.code) else {
      return nil
    }
    return bounds.isBounded(target.code, attribute) ? Growth() : bounds.growth(of: target.code, attribute)
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
