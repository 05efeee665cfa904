internal import Shared

/// The page that shows a compliance officer everything that leaves the hospital: the rules, who approved them, then
/// every table with every cell.
///
/// The page leaves with the bundle, so it reveals nothing that the bundle's other files and the last release don't: for
/// example, it counts only those withheld cells that `statistics.json` names.
///
/// - Parameter past: what the ledger says about earlier releases.
func reviewPage(
  _ protected: borrowing ProtectedStatistics, policy: Policy, approvals: Approvals, site: String, created: String,
  after past: PastReleases
) -> String {
  let statistics = protected.statistics
  let before = policy.protection.noise == nil ? past.comparable(with: policy, statistics.schema) : nil
  let facts = HTML.facts(
    [
      ("Hospital", site), ("Created", created), ("Policy", "\(policy.title) (\(policy.owner))"),
      ("Guarantee", protected.guarantee), ("Source", statistics.schema.title),
    ] + (past.ledger?.begunSeries.map { [("Series", $0.sentence)] } ?? []))
  // Leaves out the lists of tables, because the tables follow below with their published cells.
  let rules = (try? explain(policy))?.rules ?? []
  let approval =
    approvals.approvers.isEmpty
    ? HTML.paragraph("The policy asks for no approvals and has none.") : HTML.list(approvals.lines)
  let tables = statistics.tables.filter { !$0.cells.isEmpty || !$0.suppressed.isEmpty }.map { table in
    HTML.section(table.name, TableReview(table, statistics, policy.protection, before).content)
  }
  let leaves =
    "These counts are the only information about patients that leaves. The policy, this page and the signature go with "
    + "them."
  return HTML.page(
    title: "What leaves \(site)",
    HTML.paragraph(leaves) + facts + HTML.section("The rules", HTML.list(rules))
      + HTML.section("Approvals of the rules", approval)
      + HTML.section("Changes since the last release", HTML.list(changes(statistics, policy, past, before)))
      + HTML.section("Tables", HTML.list(statistics.tables.map(overview))) + tables.joined()
      + HTML.section("Sign-off", HTML.signOff))
}

extension SeriesEntry {
  /// What a new series means for the page's readers.
  fileprivate var sentence: String {
    "\(series), which began on \(created) after release \(after). It is not compared with earlier releases: anyone "
      + "who has them too can compute differences that nobody has checked. The reason given: \(reason)"
  }
}

private func overview(_ table: PublishedTable) -> String {
  guard let smallest = table.cells.map(\.count).min() else { return "\(table.name): no cell is published" }
  return
    "\(table.name): \(table.cells.count == 1 ? "1 cell" : "\(table.cells.count) cells"), smallest count \(smallest)"
}

/// What changed since the last release: the rules first, then the tables.
private func changes(
  _ statistics: Statistics, _ policy: Policy, _ past: PastReleases, _ before: EarlierRelease?
) -> [String] {
  guard past.ledger != nil else { return ["No ledger was used: nothing was compared with earlier releases."] }
  if let noise = policy.protection.noise {
    let spent = past.spent + noise.epsilon
    return [
      "Counts with noise are not compared with earlier releases. Instead, the ledger adds up what all releases cost: "
        + "with this one, epsilon \(spent.text) of at most \(noise.budget.text)."
    ]
  }
  guard let before else { return ["This is the ledger's first release of this kind."] }
  let isCompared = past.releases.contains { $0.sequence == before.sequence }
  var lines = [
    isCompared
      ? "Compared with release \(before.sequence)."
      : "The last release was release \(before.sequence), of the series before. The differences are listed, but nobody "
        + "has checked what the two tell together."
  ]
  lines += differences(from: before.policy, to: policy).map { "The rules, \($0.direction.rawValue): \($0.text)." }
  let old = Dictionary(uniqueKeysWithValues: before.statistics.tables.map { (Set($0.attributes), $0.name) })
  let new = Set(statistics.tables.map { Set($0.attributes) })
  lines += statistics.tables.filter { old[Set($0.attributes)] == nil }.map { "New table: \($0.name)." }
  return lines + old.filter { !new.contains($0.key) }.map { "No longer released: \($0.value)." }.inByteOrder()
}

/// A published table, as the page shows it. Each sentence says what was done with this table.
private struct TableReview {
  let table: PublishedTable
  let statistics: Statistics
  let protection: Policy.Protection
  let before: EarlierRelease?

  init(
    _ table: PublishedTable, _ statistics: Statistics, _ protection: Policy.Protection, _ before: EarlierRelease?
  ) {
    (self.table, self.statistics, self.protection, self.before) = (table, statistics, protection, before)
  }

  var content: String {
    let labels = table.cells.map { cell in
      zip(cell.key, table.attributes).map { category, attribute in
        statistics.titles.title(of: category, attribute).map { "\(category) \($0)" } ?? category
      }
    }
    let rows = zip(table.cells, labels).map { $1 + ["\($0.count)"] }
    let suppressed = table.suppressed.map { $0 + ["withheld"] }
    let largest = zip(table.cells, labels).sorted {
      ($1.0.count, ByteOrdered($0.0.key.joined())) < ($0.0.count, ByteOrdered($1.0.key.joined()))
    }
    return HTML.paragraph(total + smallest) + HTML.paragraph(withheld) + HTML.paragraph(relation)
      + HTML.paragraph(change)
      + HTML.bars(largest.prefix(12).map { (label: $1.joined(separator: ", "), value: $0.count) })
      + HTML.table(header: table.attributes.map(\.rawValue) + ["admissions"], rows: rows + suppressed)
  }

  private var total: String {
    if let total = table.total {
      return protection.noise == nil ? "Total admissions: \(total)." : "Total of the counts with their noise: \(total)."
    }
    if protection.noise != nil { return "No total is published, because some cells are not." }
    return "No total is published, because it would help to compute a "
      + (protection.roundTo == nil ? "withheld count." : "withheld or rounded count.")
  }

  private var smallest: String {
    table.cells.map(\.count).min().map { " Smallest published count: \($0)." } ?? " No cell is published."
  }

  /// Does not say how many cells without a public name are withheld: the page leaves the hospital, and the number would
  /// help to compute one of these cells. `plan` gives the number inside the hospital.
  private var withheld: String {
    if protection.noise != nil {
      return table.total != nil
        ? "Every possible cell is published, with noise."
        : "A cell is left out if its count with the noise is less than \(protection.minimumPatients), or if its "
          + "code is beyond the largest top."
    }
    if table.total != nil { return "No cell is withheld." }
    return table.suppressed.isEmpty
      ? unnamed
      : "\(why). Those with public names (\(table.suppressed.count)) are marked below; any others are not named. The "
        + "page does not give the reason for each cell, because that would bound its count."
  }

  private var why: String {
    "A cell is withheld because it covers too few patients, or because it would help to compute one that does"
  }

  private var unnamed: String {
    "\(why). This page does not say whether or how many are withheld, because the number would help too; plan says it "
      + "inside the hospital."
  }

  private var relation: String {
    let own = Set(table.attributes)
    let margins = statistics.tables.filter { Set($0.attributes).isStrictSubset(of: own) }.map(\.name)
    let larger = statistics.tables.filter { own.isStrictSubset(of: $0.attributes) }.map(\.name)
    let parts =
      (margins.isEmpty ? [] : ["its cells add up to those of \(margins.joined(separator: "; "))"])
      + (larger.isEmpty ? [] : ["the cells of \(larger.joined(separator: "; ")) add up to its own"])
    if parts.isEmpty { return "Relation to other tables: none." }
    let relation = "Relation to other tables: \(parts.joined(separator: "; and "))"
    if protection.noise != nil {
      return "\(relation), but only roughly: each cell of each table has noise of its own."
    }
    return
      "\(relation), as far as they are published. If an admission can have several codes of a kind, their counts do "
      + "not add up, but they bound each other. The attack before signing used all tables together."
  }

  private var change: String {
    if protection.noise != nil { return "Change since the last release: not compared, because of the noise." }
    guard let before else { return "Change since the last release: no earlier release is known." }
    guard let old = before.statistics.table(over: Set(table.attributes)) else {
      return "Change since release \(before.sequence): the table is new."
    }
    let counts = Dictionary(uniqueKeysWithValues: old.cells.map { ($0.key, $0.count) })
    let now = Set(table.cells.map(\.key))
    let changed = table.cells.filter { counts[$0.key] != nil && counts[$0.key] != $0.count }.count
    let new = table.cells.filter { counts[$0.key] == nil }.count
    let gone = old.cells.filter { !now.contains($0.key) }.count
    return changed + new + gone == 0
      ? "Change since release \(before.sequence): none."
      : "Change since release \(before.sequence): \(changed) changed counts, \(new) new cells, \(gone) removed cells."
  }
}
