internal import Glibc

/// A folder that appears whole or not at all: files are written into a folder beside it, and the last step is one
/// rename. A value that is dropped without `publish` removes what it wrote.
package struct OutputFolder: ~Copyable {
  private let destination: String
  /// Where the files are until `publish`.
  package let aside: String
  private var isPublished = false
  private var isKept = false

  /// The folder that will contain the published folder.
  package var parent: String { parentFolder(of: aside) }

  /// - Throws: status 73 if the destination exists or can't be created.
  package init(_ destination: String) throws(CloisterError) {
    var trimmed = destination[...]
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed = trimmed.dropLast() }
    self.destination = String(trimmed)
    aside = "\(trimmed).incomplete-\(getpid())"
    do throws(CloisterError) {
      try requireNothing(at: self.destination)
      try makeFolder(aside)
    } catch {
      isPublished = true
      throw error
    }
  }

  deinit { if !isPublished && !isKept { removeTree(aside) } }

  /// Writes one file of the folder, and creates the subfolders that `path` names.
  package func write(_ bytes: [UInt8], to path: String, permissions: UInt32 = 0o644) throws(CloisterError) {
    try makeFolders(above: path, in: aside)
    try writeNewFile(bytes, to: "\(aside)/\(path)", permissions: permissions)
  }

  /// Begins one file of the folder, to be written piece by piece and closed before `publish`.
  package func begin(_ path: String) throws(CloisterError) -> NewFile {
    try makeFolders(above: path, in: aside)
    return try NewFile("\(aside)/\(path)")
  }

  /// Removes what was written.
  package consuming func discard() {}

  /// Leaves what was written where it is, as `aside`, if `publish` is not reached.
  package mutating func keep() { isKept = true }

  /// Makes the whole folder appear, as the last step.
  package consuming func publish() throws(CloisterError) {
    guard unsafe rename(aside, destination) == 0 else { throw cannotWrite(destination) }
    isPublished = true
  }
}

/// Creates one folder. - Throws: status 73.
package func makeFolder(_ path: String) throws(CloisterError) {
  guard unsafe mkdir(path, 0o755) == 0 else { throw cannotWrite(path) }
}

/// Creates the subfolders on a file's path within a folder. - Throws: status 73.
package func makeFolders(above path: String, in folder: String) throws(CloisterError) {
  var folder = folder
  for part in path.split(separator: "/").dropLast() {
    folder += "/\(part)"
    if FileStatus(of: folder) == nil { try makeFolder(folder) }
  }
}

/// Removes one of our folders with everything in it that can be removed.
package func removeTree(_ path: String) {
  guard let status = FileStatus(of: path, followsLinks: false) else { return }
  if status.isFolder {
    let names = (try? listFolder(path, name: path)) ?? []
    for name in names { removeTree("\(path)/\(name)") }
    unsafe rmdir(path)
  } else {
    unsafe unlink(path)
  }
}

/// Refuses at the start a path that `OutputFolder` would otherwise refuse at the end, after hours of work.
///
/// - Throws: status 73 if something exists at the path.
package func requireNothing(at path: String) throws(CloisterError) {
  guard FileStatus(of: path, followsLinks: false) == nil else {
    throw CloisterError(
      .cannotWrite, "\(harmless(path)): already exists",
      hint: "choose a new name, or move what is there away; nothing is ever overwritten")
  }
}
