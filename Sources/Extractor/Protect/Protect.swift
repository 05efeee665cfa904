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
  /// Cells of which one patient has more than half.
  let dominatedCells: Int
  /// Cells with a code that all but too few patients have.
  let nearlyAllCells: Int
  /// Cells withheld so that no other can be computed.
  let complementaryCells: Int
  /// Admissions in published cells as a share of those in all cells, 0 to 1; nil for a table without admissions.
  let publishedShare: Double?
  /// The same of what each reason keeps back.
  var withheldShares: [Verdict.Reason: Double] = [:]
}

/// Protects the counts under the policy: every cell is put to every rule, then cells are withheld until the attack on all tables
/// together fails.
///
/// Claim: no withheld cell that can be named is bounded by what is published, but for those that are empty for certain, more
/// closely than k - 1 apart; docs/disclosure-rules.md states the limits.
///
/// - Parameters:
///   - tally: counts of the policy's tables, and of those that earlier releases published.
///   - earlier: the site's earlier releases of exact or rounded counts.
///   - threads: how many tables are worked on at a time; the result doesn't depend on it.
/// - Throws: status 77 where the policy asks for more than this version gives, where an earlier release leaves no room, or where
///   nothing would be left.
func protect(
  _ tally: Tally, under policy: Policy, after earlier: [EarlierRelease] = [], threads: Int
) throws(CloisterError) -> ProtectedStatistics {
  let isReleased = tally.tables.map { policy.release.contains($0.request) }
  var outcomes = sideBySide(tally.tables.count, threads: threads) {
    TableOutcome(tally.tables[$0], under: policy, isReleased: isReleased[$0])
  }
  let knowledge = try EarlierKnowledge(tally, under: policy, earlier) { outcomes[$0].verdicts[$1] == .publish }
  for table in outcomes.indices { outcomes[table].learn(knowledge, table) }
  let inPlay = outcomes.indices.filter { isReleased[$0] || knowledge.tells(of: $0) }
  var attacked = inPlay.map { outcomes[$0] }
  let hasUnsolvedRings = try withholdMore(&attacked, tally.keeping(inPlay), under: policy)
  let finished = zip(attacked, inPlay).filter { isReleased[$1] }
    .map { $0.finished(tally.tables[$1], roundTo: policy.protection.roundTo) }
  return try protected(
    finished.map(\.0), tally, policy,
    guarantee: guarantee(of: policy.protection, hasUnsolvedRings: hasUnsolvedRings),
    finished.map(\.1))
}

/// Protects the counts by noise: on every possible cell, before any is judged.
///
/// Claim: the whole release is epsilon-differentially private per patient, epsilon being the policy's; docs/disclosure-rules.md states
/// the limits.
///
/// - Throws: status 77 where nothing would be left.
func protect(
  _ bounded: BoundedTally, under policy: Policy, _ random: inout some RandomNumberGenerator
) throws(CloisterError) -> ProtectedStatistics {
  let plan = try NoisePlan(policy, bounded.noise, schema: bounded.tally.schema)
  let noised = try noisedTables(bounded.tally, plan, minimum: policy.protection.minimumPatients, &random)
  let losses = noised.map { table in
    TableLoss(
      table: PublishedTable.name(of: table.attributes), publishedCells: table.cells.count,
      cellsBeyondTop: table.cellsBeyondTop, smallCells: table.smallCells, dominatedCells: 0, nearlyAllCells: 0,
      complementaryCells: 0,
      publishedShare: table.admissions == 0 ? nil : Double(table.admissionsPublished) / Double(table.admissions))
  }
  return try protected(
    noised.map(publishedTable), bounded.tally, policy, guarantee: guarantee(of: bounded.noise), losses)
}

private func publishedTable(_ table: NoisedTable) -> PublishedTable {
  PublishedTable(
    attributes: table.attributes, total: table.isWhole ? table.cells.reduce(0) { $0 + $1.count } : nil,
    cells: table.cells.sorted { $0.key.lexicographicallyPrecedes($1.key, by: byteOrder) }, suppressed: [])
}

private func protected(
  _ tables: [PublishedTable], _ tally: Tally, _ policy: Policy, guarantee: String, _ losses: [TableLoss]
) throws(CloisterError) -> ProtectedStatistics {
  guard tables.contains(where: { !$0.cells.isEmpty }) else {
    throw CloisterError(
      .releaseRefused, "no cell of any table can leave with \(policy.protection.minimumPatients) patients behind it",
      hint: "nothing may leave; the cohort is too small for this policy, or the policy's cohort leaves everyone out")
  }
  let statistics = Statistics(
    schema: tally.schema, minimumPatients: policy.protection.minimumPatients, tables: tables,
    titles: titles(of: tables, from: tally.titles))
  return ProtectedStatistics(statistics: statistics, guarantee: guarantee, losses: losses)
}

/// Complementary suppression, and the attack that shows when it is enough.
///
/// - Returns: whether the attack left rings of tables out.
private func withholdMore(
  _ outcomes: inout [TableOutcome], _ tally: Tally, under policy: Policy
) throws(CloisterError) -> Bool {
  let release = AttackedRelease(tally, outcomes.map(\.draft), under: policy)
  for cell in try withholdMore(release) {
    guard let source = release[cell].source else {
      preconditionFailure("only a cell that somebody is in is withheld to protect another")
    }
    outcomes[cell.table].verdicts[source] = .withhold(because: .wouldExposeAnother)
  }
  return release.hasUnsolvedRings
}

/// What becomes of one table's cells.
private struct TableOutcome: Sendable {
  /// For each cell that somebody is in.
  var verdicts: [Verdict]
  /// The keys of the cells that nobody is in and whose categories are all public, and whether they leave.
  private let zeros: [(key: [String], verdict: Verdict)]
  private let hasPublicKey: [Bool]
  /// What earlier releases tell of the table: cells that are known, and cells that are known to be empty.
  private var known: [Int: EarlierKnowledge.Precision] = [:]
  private var knownEmpty: Set<[String]> = []
  private var isKnownWhole = false

  /// - Parameter isReleased: false for a table that an earlier release published, and this one does not.
  init(_ table: TalliedTable, under policy: Policy, isReleased: Bool) {
    let publicCategories = table.request.attributes.map { policy.publicCategories(of: $0) }
    let isPublic = zip(table.categories, publicCategories).map { names, known in
      names.map { known?.contains($0) ?? false }
    }
    let isWithinTop = withinTop(table, policy.protection)
    let hasPublicKey = table.cells.map { cell in isPublic.indices.allSatisfy { isPublic[$0][Int(cell.ids[$0])] } }
    verdicts = zip(table.cells, hasPublicKey).map { cell, hasPublicKey in
      let evidence = CellEvidence(
        admissions: cell.admissions, patients: cell.patients, largest: cell.count.largest,
        patientsWithout: cell.patientsWithout, hasPublicKey: hasPublicKey,
        isWithinTop: isWithinTop.indices.allSatisfy { isWithinTop[$0][Int(cell.ids[$0])] })
      return isReleased ? verdict(on: evidence, under: policy.protection) : .withhold(because: .notInPolicy)
    }
    let empty = CellEvidence(
      admissions: 0, patients: 0, largest: 0, patientsWithout: nil, hasPublicKey: true, isWithinTop: true)
    zeros = emptyKeys(table, publicCategories).map { key in
      (key, isReleased ? verdict(on: empty, under: policy.protection) : .withhold(because: .notInPolicy))
    }
    self.hasPublicKey = hasPublicKey
  }

  mutating func learn(_ knowledge: EarlierKnowledge, _ table: Int) {
    known = knowledge.unchanged[table]
    knownEmpty = knowledge.empty[table]
    isKnownWhole = knowledge.isWhole[table]
  }

  /// Nothing is withheld, so that the total leaves.
  private var isWhole: Bool {
    verdicts.allSatisfy { $0 == .publish } && zeros.allSatisfy { $0.verdict == .publish }
  }

  private var publishedZeros: [[String]] { zeros.filter { $0.verdict == .publish }.map(\.key) }

  var draft: DraftTable {
    DraftTable(
      verdicts: verdicts, known: known, zeros: Array(Set(publishedZeros).union(knownEmpty)),
      isWhole: isWhole, isKnownWhole: isKnownWhole)
  }

  func finished(_ table: TalliedTable, roundTo: Int?) -> (PublishedTable, TableLoss) {
    var cells = publishedZeros.map { PublishedCell(key: $0, count: 0) }
    var suppressed = zeros.filter { $0.verdict != .publish }.map(\.key)
    var withheld: [Verdict.Reason: Int] = [:]
    var kept = 0
    var lost: [Verdict.Reason: Int] = [:]
    for (number, cell) in table.cells.enumerated() {
      switch verdicts[number] {
      case .publish:
        kept += cell.admissions
        let count = roundTo.map { rounded(cell.admissions, to: $0) } ?? cell.admissions
        cells.append(PublishedCell(key: table.key(cell), count: count))
      case .withhold(let reason):
        withheld[reason, default: 0] += 1
        lost[reason, default: 0] += cell.admissions
        if hasPublicKey[number] { suppressed.append(table.key(cell)) }
      }
    }
    let all = table.cells.reduce(0) { $0 + $1.admissions }
    let published = PublishedTable(
      attributes: table.request.attributes, total: isWhole && roundTo == nil ? all : nil,
      cells: cells.sorted { $0.key.lexicographicallyPrecedes($1.key, by: byteOrder) },
      suppressed: suppressed.sorted { $0.lexicographicallyPrecedes($1, by: byteOrder) })
    let loss = TableLoss(
      table: published.name, publishedCells: cells.count, cellsBeyondTop: withheld[.beyondTop] ?? 0,
      smallCells: withheld[.tooFewPatients] ?? 0, dominatedCells: withheld[.onePatientDominates] ?? 0,
      nearlyAllCells: withheld[.tooFewWithout] ?? 0, complementaryCells: withheld[.wouldExposeAnother] ?? 0,
      publishedShare: all == 0 ? nil : Double(kept) / Double(all),
      withheldShares: lost.mapValues { Double($0) / Double(max(1, all)) })
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
