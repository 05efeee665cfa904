internal import Shared

/// Reads the titles of codes from the dictionary tables that the source has; other codes have no title.
func readTitles(_ input: InputFolder, groups: Set<String>) throws(CloisterError) -> CodeTitles {
  var titles = CodeTitles()
  for (table, group) in [(SourceTable.diagnosisTitles, "diagnosis"), (.procedureTitles, "procedure")] {
    if groups.contains(group), try input.has(table) { try readICDTitles(table, group, input, into: &titles) }
  }
  if groups.contains("lab"), try input.has(.labItems) { try readLabTitles(input, into: &titles) }
  return titles
}

private func readICDTitles(
  _ table: SourceTable, _ group: String, _ input: InputFolder, into titles: inout CodeTitles
) throws(CloisterError) {
  var rows = try TableRows(table, of: input)
  let isVersioned = input.schema == .mimicIV
  let code = try rows.column(isVersioned ? "icd_code" : "icd9_code")
  let version = isVersioned ? try rows.column("icd_version") : nil
  let title = try rows.column("long_title")
  while try rows.next() {
    if rows.isEmpty(code) || rows.isEmpty(title) { continue }
    let name = try rows.category(code)
    let category =
      if let version { VersionedCode.category(version: try rows.integer(version), code: name) } else { name }
    titles[group, category] = try rows.category(title)
  }
}

/// Reads titles such as `Creatinine (Blood)`.
private func readLabTitles(_ input: InputFolder, into titles: inout CodeTitles) throws(CloisterError) {
  var rows = try TableRows(.labItems, of: input)
  let item = try rows.column("itemid")
  let label = try rows.column("label")
  let fluid = try rows.column("fluid")
  while try rows.next() {
    if rows.isEmpty(label) { continue }
    let name = try rows.category(label)
    titles["lab", "\(try rows.integer(item))"] = rows.isEmpty(fluid) ? name : "\(name) (\(try rows.category(fluid)))"
  }
}
