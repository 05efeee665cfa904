internal import Glibc

/// A lock on a file that only one program at a time can hold. The kernel releases it however the program ends.
package final class FileLock: Sendable {
  private let descriptor: Int32

  /// - Parameters:
  ///   - path: a file that exists.
  ///   - whenTaken: called if another program holds the lock; if it returns, the lock is waited for.
  /// - Throws: what `whenTaken` throws; status 73 if the file can't be locked.
  package init(_ path: String, whenTaken: () throws(CloisterError) -> Void) throws(CloisterError) {
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw cannotWrite(path) }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
    guard errno == EWOULDBLOCK else { throw cannotWrite(path) }
    try whenTaken()
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw cannotWrite(path) }
    }
  }

  /// Whether the path still leads to the locked file.
  package func holds(_ path: String) -> Bool {
    var (locked, there) = (stat(), stat())
    return unsafe fstat(descriptor, &locked) == 0 && stat(path, &there) == 0 && locked.st_ino == there.st_ino
      && locked.st_dev == there.st_dev
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
