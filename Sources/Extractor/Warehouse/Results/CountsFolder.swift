internal import Shared

/// A folder with the results of `CountsScript`: patient-level counts, which stay inside.
struct CountsFolder: Sendable {
  private let folder: String
  private let progress: Progress
  /// By the results' names: the files that hold each, several where an engine wrote it in parts.
  private var files: [String: [String]] = [:]

  /// - Throws: status 66 where the folder is missing; 65 where a result stands twice.
  init(_ path: String, _ progress: @escaping Progress = { _ in }) throws(CloisterError) {
    self.progress = progress
    folder = path
    let shown = Console.harmless(path)
    guard FileStatus(of: path)?.isFolder == true else {
      throw CloisterError(
        .inputMissing, "\(shown): no such folder",
        hint: "--counts names the folder that the engine wrote its results into")
    }
    for name in try listFolder(path, name: shown).sorted(by: byteOrder) {
      let isFolder = FileStatus(of: "\(path)/\(name)")?.isFolder == true
      let parts = isFolder ? try Self.parts(name, in: path) : Self.isCSV(name) ? [name] : []
      // What an engine leaves beside, such as Spark's own log, is no result.
      if parts.isEmpty { continue }
      let result = isFolder ? name : String(name.prefix { $0 != "." })
      guard files.updateValue(parts, forKey: result) == nil else {
        throw CloisterError(
          .inputRefused, "\(Console.harmless(name)): the result \(Console.harmless(result)) is there twice",
          hint: "leave one of the files in the folder")
      }
    }
  }

  private static func isCSV(_ name: String) -> Bool { name.hasSuffix(".csv") || name.hasSuffix(".csv.gz") }

  /// Spark writes a folder of parts.
  private static func parts(_ name: String, in path: String) throws(CloisterError) -> [String] {
    try listFolder("\(path)/\(name)", name: Console.harmless(name))
      .filter { $0.hasPrefix("part-") && isCSV($0) }.sorted(by: byteOrder).map { "\(name)/\($0)" }
  }

  /// The names of all results in the folder.
  var names: [String] { files.keys.sorted(by: byteOrder) }

  /// Opens the files of a result. - Throws: status 66 where there is none.
  func open(_ result: CountedResult) throws(CloisterError) -> [CSVReader] {
    guard let names = files[result.name], !names.isEmpty else {
      throw CloisterError(
        .inputMissing, "no \(result.name).csv or \(result.name).csv.gz in the folder of counts",
        hint:
          "run the whole file that cloister-extractor sql wrote for this policy, and with --ledger where extract has one"
      )
    }
    var readers: [CSVReader] = []
    for name in names {
      if !name.hasSuffix(".gz") { try requireLineEnd(name) }
      readers.append(try openTable(name, in: folder, progress))
    }
    return readers
  }

  /// Every engine ends the last line: without its end, nobody knows whether the line is whole. A compressed file has a checksum for that.
  private func requireLineEnd(_ name: String) throws(CloisterError) {
    let file = try OpenFile("\(folder)/\(name)", name: name)
    guard let size = file.status?.size, size > 0 else { return }
    var last: [UInt8] = [0]
    try file.seek(to: size - 1)
    guard try file.read(into: &last, from: 0, to: 1) == 1, last[0] == UInt8(ascii: "\n") else {
      throw CloisterError(
        .inputRefused, "\(name): the last line has no end: the file was cut off",
        hint: "run the query of this file again, or copy its result again")
    }
  }
}
