internal import Shared

/// The page on which a compliance officer sees everything that leaves: the rules, then every table with every cell.
func reviewPage(
  _ protected: borrowing ProtectedStatistics, policy: Policy, site: String, created: String
) -> String {
  let facts = HTML.facts([
    ("Hospital", site), ("Made", created), ("Policy", "\(policy.title) (\(policy.owner))"),
    ("Guarantee", protected.guarantee), ("Source", protected.statistics.schema.title),
    ("Who is counted", cohortSentence(policy.cohort)),
    ("Smallest cell", smallestCellSentence(policy.protection)),
    ("Counts", countsSentence(policy.protection)),
    ("Ages", "\(policy.protection.topCodeAge) and over is one band"),
  ])
  let titles = protected.statistics.titles
  let tables = protected.statistics.tables.map { HTML.section($0.name, tableContent($0, titles)) }
  let leaves = "These counts are all that leaves about patients. The policy, this page and the signature go with them."
  return HTML.page(
    title: "What leaves \(site)", HTML.paragraph(leaves) + facts + tables.joined())
}

private func smallestCellSentence(_ protection: Policy.Protection) -> String {
  protection.noise == nil
    ? "a cell with fewer than \(protection.minimumPatients) different patients is not here"
    : "a cell whose count, with the noise on it, is under \(protection.minimumPatients) is not here"
}

private func countsSentence(_ protection: Policy.Protection) -> String {
  if let noise = protection.noise { return "with noise on every one, epsilon = \(noise.epsilon.text) per patient" }
  return protection.roundTo.map { "rounded to the nearest \($0)" } ?? "exact"
}

private func cohortSentence(_ cohort: Policy.Cohort) -> String {
  let ages = "admissions of patients aged \(cohort.minimumAge) or more"
  return cohort.excludedAdmissionTypes.isEmpty
    ? ages : "\(ages), without the admission types \(cohort.excludedAdmissionTypes.joined(separator: ", "))"
}

/// How many cells without a public name are withheld is not said: the page leaves, and the number would help to compute
/// one. `plan` says it inside the hospital.
private func tableContent(_ table: PublishedTable, _ titles: CodeTitles) -> String {
  let total =
    table.total.map { "Admissions in all: \($0)." } ?? "No total leaves, as it would help to compute a withheld cell."
  let smallest = table.cells.map(\.count).min().map { " Smallest published count: \($0)." } ?? " No cell is published."
  let rows = table.cells.map { cell in
    zip(cell.key, table.attributes).map { category, attribute in
      titles.title(of: category, attribute).map { "\(category) \($0)" } ?? category
    } + ["\(cell.count)"]
  }
  let suppressed = table.suppressed.map { $0 + ["withheld"] }
  return HTML.paragraph(total + smallest)
    + HTML.table(header: table.attributes.map(\.rawValue) + ["admissions"], rows: rows + suppressed)
}
