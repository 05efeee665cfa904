internal import Shared

/// One output file: its name, its header, and the lines that one stay adds.
struct OutputTable: Sendable {
  let path: String
  /// The names of the columns; empty for a file that is not CSV.
  let header: [String]
  /// Whether the first column numbers the rows, as in all tables of MIMIC-III and labevents of MIMIC-IV.
  let isNumbered: Bool
  /// The attribute whose codes the table holds; nil if it holds none.
  let attribute: Attribute?
  fileprivate let add: @Sendable (Stay, inout TableChunk) -> Void

  /// - Parameter rows: the stay's rows, without their numbers.
  init(
    _ path: String, _ header: String, for attribute: Attribute? = nil, isNumbered: Bool? = nil,
    rows: @escaping @Sendable (Stay) -> [[String]]
  ) {
    self.path = path
    self.header = header.split(separator: " ").map(String.init)
    self.isNumbered = isNumbered ?? (self.header[0] == "ROW_ID")
    self.attribute = attribute
    add = { stay, chunk in for row in rows(stay) { chunk.append { CSVLine.append(row, to: &$0) } } }
  }

  /// A file of JSON objects, one on each line.
  ///
  /// - Parameters:
  ///   - common: a member that all of them have, as the last one. It is written out once, because it may be longer than
  ///     the rest.
  ///   - objects: the other members of the stay's objects; each has some.
  init(_ path: String, common: JSONMember, objects: @escaping @Sendable (Stay) -> [[JSONMember]]) {
    self.path = path
    (header, isNumbered, attribute) = ([], false, nil)
    var end: [UInt8] = []
    JSONValue.object([common]).append(to: &end)
    end[0] = UInt8(ascii: ",")
    end.append(UInt8(ascii: "\n"))
    add = { [end] stay, chunk in
      for members in objects(stay) {
        chunk.append {
          JSONValue.object(members).append(to: &$0)
          $0.removeLast()
          $0 += end
        }
      }
    }
  }
}

/// All tables of a schema but its dictionaries of codes, with the source's file names, headers and formats, so tools
/// made for MIMIC can read them. The tables that no bundle covers have a header alone.
func outputTables(_ schema: SourceSchema) -> [OutputTable] {
  (schema == .mimicIII ? mimicIIITables : mimicIVTables) + unfilledTables(schema)
}

/// The tables that no bundle covers.
func unfilledTables(_ schema: SourceSchema) -> [OutputTable] {
  let mark = schema == .mimicIII ? "mimic-iii " : "mimic-iv "
  return String(decoding: PackageResources.UnfilledTables_txt, as: UTF8.self).split(separator: "\n")
    .filter { $0.hasPrefix(mark) }.map { line in
      let words = line.dropFirst(mark.count).split(separator: " ", maxSplits: 1)
      return OutputTable(String(words[0]), String(words[1])) { _ in [] }
    }
}

/// The lines that some stays add to one file, as bytes.
struct TableChunk: Sendable {
  fileprivate var bytes: [UInt8] = []
  /// Where each line ends in `bytes`.
  fileprivate var ends: [Int] = []

  fileprivate mutating func append(_ write: (inout [UInt8]) -> Void) {
    write(&bytes)
    ends.append(bytes.count)
  }
}

/// The files that are made from a run's stays, and the dictionaries of the codes in them.
struct TableSet: Sendable {
  /// In the order in which each stay's lines are made.
  let tables: [OutputTable]
  let dictionaries: [CodeDictionary]
  /// Where the files are within their output folder: empty, or a name and a slash.
  let folder: String
  let isCompressed: Bool

  /// A whole release of the source's schema.
  static func mimic(_ schema: SourceSchema, in folder: String, isCompressed: Bool = false) -> TableSet {
    TableSet(
      tables: outputTables(schema), dictionaries: codeDictionaries(schema), folder: folder, isCompressed: isCompressed)
  }

  /// The stays' lines, one chunk per file. Many tasks can make chunks in parallel.
  fileprivate func chunks(_ stays: ArraySlice<Stay>) -> [TableChunk] {
    tables.map { table in
      var chunk = TableChunk()
      for stay in stays { table.add(stay, &chunk) }
      return chunk
    }
  }

  /// Writes a file that is made from no stay. - Returns: its path, and the SHA-256 of its bytes.
  func write(
    _ bytes: [UInt8], to path: String, in folder: borrowing OutputFolder
  ) throws(CloisterError) -> (path: String, digest: String) {
    let file = try begin(path, in: folder)
    try file.append(bytes)
    return (file.path, try file.close())
  }

  /// Creates a file. A set that is compressed has a suffix for that.
  fileprivate func begin(_ path: String, in folder: borrowing OutputFolder) throws(CloisterError) -> TableFile {
    let path = path + (isCompressed ? ".gz" : "")
    return TableFile(path, try folder.begin(self.folder + path))
  }
}

/// Writes the lines of stays into files as they arrive, in the order of the stays.
final class TableWriter {
  private let set: TableSet
  private let files: [TableFile]
  private var rowCounts: [Int]
  /// The files that got lines beyond their header, by their paths.
  private(set) var filled: Set<String> = []
  private var used: [Attribute: Set<String>] = [:]

  /// - Throws: status 73 if a file can't be written.
  init(_ set: TableSet, in folder: borrowing OutputFolder) throws(CloisterError) {
    self.set = set
    var files: [TableFile] = []
    for table in set.tables {
      let file = try set.begin(table.path, in: folder)
      if !table.header.isEmpty { try file.append(CSVLine.bytes(table.header)) }
      files.append(file)
    }
    self.files = files
    rowCounts = files.map { _ in 0 }
  }

  /// Adds the stays' lines. They are made in parallel but written in order.
  func add(_ stays: [Stay]) async throws {
    for draft in stays.lazy.map(\.draft) {
      if let main = draft.categories[.mainDiagnosis] { used[.mainDiagnosis, default: []].insert(main) }
      for attribute in [Attribute.diagnosis, .procedure] {
        used[attribute, default: []].formUnion(draft.codes[attribute] ?? [])
      }
      used[.lab, default: []].formUnion((draft.codes[.lab] ?? []).map(LabCategory.item))
    }
    let parts = stays.shares
    let chunks = await withTaskGroup(of: (Int, [TableChunk]).self) { [set] group in
      for (number, part) in parts.enumerated() {
        group.addTask { (number, set.chunks(part)) }
      }
      var chunks = [[TableChunk]](repeating: [], count: parts.count)
      for await (number, made) in group { chunks[number] = made }
      return chunks
    }
    for part in chunks { for (table, chunk) in part.enumerated() { try write(chunk, table) } }
  }

  /// Closes the files and adds the dictionaries of codes.
  ///
  /// - Parameters:
  ///   - titles: the bundle's titles.
  ///   - book: knows the titles of codes that the bundle doesn't name.
  /// - Returns: the SHA-256 of each file, by its path.
  func finish(
    in folder: borrowing OutputFolder, _ titles: CodeTitles, _ book: CodeBook
  ) throws(CloisterError) -> [String: String] {
    var digests: [String: String] = [:]
    for file in files { digests[file.path] = try file.close() }
    let groups = completed(titles, book).sorted
    for dictionary in set.dictionaries {
      let titles = groups.first { $0.group == dictionary.group }?.titles ?? []
      let (path, digest) = try set.write(dictionary.content(titles), to: dictionary.path, in: folder)
      if !titles.isEmpty { filled.insert(path) }
      digests[path] = digest
    }
    return digests
  }

  /// The bundle's titles with those of all other codes in the tables.
  private func completed(_ titles: CodeTitles, _ book: CodeBook) -> CodeTitles {
    var titles = titles
    for (attribute, codes) in used {
      guard let group = attribute.titleGroup else { continue }
      for code in codes where titles[group, code] == nil {
        // Rows of LABEVENTS must find their item.
        titles[group, code] = book.title(of: code, attribute) ?? (attribute == .lab ? "Item \(code)" : nil)
      }
    }
    return titles
  }

  private func write(_ chunk: TableChunk, _ table: Int) throws(CloisterError) {
    if !chunk.ends.isEmpty { filled.insert(files[table].path) }
    guard set.tables[table].isNumbered else { return try files[table].append(chunk.bytes) }
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
