internal import Shared

/// An admission's codes: there can be any number, each is counted once, and rare ones are counted under their group.
extension CountQuery {
  /// Reads an event table as rows of admission and code.
  mutating func readEvents(_ table: SourceTable) -> String {
    let code: String
    let condition: String
    switch table {
    case .labEvents: return readLabEvents()
    case .prescriptions:
      code = dialect.composed(trimmedOrNull("drug"))
      condition = "NOT (\(isMissing(code, .drug)))"
    case .cptEvents:
      (code, condition) = (trimmedOrNull("cpt_cd"), "\(trimmedOrNull("cpt_cd")) <> ''")
    default: (code, condition) = (icdCode, "\(trimmedOrNull(icdColumn)) <> ''")
    }
    return read(
      table,
      [ReadColumn("hadm_id"), ReadColumn(code, as: "code")] + (table == .diagnoses ? [ReadColumn("seq_num")] : []),
      where: condition)
  }

  var icdColumn: String { schema == .mimicIII ? "icd9_code" : "icd_code" }

  /// MIMIC-IV has codes of two ICD versions, in which the same characters can mean different things.
  var icdCode: String {
    let code = trimmedOrNull(icdColumn)
    return schema == .mimicIII ? code : "\(dialect.asText("{icd_version}")) || ':' || \(code)"
  }

  /// Reads each laboratory value as its item with its flag or, if the policy declares bins for the item, with its bin.
  private mutating func readLabEvents() -> String {
    let item = dialect.asText("{itemid}")
    let flag = trimmed("flag")
    let hasNoFlag = isMissing(flag)
    var cases = ""
    for bins in policy.labBins {
      let number = "CAST({valuenum} AS \(dialect.double))"
      let labels = bins.labels.map { dialect.literal(LabCategory.category(item: "\(bins.item)", value: $0)) }
      let edges = bins.edges.map { "CAST(\(dialect.literal($0)) AS \(dialect.double))" }
      cases +=
        "\n    WHEN {itemid} = \(bins.item) THEN CASE\n      WHEN {valuenum} IS NULL "
        + "OR \(dialect.isNotANumber(number)) THEN "
        + dialect.literal(LabCategory.category(item: "\(bins.item)", value: LabCategory.noNumber))
        + zip(edges, labels).map { "\n      WHEN \(number) < \($0) THEN \($1)" }.joined()
        + "\n      ELSE \(labels[labels.count - 1]) END"
    }
    let flagged = "\(item) || ':' || CASE WHEN \(hasNoFlag) THEN '\(LabCategory.unflagged)' ELSE lower(\(flag)) END"
    return read(
      .labEvents,
      [
        ReadColumn("hadm_id"),
        ReadColumn(cases.isEmpty ? flagged : "CASE\(cases)\n    ELSE \(flagged) END", as: "code"),
      ],
      where: "{hadm_id} IS NOT NULL")
  }

  /// Adds the steps that produce `subject_id`, `hadm_id` and `category` for a code attribute.
  ///
  /// - Returns: the last step's name.
  mutating func addCodes(_ attribute: Attribute, of stays: String) -> String {
    let events = readEvents(eventTable(of: attribute) ?? .diagnoses)
    let isOther =
      attribute == .diagnosis
      ? "\nLEFT JOIN \(addMainDiagnosis()) m ON m.hadm_id = e.hadm_id\n"
        + "WHERE (e.seq_num IS NULL OR e.seq_num <> 1) AND (m.code IS NULL OR m.code <> e.code)" : ""
    var codes = add(
      "\(attribute.column)_codes",
      "The distinct codes of each admission\(isOther.isEmpty ? "" : ", without the main diagnosis").",
      "SELECT DISTINCT s.subject_id, s.hadm_id, e.code AS category\nFROM \(stays) s\n"
        + "JOIN \(events) e ON e.hadm_id = s.hadm_id\(isOther)")
    if let noise = policy.protection.noise {
      let listed: String
      if let names = publicList(attribute) {
        listed = "FROM \(codes) x\n  WHERE x.category IN \(dialect.literals(names))"
      } else {
        listed = "FROM \(codes) x\n  JOIN \(addDictionary(attribute)) d ON d.code = x.category"
      }
      let lot = lot("x.category", by: "x.hadm_id", of: "x.hadm_id", dialect.literal(attribute.rawValue), "x.category")
      codes = add(
        "bounded_\(attribute.column)",
        "With noise: public codes only, and no more per admission than the policy allows, chosen at random.",
        "SELECT subject_id, hadm_id, category\nFROM (\n  SELECT x.*, \(lot) AS lot\n  \(listed)\n) AS drawn\n"
          + "WHERE lot <= \(noise.codesPerAdmission)")
    }
    guard policy.protection.rollsUpCodes else { return codes }
    let groups = addGroups(codes, attribute)
    return add(
      "grouped_\(attribute.column)", "Rare codes replaced by their group, each group once per admission.",
      "SELECT DISTINCT x.subject_id, x.hadm_id, g.label AS category\nFROM \(codes) x\n"
        + "JOIN \(groups) g ON g.category = x.category")
  }

  /// Adds the public codes of an attribute, from the source's dictionary.
  mutating func addDictionary(_ attribute: Attribute) -> String {
    let titles = addTitles(attribute.titleGroup ?? "")
    guard attribute == .lab else { return titles }
    let binned = policy.labBins.map { "\($0.item)" }
    let flagged = binned.isEmpty ? "" : "\nWHERE d.code NOT IN \(dialect.literals(binned))"
    var parts = LabCategory.flags.map { "SELECT d.code || ':\($0)' AS code\nFROM \(titles) d\(flagged)" }
    for bins in policy.labBins {
      parts += (bins.labels + [LabCategory.noNumber]).map { label in
        let category = LabCategory.category(item: "\(bins.item)", value: label)
        return "SELECT \(dialect.literal(category)) AS code\nFROM \(titles) d\nWHERE d.code = '\(bins.item)'"
      }
    }
    return add("public_lab", "Every item with every flag or bin.", parts.joined(separator: "\nUNION ALL\n"))
  }

  /// Adds the dictionary of a group of attributes, with the columns `code` and `title`.
  mutating func addTitles(_ group: String) -> String {
    let table = SourceTable.titles(of: group)
    if mapping.tables[table.sqlName]?.isAbsent == true {
      return add(
        "titles_\(group)", "The database does not have this dictionary.",
        "SELECT \(dialect.asText("NULL")) AS code, \(dialect.asText("NULL")) AS title\nWHERE 1 = 0")
    }
    let read =
      table == .labItems
      ? self.read(
        table,
        [
          ReadColumn(dialect.asText("{itemid}"), as: "code"), ReadColumn(words("label"), as: "label"),
          ReadColumn(words("fluid"), as: "fluid"),
        ])
      : self.read(
        table,
        [
          ReadColumn(icdCode, as: "code"), ReadColumn(words("long_title"), as: "label"),
          ReadColumn("''", as: "fluid"),
        ],
        where: "\(trimmedOrNull(icdColumn)) <> '' AND \(trimmedOrNull("long_title")) <> ''")
    return add(
      "titles_\(group)", "The titles of the codes.",
      "SELECT DISTINCT code, CASE WHEN fluid = '' THEN \(known("label")) "
        + "ELSE \(known("label")) || ' (' || \(known("fluid"))"
        + " || ')' END AS title\nFROM \(read)\nWHERE label <> ''")
  }
}
