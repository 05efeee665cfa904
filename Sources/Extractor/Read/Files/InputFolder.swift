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
}

/// A hospital's folder of exported tables: its files and their schema.
struct InputFolder: Sendable {
  let schema: SourceSchema
  private let folder: String
  private let names: [String]
  private let progress: Progress
  /// How many threads read one table.
  let threads: Int
  /// A size in bytes. If each thread's share of a plain table would be smaller, one thread reads the whole table.
  let smallestShare: Int
  /// The names of plain files, NAME.csv, that also exist as NAME.csv.gz; the plain file is read.
  let doubled: [String]

  /// - Throws: status 66 if the folder or its patients table is missing; 65 if the schema can't be determined.
  init(
    _ path: String, threads: Int, smallestShare: Int = 4 << 20, _ progress: @escaping Progress = { _ in }
  ) throws(CloisterError) {
    self.progress = progress
    self.threads = threads
    self.smallestShare = smallestShare
    let shown = harmless(path)
    guard FileStatus(of: path)?.isFolder == true else {
      throw CloisterError(
        .inputMissing, "\(shown): no such folder", hint: "set --input to the folder with the CSV files")
    }
    let inner = "\(path)/hosp"
    folder = FileStatus(of: inner)?.isFolder == true ? inner : path
    let names = try listFolder(folder, name: shown)
    self.names = names
    let tables = Set(SourceTable.allCases.map { $0.rawValue.lowercased() + ".csv" })
    doubled = names.filter { tables.contains($0.lowercased()) && Self.has($0 + ".gz", in: names) }
    guard let patients = try Self.find(.patients, in: names) else {
      throw CloisterError(
        .inputMissing, "\(shown): no PATIENTS.csv or PATIENTS.csv.gz",
        hint: "set --input to MIMIC-III's table folder or the MIMIC-IV folder that holds hosp/; letter case is ignored"
      )
    }
    let header = try openTable(patients, in: folder, progress).header
    switch (header.contains("dob"), header.contains("anchor_age")) {
    case (true, false): schema = .mimicIII
    case (false, true): schema = .mimicIV
    default:
      throw CloisterError(
        .inputRefused, "\(patients) line 1: needs exactly one of the columns dob (MIMIC-III) and anchor_age (MIMIC-IV)",
        hint: "export the table with its original column names")
    }
  }

  func has(_ table: SourceTable) throws(CloisterError) -> Bool { try Self.find(table, in: names) != nil }

  /// Opens a table at its first row.
  func open(_ table: SourceTable) throws(CloisterError) -> CSVReader {
    guard let name = try Self.find(table, in: names) else {
      let wanted = schema == .mimicIII ? table.rawValue : table.rawValue.lowercased()
      throw CloisterError(
        .inputMissing, "no \(wanted).csv or \(wanted).csv.gz in the input folder",
        hint: "add the file, or remove the tables that need it from the policy")
    }
    return try openTable(name, in: folder, progress)
  }

  /// The first offset after `offset` at which a line of a plain table begins; the end of the file if there is none.
  func lineStart(_ table: SourceTable, behind offset: Int) throws(CloisterError) -> Int {
    guard let name = try Self.find(table, in: names) else { return offset }
    let source = try FileSource("\(folder)/\(name)", name: name, offset: offset)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var place = offset
    while case let count = try source.read(into: &buffer, from: 0, to: buffer.count), count > 0 {
      if let end = buffer[..<count].firstIndex(of: UInt8(ascii: "\n")) { return place + end + 1 }
      place += count
    }
    return place
  }

  /// The size in bytes of a plain table, which can be read from any offset; nil if it is compressed or missing.
  func plainSize(_ table: SourceTable) throws(CloisterError) -> Int? {
    guard let name = try Self.find(table, in: names), !isCompressed(name) else { return nil }
    return FileStatus(of: "\(folder)/\(name)")?.size
  }

  /// Finds the file of a table; a plain file is preferred to a compressed one.
  private static func find(_ table: SourceTable, in names: [String]) throws(CloisterError) -> String? {
    for ending in [".csv", ".csv.gz"] {
      let wanted = (table.rawValue + ending).lowercased()
      let found = names.filter { $0.lowercased() == wanted }
      guard found.count <= 1 else {
        throw CloisterError(
          .inputRefused, "\(found.joined(separator: " and ")): the same table twice, in different letter case",
          hint: "keep only one of these files in the folder")
      }
      if let name = found.first { return name }
    }
    return nil
  }

  private static func has(_ name: String, in names: [String]) -> Bool {
    names.contains { $0.lowercased() == name.lowercased() }
  }
}

/// Opens a plain or compressed CSV file of a folder at its first row.
func openTable(_ name: String, in folder: String, _ progress: @escaping Progress) throws(CloisterError) -> CSVReader {
  let path = "\(folder)/\(name)"
  let progress = ReadProgress(file: name, size: FileStatus(of: path)?.size ?? 0, progress)
  guard !isCompressed(name) else {
    return try CSVReader(file: name, didRead: progress.addRows) { _ throws(CloisterError) in
      PrefetchedSource { () throws(CloisterError) in try GzipSource(path, name: name, progress: progress) }
    }
  }
  return try CSVReader(file: name, didRead: progress.addRows) { offset throws(CloisterError) in
    try FileSource(path, name: name, offset: offset, progress: progress)
  }
}

private func isCompressed(_ name: String) -> Bool { name.lowercased().hasSuffix(".gz") }
