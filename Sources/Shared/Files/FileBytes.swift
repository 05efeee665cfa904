internal import Glibc

/// A regular file open for reading. It is closed when the value is destroyed.
package struct OpenFile: ~Copyable {
  private let descriptor: Int32
  private let name: String

  /// - Parameter followsLinks: if false, a path whose last part is a symbolic link is refused.
  /// - Throws: status 66 if the file does not exist, is not a regular file, or can't be opened.
  package init(_ path: String, name: String, followsLinks: Bool = true) throws(CloisterError) {
    // A pipe would otherwise wait for a writer, maybe for ever.
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
    self.name = name
    guard descriptor >= 0 else {
      throw CloisterError(
        .inputMissing, "\(name): \(FileError.text(errno))", hint: "check the path and this user's permissions")
    }
    guard let kind = status?.irregularKind else { return }
    throw CloisterError(
      .inputMissing, "\(name): is \(kind), not a file", hint: "give a regular file; copy the content into one first")
  }

  deinit { close(descriptor) }

  /// Reads into `buffer` from `offset` up to `end`; returns the number of bytes read, which is 0 only at the file's
  /// end.
  package func read(into buffer: inout [UInt8], from offset: Int, to end: Int) throws(CloisterError) -> Int {
    precondition(offset < end && end <= buffer.count)
    var got = 0
    repeat {
      got = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe Glibc.read(descriptor, bytes.baseAddress.map { unsafe $0 + offset }, end - offset)
      }
    } while got < 0 && errno == EINTR
    guard got >= 0 else {
      throw CloisterError(
        .inputMissing, "\(name): \(FileError.text(errno))", hint: "check the disk or the network share and try again")
    }
    return got
  }

  /// Moves to an offset in the file.
  package func seek(to offset: Int) throws(CloisterError) {
    guard lseek(descriptor, off_t(offset), SEEK_SET) == off_t(offset) else {
      throw CloisterError(
        .inputMissing, "\(name): \(FileError.text(errno))", hint: "use a regular file for the table, not a pipe")
    }
  }

  /// The file's size, mode bits and kind.
  package var status: FileStatus? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return nil }
    return FileStatus(status)
  }
}

/// What the file system says about a path.
package struct FileStatus: Sendable {
  package let size: Int
  package let permissions: UInt32
  package let isRegular: Bool
  package let isFolder: Bool
  /// What stands in a file's place, such as `a pipe`; nil for a regular file.
  package let irregularKind: String?

  init(_ status: stat) {
    size = Int(status.st_size)
    permissions = status.st_mode & 0o7777
    isRegular = status.st_mode & S_IFMT == S_IFREG
    isFolder = status.st_mode & S_IFMT == S_IFDIR
    irregularKind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: nil
      case S_IFDIR: "a folder"
      case S_IFIFO: "a pipe"
      case S_IFSOCK: "a socket"
      default: "a device"
      }
  }

  /// nil if nothing exists at the path; a symbolic link is neither file nor folder unless followed.
  package init?(of path: String, followsLinks: Bool = true) {
    var status = stat()
    guard unsafe (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
    self.init(status)
  }
}

/// The system's text for an error code.
package enum FileError {
  package static func text(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}

/// Reads the whole of a small file.
///
/// - Parameters:
///   - limit: the largest size in bytes; a larger file is refused, so that nobody can fill the memory with one.
///   - isSecret: whether to refuse a file that other users may read or write.
/// - Throws: status 66 if it can't be read; `refusal` if it is too large, not a regular file, or open to others.
package func readFile(
  _ path: String, name: String, limit: Int, followsLinks: Bool = true, isSecret: Bool = false, refusal: ExitStatus
) throws(CloisterError) -> [UInt8] {
  let file = try OpenFile(path, name: name, followsLinks: followsLinks)
  guard let status = file.status, status.isRegular, status.size <= limit else {
    throw CloisterError(
      refusal, "\(name): not a regular file of at most \(limit) bytes",
      hint: "check that the path names the right file")
  }
  guard !isSecret || status.permissions & 0o077 == 0 else {
    throw CloisterError(
      refusal, "\(name): other users may read or change this file, which must be secret",
      hint: "remove their access: chmod 600 \(name)")
  }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(status.size + 1)
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while bytes.count <= limit {
    let count = try file.read(into: &buffer, from: 0, to: buffer.count)
    if count == 0 { break }
    bytes += buffer[..<count]
  }
  guard bytes.count <= limit else {
    throw CloisterError(refusal, "\(name): the file grew while being read", hint: "wait until it is complete")
  }
  return bytes
}

/// The names in a folder, in byte order, without `.` and `..`.
package func listFolder(_ path: String, name: String) throws(CloisterError) -> [String] {
  guard let folder = unsafe opendir(path) else {
    throw CloisterError(
      .inputMissing, "\(name): \(FileError.text(errno))", hint: "check the path and this user's permissions")
  }
  defer { unsafe closedir(folder) }
  var names: [String] = []
  while let entry = unsafe readdir(folder) {
    let entryName = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
    }
    if entryName != ".", entryName != ".." { names.append(entryName) }
  }
  return names.inByteOrder()
}
