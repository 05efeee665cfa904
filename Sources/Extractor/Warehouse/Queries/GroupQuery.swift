internal import Shared

/// Rolls up codes as `rollUpCodes` does: a code that is not counted by itself is counted under its ICD category, under
/// its chapter if the category is rare too, and finally under `other`. If too few patients have another main
/// diagnosis, `other` takes in the rarest group. The categories of earlier releases are kept.
extension CountQuery {
  /// Adds the steps that give each `category` of the step `codes` its `label`.
  mutating func addGroups(_ codes: String, _ attribute: Attribute) -> String {
    if let known = kept[attribute] { return addKeptGroups(codes, attribute, known) }
    let minimum = policy.protection.minimumPatients
    let name = attribute.column
    let isFrequent = "patients >= \(minimum)"
    let isKept =
      largestTop(attribute, policy).map { top in
        "\(isFrequent) AND row_number() OVER (ORDER BY CASE WHEN \(isFrequent) THEN 0 ELSE 1 END, admissions DESC, "
          + "\(dialect.byBytes("category"))) <= \(top)"
      } ?? isFrequent
    add(
      "\(name)_frequency", "The number of admissions and patients with each code.",
      "SELECT category, count(*) AS admissions, count(DISTINCT subject_id) AS patients\n"
        + "FROM \(codes)\nGROUP BY category"
    )
    add(
      "\(name)_names", "Each code, or its group if the code is rare, and the next wider group.",
      "SELECT category, wider,\n  CASE WHEN \(isKept) THEN category ELSE narrow END AS label\nFROM (\n"
        + "  SELECT f.*, \(group(attribute, 0)) AS narrow,\n    \(group(attribute, 1)) AS wider\n"
        + "  FROM \(name)_frequency f\n"
        + ") AS named")
    var last = "\(name)_names"
    for round in 1..<attribute.groupLevels {
      let people = add(
        "\(name)_people_\(round)", "The number of patients under each of these labels.",
        "SELECT n.label, count(DISTINCT x.subject_id) AS patients\nFROM \(codes) x\n"
          + "JOIN \(last) n ON n.category = x.category\nGROUP BY n.label")
      last = add(
        "\(name)_wider_\(round)", "A label with fewer than \(minimum) patients is replaced by the wider group.",
        "SELECT n.category, \(dialect.literal(otherCategory)) AS wider,\n"
          + "  CASE WHEN p.\(isFrequent) THEN n.label ELSE n.wider END AS label\n"
          + "FROM \(last) n\nJOIN \(people) p ON p.label = n.label")
    }
    return attribute.isMultiValued ? last : addTaken(codes, last, attribute)
  }

  /// Adds the steps by which `other`, if it is rare, takes in the rarest group that no wider one is counted beside.
  private mutating func addTaken(_ codes: String, _ labels: String, _ attribute: Attribute) -> String {
    let (name, other) = (attribute.column, dialect.literal(otherCategory))
    let sizes = add(
      "\(name)_sizes", "The number of patients under each label.",
      "SELECT n.label, count(DISTINCT x.subject_id) AS patients\nFROM \(codes) x\n"
        + "JOIN \(labels) n ON n.category = x.category\nGROUP BY n.label")
    add(
      "\(name)_ranks", "Each label but the last resort, with its wider groups.",
      "SELECT c.category AS label, c.patients, \(group(attribute, 0)) AS narrow,\n    \(group(attribute, 1)) AS wider\n"
        + "FROM (SELECT label AS category, patients FROM \(sizes) WHERE label <> \(other)) AS c")
    func beside(_ alias: String, _ column: String) -> String {
      "LEFT JOIN \(sizes) \(alias) ON \(alias).label = r.\(column) AND \(alias).label <> r.label "
        + "AND \(alias).label <> \(other)"
    }
    let rank = "CASE WHEN r.label LIKE '%*' THEN 0 ELSE 1 END, "
    add(
      "\(name)_taken", "The rarest group that no wider one is counted beside, if the last resort is rare.",
      "SELECT t.label\nFROM (\n  SELECT r.label, row_number() OVER (ORDER BY \(rank)r.patients, "
        + "\(dialect.byBytes("r.label"))) AS place\n  FROM \(name)_ranks r\n  \(beside("n", "narrow"))\n"
        + "  \(beside("w", "wider"))\n  WHERE n.label IS NULL AND w.label IS NULL\n) AS t\n"
        + "JOIN \(sizes) o ON o.label = \(other) AND o.patients < \(policy.protection.minimumPatients)\n"
        + "WHERE t.place = 1")
    return add(
      "\(name)_labels", "The category under which each code is counted.",
      "SELECT n.category, CASE WHEN t.label IS NULL THEN n.label ELSE \(other) END AS label\nFROM \(labels) n\n"
        + "LEFT JOIN \(name)_taken t ON t.label = n.label")
  }

  /// Adds the steps that give each code the category under which earlier releases count it.
  private mutating func addKeptGroups(_ codes: String, _ attribute: Attribute, _ known: [String]) -> String {
    let name = attribute.column
    let values = known.map { "(\(dialect.literal($0)))" }.joined(separator: ", ")
    add(
      "\(name)_earlier", "The categories under which earlier releases of the ledger count codes.",
      "SELECT label FROM (VALUES \(values)) AS kept (label)")
    return add(
      "\(name)_names", "Each code, or the group under which earlier releases count it.",
      "SELECT g.category, coalesce(own.label, near.label, far.label, \(dialect.literal(otherCategory))) AS label\n"
        + "FROM (\n  SELECT c.category, \(group(attribute, 0)) AS narrow,\n    \(group(attribute, 1)) AS wider\n"
        + "  FROM (SELECT DISTINCT category FROM \(codes)) c\n) AS g\n"
        + "LEFT JOIN \(name)_earlier own ON own.label = g.category\n"
        + "LEFT JOIN \(name)_earlier near ON near.label = g.narrow\n"
        + "LEFT JOIN \(name)_earlier far ON far.label = g.wider")
  }

  /// SQL for the group of `category` at a level, where 0 is the narrowest; `other` if there is no group at that level.
  private func group(_ attribute: Attribute, _ level: Int) -> String {
    if attribute == .drug, level == 0 { return drugClass("category") }
    if attribute == .lab, level == 0 { return "split_part(category, ':', 1) || ':*'" }
    let isCode = attribute == .mainDiagnosis || attribute == .diagnosis
    guard isCode || attribute == .procedure else {
      return attribute == .cpt && level == 0 ? cptSection("category") : dialect.literal(otherCategory)
    }
    guard schema == .mimicIV else { return icdGroup(attribute, 9, "category", prefix: "", level) }
    return
      "CASE WHEN category LIKE '10:%' THEN \(icdGroup(attribute, 10, "substr(category, 4)", prefix: "10:", level)) "
      + "ELSE \(icdGroup(attribute, 9, "substr(category, 3)", prefix: "9:", level)) END"
  }

  private func icdGroup(_ attribute: Attribute, _ version: Int, _ code: String, prefix: String, _ level: Int) -> String
  {
    func start(_ length: Int) -> String { "'\(prefix)' || substr(\(code), 1, \(length)) || '*'" }
    switch (attribute == .procedure, version, level) {
    case (true, 10, _): return start(level == 0 ? 3 : 1)
    case (true, _, 0): return start(2)
    case (true, _, _): return "CASE \(range(code, icd9ProcedureChapters, prefix)) END"
    case (false, 10, 0): return start(3)
    case (false, 10, _): return "CASE \(range(code, icd10DiagnosisChapters, prefix)) END"
    case (false, _, 0): return "CASE WHEN \(code) LIKE 'E%' THEN \(start(4)) ELSE \(start(3)) END"
    default:
      return "CASE WHEN \(code) LIKE 'E%' THEN '\(prefix)E000-E999*' WHEN \(code) LIKE 'V%' THEN '\(prefix)V01-V91*' "
        + "\(range(code, icd9DiagnosisChapters, prefix)) END"
    }
  }

  /// SQL for the first class that lists a part of the drug's name.
  private func drugClass(_ name: String) -> String {
    let folded = "translate(\(name), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
    let cases = DrugClasses.all.map { name, parts in
      let condition = dialect.matches(folded, parts.joined(separator: "|"))
      return "\n    WHEN \(condition) THEN \(dialect.literal(DrugClasses.group(name)))"
    }
    return "CASE \(cases.joined())\n    ELSE '\(otherCategory)' END"
  }

  private func cptSection(_ code: String) -> String {
    let letters = "translate(\(code), '0123456789', '') <> ''"
    return "CASE WHEN \(code) LIKE '%F' THEN '0001F-9007F*' WHEN \(letters) THEN '\(otherCategory)' "
      + "\(range(code, cptSections, "")) END"
  }

  /// SQL for the last of the ranges that begin at or before the code.
  private func range(_ code: String, _ ranges: [String], _ prefix: String) -> String {
    let cases = ranges.dropFirst().reversed().map { range in
      "WHEN \(dialect.byBytes(code)) >= '\(range.prefix { $0 != "-" })' THEN '\(prefix)\(range)*'"
    }
    return (cases + ["ELSE '\(prefix)\(ranges[0])*'"]).map { "\n    \($0)" }.joined()
  }
}

extension Attribute {
  /// The number of levels of groups, including `other`, under which a code can fall.
  fileprivate var groupLevels: Int {
    switch self {
    case .cpt, .drug, .lab: 2
    default: 3
    }
  }
}
