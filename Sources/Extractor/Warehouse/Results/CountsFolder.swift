internal import Shared

/// A folder with the results of `CountsScript`: patient-level counts, which stay inside the hospital.
struct CountsFolder: Sendable {
  private let folder: String
  /// The categories that counts must keep, by source, because earlier releases count codes under them.
  let kept: [SourceSchema: CodeCategories]
  private let progress: Progress
  /// The files of each result, by its name; several files if an engine wrote the result in parts.
  private var files: [String: [String]] = [:]

  /// - Throws: status 66 if the folder is missing; 65 if a result exists twice.
  init(
    _ path: String, keeping kept: [SourceSchema: CodeCategories] = [:], _ progress: @escaping Progress = { _ in }
  ) throws(CloisterError) {
    self.kept = kept
    self.progress = progress
    folder = path
    let shown = harmless(path)
    guard FileStatus(of: path)?.isFolder == true else {
      throw CloisterError(
        .inputMissing, "\(shown): no such folder",
        hint: "set --counts to the folder into which the engine wrote its results")
    }
    for name in try listFolder(path, name: shown).sorted(by: byteOrder) {
      let isFolder = FileStatus(of: "\(path)/\(name)")?.isFolder == true
      let parts = isFolder ? try Self.parts(name, in: path) : Self.isCSV(name) ? [name] : []
      // Anything else that an engine leaves in the folder, such as Spark's log, is not a result.
      if parts.isEmpty { continue }
      let result = isFolder ? name : String(name.prefix { $0 != "." })
      guard files.updateValue(parts, forKey: result) == nil else {
        throw CloisterError(
          .inputRefused, "\(harmless(name)): the result \(harmless(result)) exists twice",
          hint: "keep only one of its files in the folder")
      }
    }
  }

  private static func isCSV(_ name: String) -> Bool {
    csvEndings.contains { name.hasSuffix($0) }
  }

  /// The files of a result that Spark wrote as a folder of parts.
  private static func parts(_ name: String, in path: String) throws(CloisterError) -> [String] {
    try listFolder("\(path)/\(name)", name: harmless(name))
      .filter { $0.hasPrefix("part-") && isCSV($0) }.sorted(by: byteOrder).map { "\(name)/\($0)" }
  }

  /// The names of all results in the folder.
  var names: [String] { files.keys.sorted(by: byteOrder) }

  /// Opens the files of a result. - Throws: status 66 if the result has no files.
  func open(_ result: CountedResult) throws(CloisterError) -> [CSVReader] {
    guard let names = files[result.name], !names.isEmpty else {
      throw CloisterError(
        .inputMissing, "no \(result.name).csv or \(result.name).csv.gz in the counts folder",
        hint: "run the whole file that cloister-extractor sql writes for this policy, with --ledger if extract uses it"
      )
    }
    var readers: [CSVReader] = []
    for name in names {
      readers.append(try openTable(name, in: folder, progress))
    }
    return readers
  }
}
