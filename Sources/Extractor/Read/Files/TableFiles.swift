internal import Shared

/// The endings of the files that can be read, in the order of preference.
let csvEndings = [".csv", ".csv.gz", ".csv.zst"]

/// The files that hold one table: a single file, or the parts that Spark or Hive wrote into a folder in its place.
struct TableFiles: Sendable {
  /// The paths in the input folder, in reading order; at least one.
  let names: [String]
  let folder: String
  let separator: CSVSeparator
  let progress: Progress

  /// Finds the files of a table; a plain file is preferred to a compressed one.
  ///
  /// - Parameter names: the names in the folder.
  /// - Returns: nil if the folder does not have the table.
  /// - Throws: status 65 if the table exists twice, or only in a form that can't be read.
  init?(
    _ table: SourceTable, among names: [String], in folder: String, separator: CSVSeparator,
    _ progress: @escaping Progress
  ) throws(CloisterError) {
    (self.folder, self.separator, self.progress) = (folder, separator, progress)
    let wanted = table.rawValue.lowercased()
    let found = names.filter { name in csvEndings.contains { name.lowercased() == wanted + $0 } }
    let files = found.filter { !Self.isFolder($0, in: folder) }
    let folders = names.filter { name in
      (name.lowercased() == wanted || found.contains(name)) && Self.isFolder(name, in: folder)
    }
    // A compressed copy beside a plain file is passed over, which the data report says.
    let best = csvEndings.lazy.map { ending in files.filter { $0.lowercased() == wanted + ending } }.first {
      !$0.isEmpty
    }
    try Self.requireOne((best ?? []) + folders)
    if let name = best?.first {
      self.names = [name]
    } else if let name = folders.first {
      self.names = try Self.parts(of: name, in: folder)
    } else {
      try Self.refuseOtherForms(wanted, names)
      return nil
    }
  }

  private static func isFolder(_ name: String, in folder: String) -> Bool {
    FileStatus(of: "\(folder)/\(name)")?.isFolder == true
  }

  /// The parts of a table in a folder of its own. Engines also leave markers and checksums there, whose names start
  /// with `_` or a dot, and empty parts.
  private static func parts(of name: String, in folder: String) throws(CloisterError) -> [String] {
    var parts: [String] = []
    for part in try listFolder("\(folder)/\(name)", name: name) {
      let path = "\(name)/\(part)"
      let shown = harmless(path)
      if part == "_temporary" {
        throw CloisterError(
          .inputRefused, "\(shown): the job that wrote this folder has not finished", hint: "export the table again")
      }
      if part.hasPrefix("_") || part.hasPrefix(".") || ["Thumbs.db", "desktop.ini"].contains(part) { continue }
      guard let status = FileStatus(of: "\(folder)/\(path)"), status.isRegular else {
        throw CloisterError(
          .inputRefused, "\(shown): is not a file, so part of the table may be missing",
          hint: "keep nothing but the table's parts in its folder, and no subfolders; export without partitions")
      }
      if status.size == 0 { continue }
      guard csvEndings.contains(where: part.lowercased().hasSuffix) else { throw otherForm(path) }
      parts.append(path)
    }
    guard !parts.isEmpty else {
      throw CloisterError(
        .inputRefused, "\(name): is a folder without any CSV file in it",
        hint: "export the table as one CSV file, or as a folder of parts such as part-00000.csv with a header each")
    }
    return parts
  }

  private static func requireOne(_ found: [String]) throws(CloisterError) {
    guard found.count <= 1 else {
      throw CloisterError(
        .inputRefused, "\(found.joined(separator: " and ")): these are the same table twice",
        hint: "keep only one of these in the folder")
    }
  }

  /// Refuses a table that exists only in a form that can't be read, which is a better answer than that it is missing.
  private static func refuseOtherForms(_ wanted: String, _ names: [String]) throws(CloisterError) {
    if let other = names.first(where: { $0.lowercased().hasPrefix(wanted + ".") }) { throw otherForm(other) }
  }

  private static func otherForm(_ name: String) -> CloisterError {
    let isParquet = name.lowercased().hasSuffix(".parquet")
    return CloisterError(
      .inputRefused, "\(harmless(name)): \(isParquet ? "is a Parquet file, not CSV" : "can't be read as CSV")",
      hint: isParquet ? parquetHint : "export the table as NAME.csv, NAME.csv.gz or NAME.csv.zst")
  }

  var first: String { names[0] }

  /// The name of the table's file, or of the folder of its parts.
  var name: String { String(first.prefix { $0 != "/" }) }

  /// The size in bytes of a single plain file, which can be read from any offset; nil for other tables.
  var plainSize: Int? {
    guard names.count == 1, Compression(of: first) == nil else { return nil }
    return FileStatus(of: "\(folder)/\(first)")?.size
  }

  /// Opens one of the files at its first row.
  func open(_ number: Int) throws(CloisterError) -> CSVReader {
    try openTable(names[number], in: folder, separator: separator, progress)
  }
}

/// How a file is compressed, by the ending of its name.
private enum Compression: String, CaseIterable {
  case gzip = ".gz"
  case zstd = ".zst"

  init?(of name: String) {
    guard let compression = Self.allCases.first(where: { name.lowercased().hasSuffix($0.rawValue) }) else { return nil }
    self = compression
  }
}

/// Opens a plain or compressed CSV file of a folder at its first row.
func openTable(
  _ name: String, in folder: String, separator: CSVSeparator = .comma, _ progress: @escaping Progress
) throws(CloisterError) -> CSVReader {
  let path = "\(folder)/\(name)"
  let progress = ReadProgress(file: name, size: FileStatus(of: path)?.size ?? 0, progress)
  let compression = Compression(of: name)
  return try CSVReader(file: name, separator: separator, didRead: progress.addRows) { offset throws(CloisterError) in
    switch compression {
    case nil: try FileSource(path, name: name, offset: offset, progress: progress)
    case .gzip:
      PrefetchedSource { () throws(CloisterError) in
        GzipSource(try FileSource(path, name: name, progress: progress), name: name)
      }
    case .zstd:
      PrefetchedSource { () throws(CloisterError) in
        try ZstdSource(try FileSource(path, name: name, progress: progress), name: name)
      }
    }
  }
}
