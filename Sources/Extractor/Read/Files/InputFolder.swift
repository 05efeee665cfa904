internal import Shared

/// A table of the source that the extractor can read.
enum SourceTable: String, CaseIterable, Sendable {
  case patients = "PATIENTS"
  case admissions = "ADMISSIONS"
  case diagnoses = "DIAGNOSES_ICD"
  case procedures = "PROCEDURES_ICD"
  case cptEvents = "CPTEVENTS"
  case prescriptions = "PRESCRIPTIONS"
  case labEvents = "LABEVENTS"
  case diagnosisTitles = "D_ICD_DIAGNOSES"
  case procedureTitles = "D_ICD_PROCEDURES"
  case labItems = "D_LABITEMS"

  /// The dictionary with the titles for a group of attributes.
  static func titles(of group: String) -> SourceTable {
    switch group {
    case "procedure": .procedureTitles
    case "lab": .labItems
    default: .diagnosisTitles
    }
  }
}

/// A hospital's folder of exported tables: its files and their schema.
struct InputFolder: Sendable {
  let schema: SourceSchema
  private let folder: String
  private let names: [String]
  private let progress: Progress
  private let separator: CSVSeparator
  /// How many threads read one table.
  let threads: Int
  /// A size in bytes. If each thread's share of a plain table would be smaller, one thread reads the whole table.
  let smallestShare: Int
  /// The names of plain files, NAME.csv, that also exist compressed; the plain file is read.
  let doubled: [String]

  /// - Throws: status 66 if the folder or its patients table is missing; 65 if the schema can't be determined.
  init(
    _ path: String, separator: CSVSeparator = .comma, threads: Int, smallestShare: Int = 4 << 20,
    _ progress: @escaping Progress = { _ in }
  ) throws(CloisterError) {
    (self.progress, self.threads, self.smallestShare) = (progress, threads, smallestShare)
    self.separator = separator
    let shown = harmless(path)
    guard FileStatus(of: path)?.isFolder == true else {
      throw CloisterError(
        .inputMissing, "\(shown): no such folder", hint: "set --input to the folder with the CSV files")
    }
    let outer = try listFolder(path, name: shown)
    func inner(_ name: String) -> [String] {
      outer.filter { $0.lowercased() == name && FileStatus(of: "\(path)/\($0)")?.isFolder == true }
    }
    guard inner("hosp").count <= 1 else {
      throw CloisterError(
        .inputRefused, "\(inner("hosp").joined(separator: " and ")): the same folder twice",
        hint: "keep only one of them")
    }
    folder = inner("hosp").first.map { "\(path)/\($0)" } ?? path
    let names = try listFolder(folder, name: shown)
    self.names = names
    let lowered = Set(names.map { $0.lowercased() })
    let tables = Set(SourceTable.allCases.map { $0.rawValue.lowercased() })
    doubled = names.filter { name in
      let table = String(name.lowercased().prefix { $0 != "." })
      return tables.contains(table) && name.lowercased() == table + csvEndings[0]
        && csvEndings.dropFirst().contains { lowered.contains(table + $0) }
    }
    guard let patients = try TableFiles(.patients, among: names, in: folder, separator: separator, progress) else {
      throw inner("core").isEmpty
        ? CloisterError(
          .inputMissing, "\(shown): no PATIENTS.csv or PATIENTS.csv.gz",
          hint:
            "set --input to MIMIC-III's table folder or the MIMIC-IV folder that holds hosp/; letter case is ignored")
        : CloisterError(
          .inputRefused, "\(shown): has a folder core/, as MIMIC-IV 1.0 and older have",
          hint: "use MIMIC-IV 2.0 or later, which has the patients and admissions in hosp/")
    }
    schema = try Self.schema(of: patients)
  }

  private static func schema(of patients: TableFiles) throws(CloisterError) -> SourceSchema {
    let header = try patients.open(0).header
    switch (header.contains("dob"), header.contains("anchor_age")) {
    case (true, false): return .mimicIII
    case (false, true): return .mimicIV
    default:
      throw CloisterError(
        .inputRefused,
        "\(patients.first) line 1: needs exactly one of the columns dob (MIMIC-III) and anchor_age (MIMIC-IV)",
        hint: "export the table with its original column names")
    }
  }

  func has(_ table: SourceTable) throws(CloisterError) -> Bool { try find(table) != nil }

  /// The files of a table.
  ///
  /// - Throws: status 66 if the folder does not have the table.
  func files(of table: SourceTable) throws(CloisterError) -> TableFiles {
    guard let files = try find(table) else {
      let wanted = schema == .mimicIII ? table.rawValue : table.rawValue.lowercased()
      throw CloisterError(
        .inputMissing, "\(harmless(folder)): no \(wanted).csv, .csv.gz or .csv.zst in this folder",
        hint: table == .admissions || table == .patients
          ? "add the file; without it, nothing can be counted"
          : "add the file, or remove the tables that need it from the policy")
    }
    return files
  }

  private func find(_ table: SourceTable) throws(CloisterError) -> TableFiles? {
    try TableFiles(table, among: names, in: folder, separator: separator, progress)
  }

  /// The first offset after `offset` at which a line of a plain table begins; the end of the file if there is none.
  func lineStart(_ files: TableFiles, behind offset: Int) throws(CloisterError) -> Int {
    let source = try FileSource("\(folder)/\(files.first)", name: files.first, offset: offset)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var place = offset
    while case let count = try source.read(into: &buffer, from: 0, to: buffer.count), count > 0 {
      if let end = buffer[..<count].firstIndex(of: UInt8(ascii: "\n")) { return place + end + 1 }
      place += count
    }
    return place
  }
}
