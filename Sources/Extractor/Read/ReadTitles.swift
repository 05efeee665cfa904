internal import Shared

/// Reads the titles of codes from the dictionary tables that the source has; other codes have no title.
func readTitles(
  _ input: InputFolder, groups: Set<String>, _ findings: inout InputFindings
) throws(CloisterError) -> CodeTitles {
  var titles = CodeTitles()
  for group in ["diagnosis", "procedure", "lab"] where groups.contains(group) {
    let table = SourceTable.titles(of: group)
    guard try input.has(table) else { continue }
    findings.dictionaryFiles[group] = try input.files(of: table).first
    if table == .labItems {
      try readLabTitles(input, into: &titles)
    } else {
      findings.dictionaryZeros.append(try readICDTitles(table, group, input, into: &titles))
    }
  }
  return titles
}

/// - Returns: what the dictionary's codes tell about leading zeros.
private func readICDTitles(
  _ table: SourceTable, _ group: String, _ input: InputFolder, into titles: inout CodeTitles
) throws(CloisterError) -> LeadingZeros {
  var rows = try TableRows(table, of: input)
  let isVersioned = input.schema == .mimicIV
  let code = try rows.column(isVersioned ? "icd_code" : "icd9_code")
  let version = isVersioned ? try rows.column("icd_version") : nil
  let title = try rows.column("long_title")
  while try rows.next() {
    if rows.isMissing(code) || rows.isMissing(title) { continue }
    if rows.isCutShort(code, group == "diagnosis" ? .icd9Diagnosis : .icd9Procedure) {
      throw rows.refusal(code, "is too short to be a whole code; did the export drop leading zeros?")
    }
    let name = try rows.category(code)
    let category =
      if let version { VersionedCode.category(version: try rows.integer(version), code: name) } else { name }
    let text = try rows.category(title)
    guard titles[group, category] ?? text == text else {
      throw rows.refusal(code, "has another title in an earlier row; have codes lost their leading zeros?")
    }
    titles[group, category] = text
  }
  let zeros = LeadingZeros(ofCodesIn: titles, group)
  guard zeros.codesWithoutZero < 3 || !zeros.areMostlyLost else {
    throw CloisterError(
      .inputRefused,
      "\(rows.file), column \(code.name): \(zeros.codesWithoutZero) codes exist only with a zero before them; did the "
        + "export drop leading zeros?",
      hint: "export the codes as text, or leave the dictionary out: the program has its own titles")
  }
  return zeros
}

/// Reads titles such as `Creatinine (Blood)`.
private func readLabTitles(_ input: InputFolder, into titles: inout CodeTitles) throws(CloisterError) {
  var rows = try TableRows(.labItems, of: input)
  let item = try rows.column("itemid")
  let label = try rows.column("label")
  let fluid = try rows.column("fluid")
  while try rows.next() {
    if rows.isMissing(label) { continue }
    let name = try rows.category(label)
    let text = rows.isEmpty(fluid) ? name : "\(name) (\(try rows.category(fluid)))"
    let number = "\(try rows.integer(item))"
    guard titles["lab", number] ?? text == text else {
      throw rows.refusal(item, "has another label in an earlier row")
    }
    titles["lab", number] = text
  }
}
