internal import Shared

/// The page that shows a compliance officer everything that leaves the hospital: the rules, who approved them, then
/// every table with every cell.
///
/// The page leaves with the bundle, so it reveals nothing that the bundle's other files and the last release don't: for
/// example, it counts only those withheld cells that `statistics.json` names.
///
/// - Parameter before: the site's last release of the same kind; nil if none is known.
func reviewPage(
  _ protected: borrowing ProtectedStatistics, policy: Policy, approvals: Approvals, site: String, created: String,
  before: EarlierRelease?
) -> String {
  let facts = HTML.facts([
    ("Hospital", site), ("Created", created), ("Policy", "\(policy.title) (\(policy.owner))"),
    ("Guarantee", protected.guarantee), ("Source", protected.statistics.schema.title),
  ])
  // Leaves out the lists of tables, because the tables follow below with their published cells.
  let rules = (try? explain(policy))?.rules ?? []
  let approval =
    approvals.approvers.isEmpty
    ? HTML.paragraph("The policy asks for no approvals and has none.") : HTML.list(approvals.lines)
  let statistics = protected.statistics
  let tables = statistics.tables.filter { !$0.cells.isEmpty || !$0.suppressed.isEmpty }.map { table in
    HTML.section(
      table.name, tableContent(table, statistics, before?.statistics.table(over: Set(table.attributes)), before))
  }
  let leaves =
    "These counts are the only information about patients that leaves. The policy, this page and the signature go with "
    + "them."
  return HTML.page(
    title: "What leaves \(site)",
    HTML.paragraph(leaves) + facts + HTML.section("The rules", HTML.list(rules))
      + HTML.section("Approvals of the rules", approval)
      + HTML.section("Changes since the last release", HTML.list(changes(statistics, before)))
      + HTML.section("Tables", HTML.list(statistics.tables.map(overview))) + tables.joined()
      + HTML.section("Sign-off", HTML.signOff))
}

private func overview(_ table: PublishedTable) -> String {
  guard let smallest = table.cells.map(\.count).min() else { return "\(table.name): no cell is published" }
  return
    "\(table.name): \(table.cells.count == 1 ? "1 cell" : "\(table.cells.count) cells"), smallest count \(smallest)"
}

private func changes(_ statistics: Statistics, _ before: EarlierRelease?) -> [String] {
  guard let before else {
    return ["No earlier release is known: this is the first one, or there is no ledger, or the counts carry noise."]
  }
  var lines = ["Compared with release \(before.sequence)."]
  let old = Dictionary(uniqueKeysWithValues: before.statistics.tables.map { (Set($0.attributes), $0.name) })
  let new = Set(statistics.tables.map { Set($0.attributes) })
  lines += statistics.tables.filter { old[Set($0.attributes)] == nil }.map { "New table: \($0.name)." }
  lines += old.filter { !new.contains($0.key) }.map { "No longer released: \($0.value)." }.inByteOrder()
  return lines
}

private func tableContent(
  _ table: PublishedTable, _ statistics: Statistics, _ old: PublishedTable?, _ before: EarlierRelease?
) -> String {
  let titles = statistics.titles
  let total =
    table.total.map { "Total admissions: \($0)." }
    ?? "No total is published, because it would help to compute a withheld or rounded count."
  let smallest = table.cells.map(\.count).min().map { " Smallest published count: \($0)." } ?? " No cell is published."
  let labels = table.cells.map { cell in
    zip(cell.key, table.attributes).map { category, attribute in
      titles.title(of: category, attribute).map { "\(category) \($0)" } ?? category
    }
  }
  let rows = zip(table.cells, labels).map { $1 + ["\($0.count)"] }
  let suppressed = table.suppressed.map { $0 + ["withheld"] }
  let largest = zip(table.cells, labels).sorted {
    ($1.0.count, ByteOrdered($0.0.key.joined())) < ($0.0.count, ByteOrdered($1.0.key.joined()))
  }
  return HTML.paragraph(total + smallest) + HTML.paragraph(withheld(table))
    + HTML.paragraph(relation(table, statistics))
    + HTML.paragraph(change(table, old, before))
    + HTML.bars(largest.prefix(12).map { (label: $1.joined(separator: ", "), value: $0.count) })
    + HTML.table(header: table.attributes.map(\.rawValue) + ["admissions"], rows: rows + suppressed)
}

/// Does not say how many cells without a public name are withheld: the page leaves the hospital, and the number would
/// help to compute one of these cells. `plan` gives the number inside the hospital.
private func withheld(_ table: PublishedTable) -> String {
  if table.total != nil { return "No cell is withheld." }
  let why = "A cell is withheld because it covers too few patients, or because it would help to compute one that does"
  return table.suppressed.isEmpty
    ? "\(why). This page does not say how many are withheld, because the number would help too; plan says it inside "
      + "the hospital."
    : "\(why). Those with public names (\(table.suppressed.count)) are marked below; any others are not named. The "
      + "page does not give the reason for each cell, because that would bound its count."
}

private func relation(_ table: PublishedTable, _ statistics: Statistics) -> String {
  let own = Set(table.attributes)
  let margins = statistics.tables.filter { Set($0.attributes).isStrictSubset(of: own) }.map(\.name)
  let larger = statistics.tables.filter { own.isStrictSubset(of: $0.attributes) }.map(\.name)
  let parts =
    (margins.isEmpty ? [] : ["its cells add up to those of \(margins.joined(separator: "; "))"])
    + (larger.isEmpty ? [] : ["the cells of \(larger.joined(separator: "; ")) add up to its own"])
  return parts.isEmpty
    ? "Relation to other tables: none."
    : "Relation to other tables: \(parts.joined(separator: "; and ")), as far as they are published. If an admission "
      + "can have several codes of a kind, their counts do not add up, but they bound each other. The attack before "
      + "signing used all tables together."
}

private func change(_ table: PublishedTable, _ old: PublishedTable?, _ before: EarlierRelease?) -> String {
  guard let before else { return "Change since the last release: no earlier release is known." }
  guard let old else { return "Change since release \(before.sequence): the table is new." }
  let counts = Dictionary(uniqueKeysWithValues: old.cells.map { ($0.key, $0.count) })
  let now = Set(table.cells.map(\.key))
  let changed = table.cells.filter { counts[$0.key] != nil && counts[$0.key] != $0.count }.count
  let new = table.cells.filter { counts[$0.key] == nil }.count
  let gone = old.cells.filter { !now.contains($0.key) }.count
  return changed + new + gone == 0
    ? "Change since release \(before.sequence): none."
    : "Change since release \(before.sequence): \(changed) changed counts, \(new) new cells, \(gone) removed cells."
}
