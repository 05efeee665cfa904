internal import Shared

/// A folder with the results of `CountsScript`: patient-level counts, which stay inside.
struct CountsFolder: Sendable {
  private let folder: String
  /// By the results' names: the files that hold each, several where an engine wrote it in parts.
  private var files: [String: [String]] = [:]

  /// - Throws: status 66 where the folder is missing; 65 where a result stands twice.
  init(_ path: String) throws(CloisterError) {
    folder = path
    let shown = Console.harmless(path)
    guard FileStatus(of: path)?.isFolder == true else {
      throw CloisterError(
        .inputMissing, "\(shown): no such folder", hint: "--counts names the folder that the engine wrote its results into")
    }
    for name in try listFolder(path, name: shown).sorted(by: byteOrder) {
      guard let result = Self.result(of: name, isFolder: FileStatus(of: "\(path)/\(name)")?.isFolder == true) else { continue }
      guard files[result] == nil else {
        throw CloisterError(
          .inputRefused, "\(Console.harmless(name)): the result \(Console.harmless(result)) is there twice",
          hint: "leave one of the files in the folder")
      }
      files[result] = try Self.parts(name, in: path)
    }
  }

  /// The result that a file or folder of that name holds; nil for what is none.
  private static func result(of name: String, isFolder: Bool) -> String? {
    if isFolder { return name }
    for ending in [".csv.gz", ".csv"] where name.hasSuffix(ending) { return String(name.dropLast(ending.count)) }
    return nil
  }

  /// Spark writes a folder of parts.
  private static func parts(_ name: String, in path: String) throws(CloisterError) -> [String] {
    guard FileStatus(of: "\(path)/\(name)")?.isFolder == true else { return [name] }
    return try listFolder("\(path)/\(name)", name: Console.harmless(name))
      .filter { $0.hasPrefix("part-") && result(of: $0, isFolder: false) != nil }
      .sorted(by: byteOrder).map { "\(name)/\($0)" }
  }

  /// The names of all results in the folder.
  var names: [String] { files.keys.sorted(by: byteOrder) }

  /// Opens the files of a result. - Throws: status 66 where there is none.
  func open(_ result: CountedResult) throws(CloisterError) -> [CSVReader] {
    guard let names = files[result.name], !names.isEmpty else {
      throw CloisterError(
        .inputMissing, "no \(result.name).csv or \(result.name).csv.gz in the folder of counts",
        hint: "run the whole file that cloister-extractor sql wrote for this policy, and with --ledger where extract has one")
    }
    var readers: [CSVReader] = []
    for name in names { readers.append(try openTable(name, in: folder)) }
    return readers
  }
}
