internal import Shared

/// The cohort's admissions, each with one category for each single-valued attribute.
extension CountQuery {
  /// Adds the steps that produce `subject_id`, `hadm_id` and a column for each attribute.
  ///
  /// - Returns: the last step's name.
  mutating func addStays(_ attributes: [Attribute]) -> String {
    addCohort(attributes)
    var joins = ""
    if attributes.contains(.mainDiagnosis) {
      joins += "\nLEFT JOIN \(addMainDiagnosis()) m ON m.hadm_id = c.hadm_id"
    }
    for attribute in attributes {
      guard let table = attribute.countedTable else { continue }
      let events = readEvents(table)
      let counts = add(
        "number_of_\(table.sqlName)", "The number of different codes of each admission.",
        "SELECT hadm_id, count(DISTINCT code) AS codes\nFROM \(events)\nGROUP BY hadm_id")
      joins += "\nLEFT JOIN \(counts) \(attribute.column)_n ON \(attribute.column)_n.hadm_id = c.hadm_id"
    }
    let columns = attributes.map { "\(category($0)) AS \($0.column)" }
    var stays = add(
      "stay", "The categories of each admission. Bands are set by the program or the policy, never by the data.",
      "SELECT \((["c.subject_id", "c.hadm_id"] + columns).joined(separator: ",\n  "))\nFROM cohort c\(joins)"
        + (policy.protection.noise.map { "\nWHERE c.lot <= \($0.admissionsPerPatient)" } ?? ""))
    if policy.protection.noise != nil { stays = addPublicNames(stays, attributes) }
    if policy.protection.rollsUpCodes, attributes.contains(.mainDiagnosis) { stays = addMainGroups(stays, attributes) }
    return stays
  }

  /// Adds the step with each admission's main diagnosis.
  mutating func addMainDiagnosis() -> String {
    let events = readEvents(.diagnoses)
    return add(
      "main_diagnosis", "The diagnosis ranked first. The first query of the file counts admissions with two of them.",
      "SELECT hadm_id, code\nFROM \(events)\nWHERE seq_num = 1")
  }

  private mutating func addCohort(_ attributes: [Attribute]) {
    let isThird = schema == .mimicIII
    let excluded = policy.cohort.excludedAdmissionTypes
    let texts = attributes.filter { admissionColumn(of: $0, schema) != nil }
    let usesType = !excluded.isEmpty && !texts.contains(.admissionType)
    let needsEnd = attributes.contains(.lengthOfStayBand)
    let patients = read(
      .patients,
      [ReadColumn("subject_id")]
        + (attributes.contains(.gender) ? [ReadColumn(gender, as: "gender")] : [])
        + (isThird
          ? [ReadColumn("CAST({dob} AS date)", as: "dob")] : [ReadColumn("anchor_age"), ReadColumn("anchor_year")]))
    let read = (texts + (usesType ? [.admissionType] : [])).map { ($0, admissionColumn(of: $0, schema) ?? "") }
    let admissions = self.read(
      .admissions,
      [ReadColumn("subject_id"), ReadColumn("hadm_id"), ReadColumn(second("admittime"), as: "admittime")]
        + (needsEnd ? [ReadColumn(second("dischtime"), as: "dischtime")] : [])
        + read.map { ReadColumn($0 == .diedInHospital ? flag($1) : words($1), as: $0.column) })
    let age =
      isThird
      ? "\(field("YEAR", "a.admittime")) - \(field("YEAR", "p.dob"))\n    - CASE WHEN "
        + "\(monthAndDay("a.admittime")) < \(monthAndDay("p.dob")) THEN 1 ELSE 0 END"
      : "p.anchor_age + \(field("YEAR", "a.admittime")) - p.anchor_year"
    add(
      "aged",
      isThird
        ? "Age by calendar fields. MIMIC-III moves births of patients over 89 back 300 years: they get the last band."
        : "Age in the shifted year of the admission: anchor_age is the age in anchor_year.",
      "SELECT a.*,\(attributes.contains(.gender) ? " p.gender," : "")\n  \(age) AS age\nFROM \(admissions) a\n"
        + "JOIN \(patients) p ON p.subject_id = a.subject_id")
    var numbers: [String] = []
    if needsEnd { numbers.append("\(lengthOfStay) AS days") }
    if attributes.contains(.admissionNumberBand) {
      numbers.append("row_number() OVER (PARTITION BY subject_id ORDER BY admittime, hadm_id) AS admission_number")
    }
    if policy.protection.noise != nil { numbers.append("\(lot("hadm_id", by: "subject_id", of: "hadm_id")) AS lot") }
    add(
      "cohort", "The cohort of the policy.",
      "SELECT \((["aged.*"] + numbers).joined(separator: ",\n  "))\nFROM aged\nWHERE age >= \(policy.cohort.minimumAge)"
        + (excluded.isEmpty
          ? ""
          : "\n  AND upper(\(known("admission_type", .admissionType))) NOT IN "
            + dialect.literals(excluded.map(MissingText.capitals))))
  }

  /// The category of an attribute, as an expression over the cohort `c` and the steps joined to it.
  private func category(_ attribute: Attribute) -> String {
    switch attribute {
    case .diedInHospital: "c.\(attribute.column)"
    case .ageBand: band("c.age", policy.ageBands)
    case .lengthOfStayBand:
      "CASE WHEN c.days IS NULL OR c.days < 0 THEN \(dialect.literal(missingCategory)) ELSE "
        + "\(band("c.days", policy.bands(of: attribute) ?? [])) END"
    case .admissionNumberBand: band("c.admission_number", attribute.fixedBands ?? [])
    case .mainDiagnosis: "coalesce(m.code, \(dialect.literal(missingCategory)))"
    case _ where attribute.countedTable != nil:
      band("coalesce(\(attribute.column)_n.codes, 0)", policy.bands(of: attribute) ?? [])
    case .gender: known("c.gender", attribute)
    default: known("c.\(attribute.column)", attribute)
    }
  }

  /// Maps every text that stands for a missing value to one category.
  func known(_ expression: String, _ attribute: Attribute? = nil) -> String {
    "CASE WHEN \(isMissing(expression, attribute)) "
      + "THEN \(dialect.literal(missingCategory)) ELSE \(expression) END"
  }

  /// Whether a text stands for a missing value.
  func isMissing(_ expression: String, _ attribute: Attribute? = nil) -> String {
    let real = attribute.map(policy.realCategories) ?? []
    return "upper(\(expression)) IN \(dialect.literals(MissingText.all.filter { !real.contains($0) }))"
  }

  private var gender: String {
    let text = trimmed("gender")
    return "CASE upper(\(text)) WHEN 'FEMALE' THEN 'F' WHEN 'MALE' THEN 'M' WHEN 'F' THEN 'F' WHEN 'M' THEN 'M' "
      + "ELSE \(text) END"
  }

  private func flag(_ column: String) -> String {
    let text = trimmed(column)
    return "CASE WHEN upper(\(text)) IN ('1', '1.0', 'TRUE', 'T') THEN '1'\n    "
      + "WHEN upper(\(text)) IN ('0', '0.0', 'FALSE', 'F') THEN '0' ELSE \(text) END"
  }

  /// A column of times, without fractions of a second.
  private func second(_ column: String) -> String { "date_trunc('second', CAST({\(column)} AS timestamp))" }

  /// A column as text without surrounding blanks; NULL stays NULL.
  func trimmedOrNull(_ column: String) -> String { "trim(\(dialect.asText("{\(column)}")))" }

  func trimmed(_ column: String) -> String { "coalesce(\(trimmedOrNull(column)), '')" }

  /// A column of words, in Unicode's composed form.
  func words(_ column: String) -> String { dialect.composed(trimmed(column)) }

  private func band(_ number: String, _ bands: [Band]) -> String {
    let cases = bands.compactMap { band in
      band.upper.map { "WHEN \(number) <= \($0) THEN \(dialect.literal(band.label))" }
    }
    let last = "ELSE \(dialect.literal(bands.last?.label ?? missingCategory)) END"
    return "CASE" + (cases + [last]).map { "\n    \($0)" }.joined()
  }

  func field(_ name: String, _ time: String) -> String { "EXTRACT(\(name) FROM \(time))" }

  func monthAndDay(_ time: String) -> String { "\(field("MONTH", time)) * 100 + \(field("DAY", time))" }

  /// The length of stay in completed days of 24 hours.
  private var lengthOfStay: String {
    func second(_ time: String) -> String {
      "\(field("HOUR", time)) * 3600 + \(field("MINUTE", time)) * 60 + \(field("SECOND", time))"
    }
    return "\(dialect.days(from: "admittime", to: "dischtime"))\n    - CASE WHEN \(second("dischtime"))\n"
      + "      < \(second("admittime")) THEN 1 ELSE 0 END"
  }

  /// A record's random rank within its group, the same in every statement of the file.
  func lot(_ record: String, by group: String, of names: String...) -> String {
    let text = ([dialect.literal(salt)] + names.map(dialect.asText)).joined(separator: " || ':' || ")
    return "row_number() OVER (PARTITION BY \(group) ORDER BY \(dialect.hash(text)))"
  }

  /// Adds a step that keeps only public names, since no others may appear in a table with noise.
  private mutating func addPublicNames(_ stays: String, _ attributes: [Attribute]) -> String {
    var joins = ""
    let columns = attributes.map { attribute in
      let column = "s.\(attribute.column)"
      let isListed: String
      if let names = publicList(attribute) {
        isListed = "\(column) IN \(dialect.literals(names + [missingCategory]))"
      } else {
        let dictionary = addDictionary(attribute)
        joins += "\nLEFT JOIN \(dictionary) d ON d.code = \(column)"
        isListed = "d.code IS NOT NULL OR \(column) = \(dialect.literal(missingCategory))"
      }
      return "CASE WHEN \(isListed) THEN \(column) ELSE \(dialect.literal(otherCategory)) END AS \(attribute.column)"
    }
    return add(
      "public_stay", "Noise needs categories that are known without the data. All others are counted as one.",
      "SELECT \((["s.subject_id", "s.hadm_id"] + columns).joined(separator: ",\n  "))\nFROM \(stays) s\(joins)")
  }

  /// The public categories of an attribute that the policy or the program lists; nil if they come from a dictionary.
  func publicList(_ attribute: Attribute) -> [String]? {
    if let known = policy.publicCategories(of: attribute) { return known }
    guard case .listed(let names)? = policy.protection.noise?.categories[attribute] else { return nil }
    return names
  }

  private mutating func addMainGroups(_ stays: String, _ attributes: [Attribute]) -> String {
    let codes = add(
      "main_diagnosis_codes", "Main diagnoses, to be rolled up.",
      "SELECT subject_id, hadm_id, main_diagnosis AS category\nFROM \(stays)\n"
        + "WHERE main_diagnosis <> \(dialect.literal(missingCategory))")
    let groups = addGroups(codes, .mainDiagnosis)
    let columns = attributes.map { attribute in
      attribute == .mainDiagnosis ? "coalesce(g.label, s.main_diagnosis) AS main_diagnosis" : "s.\(attribute.column)"
    }
    return add(
      "grouped_stay", "Rare main diagnoses replaced by their group.",
      "SELECT \((["s.subject_id", "s.hadm_id"] + columns).joined(separator: ", "))\nFROM \(stays) s\n"
        + "LEFT JOIN \(groups) g ON g.category = s.main_diagnosis")
  }
}

extension Attribute {
  /// The table whose distinct codes the attribute counts.
  fileprivate var countedTable: SourceTable? {
    switch self {
    case .diagnosisCountBand: .diagnoses
    case .procedureCountBand: .procedures
    case .drugCountBand: .prescriptions
    default: nil
    }
  }
}
