internal import Glibc

/// Writes a file that must not exist yet, and forces it to disk. - Throws: status 73.
package func writeNewFile(_ bytes: [UInt8], to path: String, permissions: UInt32 = 0o644) throws(CloisterError) {
  try write(bytes, to: path, flags: O_CREAT | O_EXCL, permissions: permissions)
}

/// Creates an empty file unless there is one already. - Throws: status 73.
package func ensureFile(at path: String, permissions: UInt32 = 0o644) throws(CloisterError) {
  if FileStatus(of: path) != nil { return }
  do throws(CloisterError) { try writeNewFile([], to: path, permissions: permissions) } catch {
    // Another program may have created it in the meantime.
    if FileStatus(of: path) == nil { throw error }
  }
}

/// Writes a file, replacing any old one. At any time, the path holds either the whole old file or the whole new one.
///
/// - Throws: status 73.
package func replaceFile(_ bytes: [UInt8], at path: String, permissions: UInt32 = 0o644) throws(CloisterError) {
  let aside = "\(path).incomplete-\(getpid())"
  unsafe unlink(aside)
  try writeNewFile(bytes, to: aside, permissions: permissions)
  guard unsafe rename(aside, path) == 0 else { throw cannotWrite(path) }
}

/// Adds a line to a file, which it creates if needed, and forces it to disk. If that fails, the file is as before.
///
/// - Throws: status 73.
package func appendLine(_ line: String, to path: String) throws(CloisterError) {
  let before = FileStatus(of: path)?.size ?? 0
  do throws(CloisterError) {
    try write(Array(line.utf8), to: path, flags: O_CREAT | O_APPEND, permissions: 0o644)
  } catch {
    unsafe truncate(path, off_t(before))
    throw error
  }
}

private func write(_ bytes: [UInt8], to path: String, flags: Int32, permissions: UInt32) throws(CloisterError) {
  let file = try NewFile(path, flags: flags, permissions: permissions)
  try file.append(bytes)
  try file.close()
}

/// A file that is written piece by piece. If it is dropped without `close`, its last bytes may be missing, and nothing
/// is forced to disk.
package final class NewFile {
  private let path: String
  private let descriptor: Int32
  private var isOpen = true
  private var buffer: [UInt8] = []

  /// Creates a file that must not exist yet. - Throws: status 73.
  package convenience init(_ path: String) throws(CloisterError) {
    try self.init(path, flags: O_CREAT | O_EXCL, permissions: 0o644)
  }

  fileprivate init(_ path: String, flags: Int32, permissions: UInt32) throws(CloisterError) {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, permissions)
    guard descriptor >= 0 else {
      isOpen = false
      throw cannotWrite(path)
    }
  }

  deinit { if isOpen { Glibc.close(descriptor) } }

  /// Adds bytes; they reach the file by `close` at the latest. - Throws: status 73.
  package func append(_ bytes: [UInt8]) throws(CloisterError) {
    buffer += bytes
    if buffer.count >= 1 << 20 { try flush() }
  }

  /// Forces everything to disk and closes the file. - Throws: status 73.
  package func close() throws(CloisterError) {
    try flush()
    guard fsync(descriptor) == 0 else { throw cannotWrite(path) }
    Glibc.close(descriptor)
    isOpen = false
  }

  private func flush() throws(CloisterError) {
    var done = 0
    while done < buffer.count {
      let written = unsafe buffer.withUnsafeBytes { bytes in
        unsafe Glibc.write(descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw cannotWrite(path) }
      done += written
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// The folder that holds a path.
package func parentFolder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// An error that says why the last system call on the path failed.
package func cannotWrite(_ path: String) -> CloisterError {
  let code = errno
  return CloisterError(
    .cannotWrite, "\(harmless(path)): \(FileError.text(code))",
    hint: code == EEXIST
      ? "choose a new name, or move what is there away; nothing is ever overwritten"
      : "check that the folder exists, that this user may write there and that the disk is not full")
}
