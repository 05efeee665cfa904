internal import Shared

/// What a release doesn't count codes by, because it has too few admissions.
///
/// Of 4 admissions with a rare insurance, 0 to 4 have a code: no move of the code between admissions hides that count,
/// so the attack would have every table of every code withheld. If nobody can name the category, it is withheld
/// together with more common ones, so that nobody can tell their admissions apart. If everybody can, because the
/// schema or the policy lists it, codes are not counted by the attribute. A category that has enough admissions, but
/// hides too few codes, is withheld with the others, too.
///
/// Limit: looks at one attribute at a time, and only if there are too many stays for a solver to decide.
struct RareCategories {
  /// The more common categories that are withheld, by attribute.
  private(set) var categories: [Attribute: Set<String>] = [:]
  /// The attributes by which codes are not counted.
  private(set) var attributes: Set<Attribute> = []

  /// Looks at a release as the verdicts so far would make it.
  ///
  /// - Parameter drafts: one for each table of the tally.
  init(_ tally: Tally, _ drafts: [DraftTable], under policy: Policy, _ draw: CellDraw, threads: Int) {
    let release = AttackedRelease(tally, drafts, under: policy)
    guard let profiles = release.profiles, !release.isSmall else { return }
    let counted = Set(release.tables.filter { !$0.codes.isEmpty && !$0.isCeiling }.flatMap(\.stay)).sorted()
    let k = release.minimumPatients
    let hiding = release.hidingTooFew(threads: threads)
    for attribute in counted {
      guard let counts = profiles.stayCounts(release.places([attribute])) else { continue }
      let names = release.names[attribute] ?? []
      if counts.prefix(names.count).contains(where: { $0 > 0 && $0 < k - 1 }) { attributes.insert(attribute) }
      let known = tally.categories(of: attribute) { drafts[$0].known[$1] != nil }
      let isPublic = policy.publicCategories(of: attribute) != nil
      var candidates = zip(names, counts).filter { !isPublic && !known.contains($0.0) }
        .map { (name: $0, count: $1, order: draw.order($0, attribute, cost: $1, minimum: k)) }
        .sorted { $0.order < $1.order }
      var chosen = candidates.filter { hiding[attribute]?.contains($0.name) == true && $0.count < 3 * k }
      candidates.removeAll { candidate in chosen.contains { $0.name == candidate.name } }
      var unnamed = chosen.reduce(counts.dropFirst(names.count).reduce(0, +)) { $0 + $1.count }
      guard unnamed > 0 else { continue }
      while unnamed < 2 * k, candidates.count > 1 {
        let next = candidates.removeFirst()
        chosen.append(next)
        unnamed += next.count
      }
      if unnamed < k - 1 { attributes.insert(attribute) } else { categories[attribute] = Set(chosen.map(\.name)) }
    }
  }

  /// The cells of a table that are withheld, among others.
  func cells(of table: TalliedTable) -> [Int] {
    let request = table.request.attributes
    if leavesOut(table) { return Array(table.cells.indices) }
    let axes = request.indices.filter { categories[request[$0]] != nil }
    if axes.isEmpty { return [] }
    return table.cells.indices.filter { cell in
      let key = table.key(table.cells[cell])
      return axes.contains { categories[request[$0]]?.contains(key[$0]) ?? false }
    }
  }

  /// Whether a table counts codes by one of `attributes`.
  func leavesOut(_ table: TalliedTable) -> Bool {
    let request = table.request.attributes
    return request.contains(where: \.isMultiValued) && request.contains(where: attributes.contains)
  }
}

extension AttackedRelease {
  /// For each attribute, the categories at which no moves hide the counts of a quarter of some attribute's codes.
  fileprivate func hidingTooFew(threads: Int) -> [Attribute: Set<String>] {
    let stays = tables.indices.filter { tables[$0].codes.isEmpty }.map { (table: $0, cells: tables[$0].cells.indices) }
    var grid = GridAttack(self, stays, GridSystem.Bounds(KnownSums()))
    guard grid.narrow() else { return [:] }
    let (index, ceilings) = (CodeIndex(self), Ceilings(self, grid))
    var found: [Attribute: Set<String>] = [:]
    for group in codeGroups(self) where tables[group[0]].codes.count == 1 {
      guard let moves = CodeMoves(self, group, index, ceilings, tables[group[0]].codes[0], nil) else { continue }
      let codes = index.codes(of: group)
      let doubts = sideBySide(codes.count, threads: threads) { number in
        moves.doubts(codes[number], Growth(), floors: [:])?.places ?? [:]
      }
      for stay in group.map({ tables[$0].stay }) where stay.count == 1 {
        let names = names[stay[0]] ?? []
        let counts = doubts.compactMap { $0[stay] }.joined().reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        for (place, count) in counts where place < names.count && 4 * count >= max(codes.count, 80) {
          found[stay[0], default: []].insert(names[place])
        }
      }
    }
    return found
  }
}

extension Tally {
  /// An attribute's categories in some cells.
  fileprivate func categories(
    of attribute: Attribute, where isWanted: (_ table: Int, _ cell: Int) -> Bool
  ) -> Set<String> {
    var found: Set<String> = []
    for (number, table) in tables.enumerated() {
      guard let axis = table.request.attributes.firstIndex(of: attribute) else { continue }
      for (cell, counts) in table.cells.enumerated() where isWanted(number, cell) {
        found.insert(table.categories[axis][Int(counts.ids[axis])])
      }
    }
    return found
  }
}
