internal import Glibc

/// Writes a file that must not exist yet, and forces it to the disk. - Throws: status 73.
package func writeNewFile(_ bytes: [UInt8], to path: String, permissions: UInt32 = 0o644) throws(CloisterError) {
  try write(bytes, to: path, flags: O_CREAT | O_EXCL, permissions: permissions)
}

/// Adds a line to a file, which it makes if need be, and forces it to the disk. - Throws: status 73.
package func appendLine(_ line: String, to path: String) throws(CloisterError) {
  try write(Array(line.utf8), to: path, flags: O_CREAT | O_APPEND, permissions: 0o644)
}

private func write(_ bytes: [UInt8], to path: String, flags: Int32, permissions: UInt32) throws(CloisterError) {
  let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, permissions)
  guard descriptor >= 0 else { throw cannotWrite(path) }
  defer { close(descriptor) }
  var rest = bytes[...]
  while !rest.isEmpty {
    let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if written < 0 && errno == EINTR { continue }
    guard written > 0 else { throw cannotWrite(path) }
    rest = rest.dropFirst(written)
  }
  guard fsync(descriptor) == 0 else { throw cannotWrite(path) }
}

/// The last system call's failure, as an error about a path.
func cannotWrite(_ path: String) -> CloisterError {
  CloisterError(
    .cannotWrite, "\(Console.harmless(path)): \(FileError.text(errno))",
    hint: "check that the folder exists, that this user may write there and that the disk is not full")
}
