internal import Shared

/// Statistics that passed the policy's protection. Only the `protect` functions in this file can make them, and the
/// bundle writer accepts nothing else.
struct ProtectedStatistics: ~Copyable {
  let statistics: Statistics
  /// The guarantee that the manifest, the review page and the generator repeat.
  let guarantee: String
  /// How much each table withholds. This stays inside the hospital.
  let losses: [TableLoss]
  /// The withheld cells for which the attack found the narrowest bounds. This stays inside the hospital, too.
  let narrowest: [Findings.BoundedCell]
  /// The categories under which rolled up codes were counted. This stays inside the hospital, too.
  let codeCategories: CodeCategories

  fileprivate init(
    statistics: Statistics, guarantee: String, losses: [TableLoss], narrowest: [Findings.BoundedCell],
    codeCategories: CodeCategories
  ) {
    self.statistics = statistics
    self.codeCategories = codeCategories
    self.guarantee = guarantee
    self.losses = losses
    self.narrowest = narrowest
  }
}

/// Protects the counts under the policy: applies the rules to every cell, then withholds further cells until the attack
/// on all tables together fails.
///
/// Claim: for every withheld cell that can be named and is not certainly empty, the bounds that follow from the
/// published data are at least k - 1 apart; docs/disclosure-rules.md states the limits.
///
/// - Parameters:
///   - tally: counts of the policy's tables, and of the tables that earlier releases published.
///   - earlier: the site's earlier releases of exact or rounded counts.
///   - secret: what draws the cells that are withheld to protect others.
///   - threads: how many tables to process at a time; the result doesn't depend on this number.
///   - progress: shows how far the attack has come.
/// - Throws: status 77 if a sum differs too little from an earlier release, if withholding more can't stop the attack,
///   or if nothing would be left; status 70 if the counts contradict each other.
func protect(
  _ tally: Tally, under policy: Policy, after earlier: [EarlierRelease] = [], drawnWith secret: SiteSecret,
  threads: Int, _ progress: @escaping Progress = { _ in }
) throws(CloisterError) -> ProtectedStatistics {
  let isReleased = tally.tables.map { policy.release.contains($0.request) }
  let draw = CellDraw(tally, secret)
  var outcomes = sideBySide(tally.tables.count, threads: threads) { table in
    var outcome = TableOutcome(tally.tables[table], under: policy, isReleased: isReleased[table])
    if isReleased[table] {
      let near = cellsNearTheMinimum(tally, table, outcome.verdicts, draw, policy.protection)
      outcome.withhold(near, because: .wouldExposeAnother)
    }
    return outcome
  }
  let knowledge = try EarlierKnowledge(tally, under: policy, earlier) { outcomes[$0].verdicts[$1] == .publish }
  for table in outcomes.indices { outcomes[table].learn(knowledge, table) }
  let rare = RareCategories(tally, outcomes.map(\.draft), under: policy, draw, threads: threads)
  for table in outcomes.indices where isReleased[table] { outcomes[table].withhold(rare, tally.tables[table]) }
  let inPlay = outcomes.indices.filter { number in
    knowledge.tells(of: number) || isReleased[number] && !rare.leavesOut(tally.tables[number])
  }
  var attacked = inPlay.map { outcomes[$0] }
  let played = tally.keeping(inPlay)
  let growing = knowledge.growing.map { earlier[$0] }
  while true {
    let release = AttackedRelease(played, attacked.map(\.draft), under: policy)
    var known = KnownSums()
    known.raise(by: growing, in: release)
    let more = try withholdMore(
      release, CellDraw(played, secret), knowing: known, threads: threads, AttackProgress(progress))
    for cell in more.cells { attacked[cell.table].withhold([cell.cell], because: .wouldExposeAnother) }
    for (number, outcome) in zip(inPlay, attacked) { outcomes[number] = outcome }
    let released = outcomes.indices.filter { isReleased[$0] }
    let finished = released.map { outcomes[$0].finished(tally.tables[$0], roundTo: policy.protection.roundTo) }
    guard let told = toldByTwoReleases(finished.map(\.0), of: tally, under: policy, with: earlier) else {
      let losses = zip(released, finished).map { number, table in
        var loss = table.1
        loss.largestWithheld = WithheldCell.largest(of: tally.tables[number], outcomes[number].verdicts)
        return loss
      }
      return try protected(
        finished.map(\.0), tally, policy,
        guarantee: policy.protection.guarantee(hasUnsolvedRings: release.hasUnsolvedRings),
        losses, narrowest: more.narrowest)
    }
    let requests = inPlay.map { tally.tables[$0].request }
    func withholdNews(at place: ToldTogether.Place, of codes: [Attribute: String]) -> Bool {
      let news = inPlay.indices.filter { number in
        isReleased[inPlay[number]] && attacked[number].hasNews(of: codes, in: tally.tables[inPlay[number]])
          && (codes == place.codes || !requests[number].attributes.contains(where: \.isMultiValued))
      }
      let culprits = place.culprits(among: news.map { Set(requests[$0].attributes) })
      for number in culprits { attacked[news[number]].withholdNews(of: codes, in: tally.tables[inPlay[news[number]]]) }
      return !culprits.isEmpty
    }
    // What is new of the codes tells too much together with an earlier release or, if nothing is, what is new of stays.
    let ofCodes = told.places.count { withholdNews(at: $0, of: $0.codes) }
    if ofCodes == 0, told.places.count(where: { withholdNews(at: $0, of: [:]) }) == 0 { throw told.error }
  }
}

/// Protects the counts with noise, which is added to every possible cell before any cell is judged.
///
/// Claim: the whole release is epsilon-differentially private per patient, with the policy's epsilon;
/// docs/disclosure-rules.md states the limits.
///
/// - Throws: status 77 if nothing would be left or a table has too many possible cells; status 78 if a table's share of
///   epsilon is under a millionth.
func protect(
  _ bounded: BoundedTally, under policy: Policy, _ random: inout some RandomNumberGenerator
) throws(CloisterError) -> ProtectedStatistics {
  let plan = try NoisePlan(policy, bounded.noise, schema: bounded.tally.schema)
  let noised = try noisedTables(bounded.tally, plan, minimum: policy.protection.minimumPatients, &random)
  let losses = noised.map { table in
    TableLoss(
      table: PublishedTable.name(of: table.attributes), publishedCells: table.cells.count,
      cellsBeyondTop: table.cellsBeyondTop, smallCells: table.smallCells, dominatedCells: 0, nearlyAllCells: 0,
      complementaryCells: 0, changedCells: 0,
      publishedShare: table.admissions == 0 ? nil : Double(table.admissionsPublished) / Double(table.admissions))
  }
  return try protected(
    noised.map(publishedTable), bounded.tally, policy, guarantee: policy.protection.guarantee(hasUnsolvedRings: false),
    losses, narrowest: [])
}

private func publishedTable(_ table: NoisedTable) -> PublishedTable {
  PublishedTable(
    attributes: table.attributes, total: table.isWhole ? table.cells.reduce(0) { $0 + $1.count } : nil,
    cells: table.cells.sorted { byteOrder($0.key, $1.key) }, suppressed: [])
}

private func protected(
  _ tables: [PublishedTable], _ tally: Tally, _ policy: Policy, guarantee: String, _ losses: [TableLoss],
  narrowest: [Findings.BoundedCell]
) throws(CloisterError) -> ProtectedStatistics {
  guard tables.contains(where: { !$0.cells.isEmpty }) else {
    throw CloisterError(
      .releaseRefused,
      "no cell of any table can be published with a minimum of \(policy.protection.minimumPatients) patients",
      hint: "check the policy's cohort: it is too small for this policy, or excludes everyone")
  }
  let statistics = Statistics(
    schema: tally.schema, minimumPatients: policy.protection.minimumPatients, tables: tables,
    titles: publishedTitles(of: tables, from: tally.titles))
  return ProtectedStatistics(
    statistics: statistics, guarantee: guarantee, losses: losses, narrowest: narrowest,
    codeCategories: policy.protection.rollsUpCodes ? tally.codeCategories : .none)
}

/// The outcome for one table's cells.
private struct TableOutcome: Sendable {
  /// One for each nonempty cell.
  private(set) var verdicts: [Verdict]
  /// What the rules say of each cell; nil for a table of the policy.
  private let ofUnreleased: [Verdict]?
  /// The keys of the empty cells whose categories are all public, with their verdicts.
  private var zeros: [(key: [String], verdict: Verdict)]
  private let hasPublicKey: [Bool]
  /// What earlier releases reveal about the table: cells with a known count, and cells known to be empty.
  private var known: [Int: EarlierKnowledge.Precision] = [:]
  private var knownEmpty: Set<[String]> = []
  private var isKnownWhole = false

  /// - Parameter isReleased: false for a table that only an earlier release published.
  init(_ table: TalliedTable, under policy: Policy, isReleased: Bool) {
    let publicCategories = table.request.attributes.map { policy.publicCategories(of: $0) }
    let isPublic = zip(table.categories, publicCategories).map { names, known in
      names.map { known?.contains($0) ?? false }
    }
    let isWithinTop = withinTop(table, policy.protection)
    let hasPublicKey = table.cells.map { cell in isPublic.indices.allSatisfy { isPublic[$0][Int(cell.ids[$0])] } }
    let ruled = zip(table.cells, hasPublicKey).map { cell, hasPublicKey in
      let evidence = CellEvidence(
        admissions: cell.admissions, patients: cell.patients, largest: cell.count.largest,
        patientsWithout: cell.patientsWithout, hasPublicKey: hasPublicKey,
        isWithinTop: isWithinTop.indices.allSatisfy { isWithinTop[$0][Int(cell.ids[$0])] })
      return verdict(on: evidence, under: policy.protection)
    }
    ofUnreleased = isReleased ? nil : ruled
    verdicts = isReleased ? ruled : ruled.map { _ in .withhold(because: .notInPolicy) }
    let empty = CellEvidence(
      admissions: 0, patients: 0, largest: 0, patientsWithout: nil, hasPublicKey: true, isWithinTop: true)
    zeros = emptyKeys(table, publicCategories).map { key in
      (key, isReleased ? verdict(on: empty, under: policy.protection) : .withhold(because: .notInPolicy))
    }
    self.hasPublicKey = hasPublicKey
  }

  mutating func withhold(_ cells: [Int], because reason: Verdict.Reason) {
    for cell in cells { verdicts[cell] = .withhold(because: reason) }
  }

  /// Withholds what is left out because of rare categories.
  mutating func withhold(_ rare: RareCategories, _ table: TalliedTable) {
    withhold(rare.cells(of: table).filter { verdicts[$0] == .publish }, because: .wouldExposeAnother)
    guard rare.leavesOut(table) else { return }
    for zero in zeros.indices { zeros[zero].verdict = .withhold(because: .wouldExposeAnother) }
  }

  mutating func learn(_ knowledge: EarlierKnowledge, _ table: Int) {
    known = knowledge.unchanged[table]
    knownEmpty = knowledge.empty[table]
    isKnownWhole = knowledge.isWhole[table]
    // Of a table that is not released, only cells that must stay hidden are to be protected. An outsider may know the
    // others.
    if let ofUnreleased { verdicts = ofUnreleased }
    withhold(Array(knowledge.changed[table]), because: .changedTooLittle)
    // The secret can't hide a cell that is known already.
    for cell in known.keys where verdicts[cell] == .withhold(because: .wouldExposeAnother) { verdicts[cell] = .publish }
  }

  /// Whether a cell with certain codes is published that no earlier release tells.
  func hasNews(of codes: [Attribute: String], in table: TalliedTable) -> Bool {
    !news(of: codes, in: table).isEmpty || codes.isEmpty && !newZeros.isEmpty
  }

  /// Withholds all cells with certain codes that no earlier release tells.
  mutating func withholdNews(of codes: [Attribute: String], in table: TalliedTable) {
    withhold(news(of: codes, in: table), because: .wouldExposeAnother)
    if codes.isEmpty {
      for zero in newZeros { zeros[zero].verdict = .withhold(because: .wouldExposeAnother) }
    }
  }

  private func news(of codes: [Attribute: String], in table: TalliedTable) -> [Int] {
    let axes = codes.map { (axis: table.request.attributes.firstIndex(of: $0.key), code: $0.value) }
    return verdicts.indices.filter { cell in
      guard verdicts[cell] == .publish, known[cell] == nil else { return false }
      let key = table.key(table.cells[cell])
      return axes.allSatisfy { place in place.axis.map { key[$0] == place.code } ?? false }
    }
  }

  private var newZeros: [Int] {
    zeros.indices.filter { zeros[$0].verdict == .publish && !knownEmpty.contains(zeros[$0].key) }
  }

  /// Whether no cell is withheld. Only then can the total be published.
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
      cells: cells.sorted { byteOrder($0.key, $1.key) },
      suppressed: suppressed.sorted { byteOrder($0, $1) })
    let loss = TableLoss(
      table: published.name, publishedCells: cells.count, cellsBeyondTop: withheld[.beyondTop] ?? 0,
      smallCells: withheld[.tooFewPatients] ?? 0, dominatedCells: withheld[.onePatientDominates] ?? 0,
      nearlyAllCells: withheld[.tooFewWithout] ?? 0, complementaryCells: withheld[.wouldExposeAnother] ?? 0,
      changedCells: withheld[.changedTooLittle] ?? 0,
      publishedShare: all == 0 ? nil : Double(kept) / Double(all),
      withheldShares: lost.mapValues { Double($0) / Double(max(1, all)) })
    return (published, loss)
  }
}

/// The keys of the empty cells, if the categories of every attribute are public; otherwise none.
private func emptyKeys(_ table: TalliedTable, _ publicCategories: [[String]?]) -> [[String]] {
  var keys: [[String]] = [[]]
  for categories in publicCategories {
    guard let categories else { return [] }
    keys = keys.flatMap { key in categories.map { key + [$0] } }
  }
  let counted = Set(table.cells.map(table.key))
  return keys.filter { !counted.contains($0) }
}
