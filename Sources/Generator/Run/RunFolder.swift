internal import Glibc
internal import Shared

/// A run's folder: `run.json`, `journal.sqlite`, the bundle, the templates and all other files needed to resume or
/// replay the run; a finished run also has `tables/` and the reports. Only one program at a time works on it.
struct RunFolder: Sendable {
  let path: String
  let settings: RunSettings
  let bundle: VerifiedContent
  let journal: Journal
  private let lock: FileLock?

  /// The files copied into a new run's folder.
  struct Contents: Sendable {
    let bundle: VerifiedBundle
    let templates: [String: String]
    let knowledge: [String: [UInt8]]
    let dictionary: CodeTitles?
    var prior: [UInt8]?
  }

  /// Creates the whole folder or nothing.
  ///
  /// - Throws: status 73 if the folder exists or can't be created.
  init(creating path: String, _ settings: RunSettings, _ contents: Contents) throws {
    let folder = try OutputFolder(path)
    try folder.write(Array(settings.json.formatted().utf8), to: "run.json")
    for (name, bytes) in contents.bundle.files { try folder.write(bytes, to: "bundle/\(name)") }
    for (name, text) in contents.templates { try folder.write(Array(text.utf8), to: "templates/\(name)") }
    for (name, bytes) in contents.knowledge { try folder.write(bytes, to: "knowledge/\(name)") }
    if let dictionary = contents.dictionary {
      try folder.write(Array(dictionary.formatted().utf8), to: "dictionary.json")
    }
    if let prior = contents.prior { try folder.write(prior, to: "prior.txt") }
    try Journal(creating: "\(folder.aside)/journal.sqlite").close()
    try folder.publish()
    try self.init(opening: path)
  }

  /// Opens the folder of a run.
  ///
  /// - Parameter isLooking: true to read the run without locking it, even while another program works on it.
  /// - Throws: status 66 if there is no run; 65 if another version made the run; 73 if another program is working on
  ///   the run; 76 if the run's bundle is no longer the one that was verified.
  init(opening path: String, isLooking: Bool = false) throws {
    let name = harmless(path)
    guard FileStatus(of: "\(path)/run.json")?.isRegular == true else {
      throw CloisterError(
        .inputMissing, "\(name) is not a run folder", hint: "give the path of a folder that generate made")
    }
    self.path = path
    settings = try RunSettings(
      parsing: try readFile("\(path)/run.json", name: "run.json", limit: 1 << 20, refusal: .inputRefused))
    guard settings.generator == Self.generator else {
      throw CloisterError(
        .inputRefused, "run.json: the run was made by \(harmless(settings.generator))",
        hint: "use that version: another one might draw or ask differently")
    }
    lock = isLooking ? nil : try lockRun(path, name: name)
    bundle = try reopenedBundle(try UnverifiedBundle("\(path)/bundle"), digest: settings.bundle)
    journal = try Journal(opening: "\(path)/journal.sqlite")
  }

  static let generator = "cloister-generator \(cloisterVersion)"

  /// Writes all new results beside the earlier ones, then moves the new ones into place one by one.
  func publish(_ write: (borrowing OutputFolder) async throws -> Void) async throws {
    let results = "\(path)/results"
    removeTree(results)
    let folder = try OutputFolder(results)
    try await write(folder)
    try folder.publish()
    for name in try listFolder(results, name: results) {
      removeTree("\(path)/\(name)")
      guard unsafe rename("\(results)/\(name)", "\(path)/\(name)") == 0 else {
        throw CloisterError(
          .cannotWrite, "\(name): can't be moved into the run folder", hint: "try again with: replay RUN")
      }
    }
    removeTree(results)
  }

  /// - Throws: status 65 if the run is not finished.
  func requireFinished() throws {
    guard try journal.progress().ended.count == settings.admissions else {
      throw CloisterError(
        .inputRefused, "the run is not finished", hint: "finish it with resume, or with batch export and batch import")
    }
  }

  /// Removes the folder of a run that has produced nothing.
  func remove() {
    try? journal.close()
    removeTree(path)
  }
}

private func lockRun(_ path: String, name: String) throws(CloisterError) -> FileLock {
  try FileLock("\(path)/run.json") { () throws(CloisterError) in
    throw CloisterError(
      .cannotWrite, "\(name): another program is working on this run",
      hint: "wait until it ends; meanwhile, status shows how far the run has come")
  }
}
