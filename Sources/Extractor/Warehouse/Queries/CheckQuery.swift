internal import Shared

/// Inconsistencies in the source. The reader of CSV files refuses them; a database engine counts them.
enum SourceProblem: String, CaseIterable, Sendable {
  case patientTwice = "patient-twice"
  case admissionTwice = "admission-twice"
  case admissionWithoutPatient = "admission-without-patient"
  case admissionWithoutTime = "admission-without-time"
  case admissionBeforeBirth = "admission-before-birth"
  case eventWithoutAdmission = "event-without-admission"
  case eventOfAnotherPatient = "event-of-another-patient"
  case twoMainDiagnoses = "two-main-diagnoses"
  case rankZero = "rank-zero"
  case icdVersion = "icd-version"

  /// Describes the problem for an error message; `count` is the number of times that it was found.
  func text(_ count: Int) -> String {
    let problem =
      switch self {
      case .patientTwice: "values of subject_id in more than one row of the patients table, or empty there"
      case .admissionTwice: "values of hadm_id in more than one row of the admissions table, or empty there"
      case .admissionWithoutPatient: "admissions whose patient is not in the patients table"
      case .admissionWithoutTime: "admissions without an admittime, or whose patient has no date of birth or anchor"
      case .admissionBeforeBirth: "admissions dated before their patient's birth"
      case .eventWithoutAdmission: "event rows whose admission is not in the admissions table"
      case .eventOfAnotherPatient: "event rows that do not name the patient of their admission"
      case .twoMainDiagnoses: "admissions with more than one diagnosis whose seq_num is 1"
      case .rankZero: "diagnosis rows whose seq_num is less than 1"
      case .icdVersion: "rows whose icd_version is neither 9 nor 10"
      }
    return "\(problem): \(count)"
  }

  /// The problems that can occur in the tables that a policy needs.
  static func asked(by policy: Policy, _ schema: SourceSchema) -> [SourceProblem] {
    let tables = policy.eventTables(schema)
    return allCases.filter { problem in
      switch problem {
      case .patientTwice, .admissionTwice, .admissionWithoutPatient, .admissionWithoutTime, .admissionBeforeBirth: true
      case .eventWithoutAdmission, .eventOfAnotherPatient: !tables.isEmpty
      case .twoMainDiagnoses, .rankZero: tables.contains(.diagnoses)
      case .icdVersion: tables.contains { $0.isVersioned(schema) }
      }
    }
  }
}

extension Policy {
  /// The tables of events that the policy's attributes are read from.
  fileprivate func eventTables(_ schema: SourceSchema) -> [SourceTable] {
    let wanted = Set(release.flatMap(\.attributes).filter(schema.holds).compactMap(eventTable))
    return SourceTable.allCases.filter(wanted.contains)
  }
}

extension SourceTable {
  /// Whether each code has an ICD version, without which it has no meaning.
  fileprivate func isVersioned(_ schema: SourceSchema) -> Bool { columns(schema).contains("icd_version") }
}

extension CountQuery {
  /// Counts the rows with each problem in the tables that the policy needs.
  mutating func checks() -> String {
    let tables = policy.eventTables(schema)
    readForChecks(tables)
    let parts = SourceProblem.asked(by: policy, schema).map { problem in
      "SELECT \(dialect.literal(problem.rawValue)) AS problem, \(query(problem, tables))"
    }
    add(
      "checks", "The number of inconsistent rows, by problem. extract continues only if all these counts are 0.",
      parts.joined(separator: "\nUNION ALL\n"))
    return text(
      .checks, [Column(name: "problem", type: dialect.text), Column(name: "found", type: "bigint")], heading: nil,
      rows: "checks")
  }

  private mutating func readForChecks(_ tables: [SourceTable]) {
    _ = read(.patients, [ReadColumn("subject_id"), ReadColumn(birth, as: "birth")])
    _ = read(
      .admissions,
      [ReadColumn("subject_id"), ReadColumn("hadm_id"), ReadColumn("CAST({admittime} AS timestamp)", as: "admittime")])
    for table in tables {
      var columns = [ReadColumn("subject_id"), ReadColumn("hadm_id")]
      if table.isVersioned(schema) { columns.append(ReadColumn("icd_version")) }
      if table == .diagnoses {
        columns.append(ReadColumn("CASE WHEN \(trimmedOrNull(icdColumn)) <> '' THEN {seq_num} END", as: "seq_num"))
      }
      _ = read(table, columns, where: table == .labEvents ? "{hadm_id} IS NOT NULL" : nil)
    }
  }

  /// The date of birth as the number YYYYMMDD. MIMIC-IV gives only the year, so month and day are 0 there.
  private var birth: String {
    schema == .mimicIII ? number("{dob}") : "({anchor_year} - {anchor_age}) * 10000"
  }

  private func number(_ date: String) -> String {
    "\(field("YEAR", date)) * 10000 + \(monthAndDay(date))"
  }

  private func query(_ problem: SourceProblem, _ tables: [SourceTable]) -> String {
    let stays = "FROM read_admissions a JOIN read_patients p ON p.subject_id = a.subject_id"
    switch problem {
    case .patientTwice: return groups("read_patients", "subject_id")
    case .admissionTwice: return groups("read_admissions", "hadm_id")
    case .admissionWithoutPatient:
      return "count(*) AS found\nFROM read_admissions a LEFT JOIN read_patients p ON p.subject_id = a.subject_id\n"
        + "WHERE p.subject_id IS NULL"
    case .admissionWithoutTime: return "count(*) AS found\n\(stays)\nWHERE a.admittime IS NULL OR p.birth IS NULL"
    case .admissionBeforeBirth:
      return "count(*) AS found\n\(stays)\nWHERE \(number("a.admittime")) < p.birth"
    case .eventWithoutAdmission: return events(tables, "a.hadm_id IS NULL")
    case .eventOfAnotherPatient:
      return events(tables, "a.subject_id <> e.subject_id OR a.hadm_id IS NOT NULL AND e.subject_id IS NULL")
    case .twoMainDiagnoses:
      return groups("read_diagnoses_icd WHERE seq_num = 1", "hadm_id")
    case .rankZero: return "count(*) AS found\nFROM read_diagnoses_icd WHERE seq_num < 1"
    case .icdVersion:
      return events(tables.filter { $0.isVersioned(schema) }, "e.icd_version IS NULL OR e.icd_version NOT IN (9, 10)")
    }
  }

  private func groups(_ step: String, _ key: String) -> String {
    "count(*) AS found\nFROM (SELECT \(key) FROM \(step) GROUP BY \(key) "
      + "HAVING count(*) > 1 OR \(key) IS NULL) AS several"
  }

  /// Counts the rows that meet a condition, in all the given event tables together.
  private func events(_ tables: [SourceTable], _ condition: String) -> String {
    let counts = tables.map {
      """

        (SELECT count(*) FROM read_\($0.sqlName) e LEFT JOIN read_admissions a ON a.hadm_id = e.hadm_id
         WHERE \(condition))
      """
    }
    return counts.joined(separator: " +") + " AS found"
  }
}
