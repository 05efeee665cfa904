internal import Shared

/// One output table: the source's own file name and header, and the rows that one stay adds.
struct OutputTable: Sendable {
  let path: String
  let header: [String]
  /// Whether the first column numbers the rows, as in all tables of MIMIC-III and labevents of MIMIC-IV.
  let isNumbered: Bool
  /// The stay's rows, without their numbers.
  let rows: @Sendable (Stay) -> [[String]]
  /// The attribute that the table needs; nil for tables that are always written.
  let attribute: Attribute?

  init(
    _ path: String, _ header: String, for attribute: Attribute? = nil, isNumbered: Bool? = nil,
    rows: @escaping @Sendable (Stay) -> [[String]]
  ) {
    self.path = path
    self.header = header.split(separator: " ").map(String.init)
    self.isNumbered = isNumbered ?? (self.header[0] == "ROW_ID")
    self.attribute = attribute
    self.rows = rows
  }
}

/// The tables of a schema, with the source's file names, headers and formats, so tools made for MIMIC can read them.
func outputTables(_ schema: SourceSchema) -> [OutputTable] {
  schema == .mimicIII ? mimicIIITables : mimicIVTables
}

/// The rows that some stays add to one table, as bytes.
struct TableChunk: Sendable {
  fileprivate(set) var bytes: [UInt8] = []
  /// Where each row ends in `bytes`.
  fileprivate var ends: [Int] = []
}

/// The run's tables, in the order in which each stay's rows are made. Tables whose attribute is not in the bundle are
/// left out.
struct RunTables: Sendable {
  private let tables: [OutputTable]
  private let schema: SourceSchema
  private let titles: CodeTitles

  init(_ statistics: Statistics, _ sampler: Sampler) {
    schema = statistics.schema
    titles = statistics.titles
    tables = outputTables(schema).filter { $0.attribute.map(sampler.knows) ?? true }
  }

  /// The stays' rows, one chunk per table. Many tasks can make chunks in parallel.
  fileprivate func chunks(_ stays: ArraySlice<Stay>) -> [TableChunk] {
    tables.map { table in
      var chunk = TableChunk()
      for stay in stays {
        for row in table.rows(stay) {
          CSVLine.append(row, to: &chunk.bytes)
          chunk.ends.append(chunk.bytes.count)
        }
      }
      return chunk
    }
  }

  fileprivate func isNumbered(_ table: Int) -> Bool { tables[table].isNumbered }

  /// Creates the tables' files under `tables/`, each with its header.
  fileprivate func begin(in folder: borrowing OutputFolder) throws(CloisterError) -> [TableFile] {
    var files: [TableFile] = []
    for table in tables {
      let file = TableFile(table.path, try folder.begin("tables/\(table.path)"))
      try file.append(line(table.header))
      files.append(file)
    }
    return files
  }

  /// Writes the dictionaries of codes.
  ///
  /// - Parameters:
  ///   - used: the codes of diagnoses and procedures in the tables.
  ///   - book: knows the titles of codes that the bundle doesn't name.
  fileprivate func writeDictionaries(
    in folder: borrowing OutputFolder, _ used: [Attribute: Set<String>], _ book: CodeBook
  ) throws(CloisterError) {
    var titles = titles
    for (attribute, codes) in used {
      guard let group = attribute.titleGroup else { continue }
      for code in codes where titles[group, code] == nil { titles[group, code] = book.title(of: code, attribute) }
    }
    let groups = titles.sorted
    for dictionary in dictionaries(schema) {
      let titles = groups.first { $0.group == dictionary.group }?.titles ?? []
      if titles.isEmpty, !dictionary.isAlwaysThere { continue }
      var bytes = line(dictionary.header)
      for (number, entry) in titles.enumerated() {
        let row = dictionary.row(entry.code, entry.title)
        bytes += line(hasRowIDs ? ["\(number + 1)"] + row : row)
      }
      try folder.write(bytes, to: "tables/\(dictionary.path)")
    }
  }

  fileprivate var hasRowIDs: Bool { schema == .mimicIII }

  private func line(_ fields: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    CSVLine.append(fields, to: &bytes)
    return bytes
  }
}

/// Writes the rows of stays into the run folder as they arrive, in the order of the stays.
final class TableWriter {
  private let tables: RunTables
  private let files: [TableFile]
  private var rowCounts: [Int]
  private var used: [Attribute: Set<String>] = [:]

  /// - Throws: status 73 if a file can't be written.
  init(_ tables: RunTables, in folder: borrowing OutputFolder) throws(CloisterError) {
    self.tables = tables
    files = try tables.begin(in: folder)
    rowCounts = files.map { _ in 0 }
  }

  /// Adds the stays' rows. The rows are made in parallel but written in order.
  func add(_ stays: [Stay]) async throws {
    for draft in stays.lazy.map(\.draft) {
      if let main = draft.categories[.mainDiagnosis] { used[.mainDiagnosis, default: []].insert(main) }
      for attribute in [Attribute.diagnosis, .procedure] {
        used[attribute, default: []].formUnion(draft.codes[attribute] ?? [])
      }
    }
    let share = max(1, (stays.count + 7) / 8)
    let parts = stride(from: 0, to: stays.count, by: share).map { stays[$0..<min($0 + share, stays.count)] }
    let chunks = await withTaskGroup(of: (Int, [TableChunk]).self) { [tables] group in
      for (number, part) in parts.enumerated() {
        group.addTask { (number, tables.chunks(part)) }
      }
      var chunks = [[TableChunk]](repeating: [], count: parts.count)
      for await (number, made) in group { chunks[number] = made }
      return chunks
    }
    for part in chunks { for (table, chunk) in part.enumerated() { try write(chunk, table) } }
  }

  /// Closes the files and adds the dictionaries of codes.
  ///
  /// - Parameter book: knows the titles of codes that the bundle doesn't name.
  /// - Returns: the SHA-256 of each table's file, by its path; dictionaries are left out.
  func finish(in folder: borrowing OutputFolder, _ book: CodeBook) throws(CloisterError) -> [String: String] {
    var digests: [String: String] = [:]
    for file in files { digests[file.path] = try file.close() }
    try tables.writeDictionaries(in: folder, used, book)
    return digests
  }

  private func write(_ chunk: TableChunk, _ table: Int) throws(CloisterError) {
    guard tables.isNumbered(table) else { return try files[table].append(chunk.bytes) }
    var bytes: [UInt8] = []
    var start = 0
    for end in chunk.ends {
      rowCounts[table] += 1
      bytes += "\(rowCounts[table]),".utf8
      bytes += chunk.bytes[start..<end]
      start = end
    }
    try files[table].append(bytes)
  }
}

/// A table's file as it is written, with its digest.
private final class TableFile {
  let path: String
  private let file: NewFile
  private let digest = RunningDigest()

  init(_ path: String, _ file: NewFile) { (self.path, self.file) = (path, file) }

  func append(_ bytes: [UInt8]) throws(CloisterError) {
    digest.add(bytes)
    try file.append(bytes)
  }

  /// - Returns: the digest.
  func close() throws(CloisterError) -> String {
    try file.close()
    return digest.hexadecimal()
  }
}

/// A dictionary of codes, filled from the bundle's titles.
private struct CodeDictionary {
  let path: String
  let header: [String]
  let group: String
  /// Whether the dictionary is written even if the bundle has no titles for it.
  var isAlwaysThere = true
  let row: (_ code: String, _ title: String) -> [String]
}

private func dictionaries(_ schema: SourceSchema) -> [CodeDictionary] {
  let groups = [(name: "DIAGNOSES", group: "diagnosis"), (name: "PROCEDURES", group: "procedure")]
  switch schema {
  case .mimicIII:
    return groups.map { name, group in
      CodeDictionary(
        path: "D_ICD_\(name).csv", header: ["ROW_ID", "ICD9_CODE", "SHORT_TITLE", "LONG_TITLE"], group: group
      ) { [$0, String($1.prefix(24)), $1] }
    } + [
      CodeDictionary(
        path: "D_LABITEMS.csv", header: ["ROW_ID", "ITEMID", "LABEL", "FLUID", "CATEGORY", "LOINC_CODE"], group: "lab",
        isAlwaysThere: false
      ) { [$0] + labelAndFluid($1) + ["", ""] }
    ]
  case .mimicIV:
    return groups.map { name, group in
      CodeDictionary(
        path: "hosp/d_icd_\(name.lowercased()).csv", header: ["icd_code", "icd_version", "long_title"], group: group
      ) { category, title in
        let (version, code) = VersionedCode.parts(category)
        return [code, "\(version)", title]
      }
    } + [
      CodeDictionary(
        path: "hosp/d_labitems.csv", header: ["itemid", "label", "fluid", "category"], group: "lab",
        isAlwaysThere: false
      ) { [$0] + labelAndFluid($1) + [""] }
    ]
  }
}

/// Splits `Creatinine (Blood)` into its label and fluid.
private func labelAndFluid(_ title: String) -> [String] {
  guard title.hasSuffix(")"), let opening = title.lastIndex(of: "("), opening > title.startIndex else {
    return [title, ""]
  }
  let label = title[..<opening]
  return [
    String(label.hasSuffix(" ") ? label.dropLast() : label), String(title[title.index(after: opening)...].dropLast()),
  ]
}
