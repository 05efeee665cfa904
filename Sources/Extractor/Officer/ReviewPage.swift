internal import Shared

/// The page that shows a compliance officer everything that leaves the hospital: a summary to sign, the rules, who
/// approved them, then every table with every cell.
///
/// The page leaves with the bundle, so it reveals nothing that the bundle's other files and the last release don't: for
/// example, it counts only those withheld cells that `statistics.json` names.
///
/// - Parameters:
///   - digest: SHA-256 of `statistics.json`.
///   - past: what the ledger says about earlier releases.
func reviewPage(
  _ protected: borrowing ProtectedStatistics, digest: String, policy: Policy, approvals: Approvals, site: String,
  created: String, after past: PastReleases
) -> String {
  let statistics = protected.statistics
  let before = policy.protection.noise == nil ? past.comparable(with: policy, statistics.schema) : nil
  let summary = ReviewSummary(
    statistics: statistics, policy: policy, guarantee: protected.guarantee, approvers: approvals.approvers.count,
    site: site, created: created, digest: digest, past: past)
  // Leaves out the lists of tables, because the tables follow below with their published cells.
  let rules = (try? explain(policy))?.rules ?? []
  let approval =
    approvals.approvers.isEmpty ? "" : HTML.section("Approvals of the rules", HTML.list(approvals.lines))
  let shown = statistics.tables.filter { !$0.cells.isEmpty || !$0.suppressed.isEmpty }
  let tables = shown.map { table in
    HTML.folded(
      id: table.plainName, overview(table), TableReview(table, statistics, policy.protection, before).content)
  }
  return HTML.page(
    title: "What leaves \(site)",
    summary.content
      + HTML.section("Changes since the last release", HTML.list(changes(statistics, policy, past, before)))
      + approval + HTML.section("Sign-off", HTML.signOff)
      + HTML.section("The rules", HTML.list(rules))
      + HTML.section("Tables", contents(statistics.tables, isExact: policy.protection.noise == nil))
      + HTML.section("All counts", HTML.openAll + tables.joined())
  )
}

extension SeriesEntry {
  /// What a new series means for the page's readers.
  fileprivate var sentence: String {
    "\(series), which began on \(created) after release \(after). It is not compared with earlier releases: anyone "
      + "who has them too can compute differences that nobody has checked. The reason given: \(reason)"
  }
}

/// What the first page says: enough to decide whether the bundle may leave.
private struct ReviewSummary {
  let statistics: Statistics
  let policy: Policy
  let guarantee: String
  let approvers: Int
  let site: String
  let created: String
  let digest: String
  let past: PastReleases

  var content: String {
    HTML.paragraph(
      "The counts in the tables below are the only information about patients that leaves. The rules (the policy), "
        + "this page and the electronic signatures, with the names of those who signed, go with them.")
      + HTML.facts(
        [
          ("Hospital", site), ("Release", release), ("Created", readable(created)),
          ("Rules", "the policy “\(policy.title)”"), ("Questions to", policy.owner),
          ("Source", "records in the layout of \(statistics.schema.title)"), ("Counted", cohort(policy) + "."),
          ("Extent", amount),
          ("Guarantee", "\(promise) In the words of the manifest: \(guarantee)."), ("Not promised", limits),
          ("Approvals of the rules", approvers == 0 ? "none; the rules ask for none" : "\(approvers), named below"),
          (
            "Fingerprint of the counts",
            "SHA-256 \(digest). It changes if any count changes. The file statistics.json has the counts of this page; "
              + "before it is sent, IT shows you that sha256sum statistics.json gives the same."
          ),
        ] + (past.ledger?.begunSeries.map { [("Series", $0.sentence)] } ?? []))
  }

  private var release: String {
    past.ledger.map { "number \($0.next.sequence) in the hospital's ledger, its register of releases" }
      ?? "made without a ledger, so nothing compares it with other releases"
  }

  /// The numbers of tables and counts, and of admissions and patients where the counts tell them.
  private var amount: String {
    let cells = statistics.tables.reduce(0) { $0 + $1.cells.count }
    let base = "\(statistics.tables.count) tables with \(cells) counts"
    if policy.protection.noise != nil { return "\(base), each with noise" }
    let admissions = statistics.tables.filter { $0.attributes.allSatisfy { !$0.isMultiValued } }.compactMap(\.total)
      .max()
    let patients = statistics.table(over: [.admissionNumberBand])?.cells.first { $0.key == ["1"] }?.count
    return base + (admissions.map { ", \($0) admissions" } ?? "") + (patients.map { " of \($0) patients" } ?? "")
  }

  private var promise: String {
    let k = policy.protection.minimumPatients
    if policy.protection.noise != nil {
      return "One patient more or less hardly changes what is published, whatever a reader knows already."
    }
    return
      "Every count other than 0 covers at least \(k) different patients. Others are withheld: they are too small, or "
      + "would reveal one that is. The program tried, as an outsider could, to work out the withheld counts from "
      + "everything that is published. For each that can be named, the smallest and the largest possible number were "
      + "at least \(k - 1) apart, unless everybody can see that it is 0."
  }

  private var limits: String {
    let others = "releases of the same patients that are not in this ledger, or that other hospitals make"
    return policy.protection.noise != nil
      ? "anything about \(others)"
      : "that nobody can guess: counts tell what is usual, so somebody who knows that a patient was here may guess a "
        + "likely diagnosis or drug. Nothing is promised about \(others)."
  }
}

/// A time as people read it, from 2026-01-31T12:00:00Z.
private func readable(_ time: String) -> String {
  time.hasSuffix("Z") ? time.dropLast().replacing("T", with: " ") + " UTC" : time
}

/// The tables with links to their counts.
private func contents(_ tables: [PublishedTable], isExact: Bool) -> String {
  let rows = tables.map { table in
    [
      table.name, table.cells.map(\.count).min().map { "\($0)" } ?? "-", table.total.map { "\($0)" } ?? "-",
      "\(table.cells.count)",
    ]
  }
  let targets = tables.map { $0.cells.isEmpty && $0.suppressed.isEmpty ? "" : $0.plainName }
  return (isExact ? HTML.paragraph("The total of a table's counts is given if no count in it is withheld.") : "")
    + HTML.table(header: ["table", "smallest count", "total", "counts"], rows: rows, targets: targets)
}

private func overview(_ table: PublishedTable) -> String {
  guard let smallest = table.cells.map(\.count).min() else { return "\(table.name): no count is published" }
  return
    "\(table.name): \(table.cells.count == 1 ? "1 count" : "\(table.cells.count) counts"), smallest \(smallest)"
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
  lines += differences(from: before.policy, to: policy).map { "The rules: \($0.direction.rawValue): \($0.text)." }
  // Tables that the rules add or take away are named among the differences already.
  let stayed = Set(policy.release.map { Set($0.attributes) })
    .intersection(before.policy.release.map { Set($0.attributes) })
  let old = Dictionary(uniqueKeysWithValues: before.statistics.tables.map { (Set($0.attributes), $0.name) })
  let new = Set(statistics.tables.map { Set($0.attributes) })
  lines += statistics.tables.filter { stayed.contains(Set($0.attributes)) && old[Set($0.attributes)] == nil }
    .map { "New table: \($0.name)." }
  let gone = old.filter { stayed.contains($0.key) && !new.contains($0.key) }
  lines += gone.map { "No longer released: \($0.value)." }.inByteOrder()
  if lines.count == 1 { lines.append("The rules and the list of tables are the same.") }
  let kept = statistics.tables.compactMap { table in
    before.statistics.table(over: Set(table.attributes)).map { $0.cells == table.cells }
  }
  let changed = kept.count { !$0 }
  if !kept.isEmpty {
    lines.append(
      "Of the \(kept.count) tables that were published before, \(changed) have other counts now. Each table says below "
        + "what changed in it.")
  }
  return lines
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
      + chart(largest.map { (label: $1.joined(separator: ", "), value: $0.count) })
      + HTML.table(
        header: table.attributes.map(\.rawValue) + ["admissions"], words: table.attributes.count,
        rows: rows + suppressed)
  }

  /// The largest counts, with how many there are in all.
  private func chart(_ bars: [(label: String, value: Int)]) -> String {
    let shown = bars.prefix(12)
    let name = shown.count < bars.count ? "The \(shown.count) largest of \(bars.count) counts" : "All counts"
    return shown.isEmpty ? "" : HTML.paragraph("\(name):") + HTML.bars(Array(shown), name: name)
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
    "\(why). This page does not say how many are withheld, or which, because that would help too; plan says it inside "
      + "the hospital."
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
