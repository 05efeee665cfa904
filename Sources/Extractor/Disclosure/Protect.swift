internal import Shared

/// Statistics that passed the policy's protection. Only `protect`, in this file, can make one, and the bundle writer takes
/// nothing else.
struct ProtectedStatistics: ~Copyable {
  let statistics: Statistics
  /// What was done, in the words that the manifest, the review page and the generator repeat.
  let guarantee: String
  /// What each table kept back; stays inside the hospital.
  let losses: [TableLoss]

  fileprivate init(statistics: Statistics, guarantee: String, losses: [TableLoss]) {
    self.statistics = statistics
    self.guarantee = guarantee
    self.losses = losses
  }
}

/// How much of one table does not leave.
struct TableLoss: Equatable, Sendable {
  let table: String
  let publishedCells: Int
  let cellsBeyondTop: Int
  let smallCells: Int
  /// Admissions in published cells as a share of those in all cells, 0 to 1; nil for a table without admissions.
  let publishedShare: Double?
}

/// Protects the counts under the policy: every cell is put to every rule.
///
/// Claim: primary suppression by distinct patients, no more. Margins and linked tables are not protected against being
/// subtracted from one another, and the guarantee says so.
///
/// - Parameter threads: how many tables are worked on at a time; the result doesn't depend on it.
/// - Throws: status 77 where the policy asks for more than this version gives, or where nothing would be left.
func protect(_ tally: Tally, under policy: Policy, threads: Int) throws(CloisterError) -> ProtectedStatistics {
  try requirePolicyIsWithinThisVersion(policy)
  let outcomes = sideBySide(tally.tables.count, threads: threads) { protect(tally.tables[$0], under: policy) }
  let tables = outcomes.map(\.0)
  guard tables.contains(where: { !$0.cells.isEmpty }) else {
    throw CloisterError(
      .releaseRefused, "no cell of any table stands on \(policy.protection.minimumPatients) patients",
      hint: "nothing may leave; the cohort is too small for this policy, or the policy's cohort leaves everyone out")
  }
  let statistics = Statistics(
    schema: tally.schema, minimumPatients: policy.protection.minimumPatients, tables: tables,
    titles: titles(of: tables, from: tally.titles))
  return ProtectedStatistics(
    statistics: statistics,
    guarantee: "primary suppression only, not attack-tested, k = \(policy.protection.minimumPatients)",
    losses: outcomes.map(\.1))
}

private func protect(_ table: TalliedTable, under policy: Policy) -> (PublishedTable, TableLoss) {
  let publicCategories = table.request.attributes.map { policy.publicCategories(of: $0) }
  let isPublic = zip(table.categories, publicCategories).map { names, known in
    names.map { known?.contains($0) ?? false }
  }
  let isWithinTop = withinTop(table)
  var outcome = TableOutcome()
  for cell in table.cells {
    let evidence = CellEvidence(
      admissions: cell.admissions, patients: cell.patients,
      hasPublicKey: isPublic.indices.allSatisfy { isPublic[$0][Int(cell.ids[$0])] },
      isWithinTop: isWithinTop.indices.allSatisfy { isWithinTop[$0][Int(cell.ids[$0])] })
    outcome.take(evidence, under: policy.protection, key: table.key(cell))
  }
  for key in emptyKeys(table, publicCategories) {
    let evidence = CellEvidence(admissions: 0, patients: 0, hasPublicKey: true, isWithinTop: true)
    outcome.take(evidence, under: policy.protection, key: key)
  }
  return outcome.finished(table)
}

/// What became of one table's cells.
private struct TableOutcome {
  private var cells: [PublishedCell] = []
  private var suppressed: [[String]] = []
  private var withheld: [Verdict.Reason: Int] = [:]

  mutating func take(
    _ evidence: CellEvidence, under protection: Policy.Protection, key: @autoclosure () -> [String]
  ) {
    switch verdict(on: evidence, under: protection) {
    case .publish: cells.append(PublishedCell(key: key(), count: evidence.admissions))
    case .withhold(let reason):
      withheld[reason, default: 0] += 1
      if evidence.hasPublicKey { suppressed.append(key()) }
    }
  }

  func finished(_ table: TalliedTable) -> (PublishedTable, TableLoss) {
    let all = table.cells.reduce(0) { $0 + $1.admissions }
    let kept = cells.reduce(0) { $0 + $1.count }
    let published = PublishedTable(
      attributes: table.request.attributes, total: withheld.isEmpty ? all : nil,
      cells: cells.sorted { $0.key.lexicographicallyPrecedes($1.key, by: byteOrder) },
      suppressed: suppressed.sorted { $0.lexicographicallyPrecedes($1, by: byteOrder) })
    let loss = TableLoss(
      table: published.name, publishedCells: cells.count, cellsBeyondTop: withheld[.beyondTop] ?? 0,
      smallCells: withheld[.tooFewPatients] ?? 0, publishedShare: all == 0 ? nil : Double(kept) / Double(all))
    return (published, loss)
  }
}

/// The keys of the cells that nobody is in and whose categories are all public; none where an attribute's categories are
/// not.
private func emptyKeys(_ table: TalliedTable, _ publicCategories: [[String]?]) -> [[String]] {
  var keys: [[String]] = [[]]
  for categories in publicCategories {
    guard let categories else { return [] }
    keys = keys.flatMap { key in categories.map { key + [$0] } }
  }
  let counted = Set(table.cells.map(table.key))
  return keys.filter { !counted.contains($0) }
}

/// The titles of the codes in published cells, and of no other code.
private func titles(of tables: [PublishedTable], from dictionary: CodeTitles) -> CodeTitles {
  var titles = CodeTitles()
  for table in tables {
    for (axis, attribute) in table.attributes.enumerated() {
      guard let group = attribute.titleGroup else { continue }
      for cell in table.cells {
        let code = attribute.titledCode(cell.key[axis])
        if titles[group, code] == nil { titles[group, code] = dictionary[group, code] }
      }
    }
  }
  return titles
}
