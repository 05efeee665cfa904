internal import Glibc
internal import Shared

/// A ledger in which one release is being made, while other programs wait.
///
/// A ledger that was made for this release is removed with the object if the release was refused.
final class BegunLedger: Sendable {
  let path: String
  let secret: SiteSecret
  /// Whether the ledger was made for this release.
  let isNew: Bool
  private let lock: FileLock

  /// Creates an empty ledger, its folder and its secret if they don't exist, waits until no other release is being made
  /// with the ledger, and finishes what a killed program left. Call this before entering the sandbox, where nothing can
  /// be created.
  ///
  /// - Parameter onWaiting: called if another release is being made.
  /// - Throws: status 77 if the ledger is missing but its releases are not, or the secret is missing but the ledger is
  ///   not; 78 if the secret can be read by others; 73 if a file can't be written.
  init(_ path: String, onWaiting: () -> Void = {}) throws(CloisterError) {
    self.path = path
    isNew = FileStatus(of: path, followsLinks: false) == nil
    try Self.requireUsable(path, isNew: isNew)
    // A ledger that is missing beside its releases must be restored, not begun anew.
    if isNew { _ = try Ledger(path, site: nil) }
    do throws(CloisterError) {
      lock = try Self.locked(path, onWaiting)
      try Ledger.finishCopies(path)
      secret = try SiteSecret.begun(beside: path)
    } catch {
      if isNew { Self.removeEmpty(path) }
      throw error
    }
  }

  /// Refuses what can't be a ledger, before any work is done.
  private static func requireUsable(_ path: String, isNew: Bool) throws(CloisterError) {
    let name = harmless(path)
    if !isNew, FileStatus(of: path, followsLinks: false)?.isRegular != true {
      throw CloisterError(
        .releaseRefused, "\(name): is not a regular file", hint: "pass the site's ledger itself, not a link to it")
    }
    let secret = SiteSecret.file(beside: path)
    if isNew, FileStatus(of: secret) != nil {
      throw CloisterError(
        .releaseRefused, "\(name): the ledger is missing, but its secret is there",
        hint: "restore the ledger from a backup; docs/releases-over-time.md says what to do if there is none")
    }
    // A program that was killed while it made the secret left an empty file.
    if FileStatus(of: path)?.size ?? 0 == 0, FileStatus(of: secret)?.size == 0 { unsafe unlink(secret) }
  }

  /// Makes the ledger's files if they don't exist, and locks it.
  private static func locked(_ path: String, _ onWaiting: () -> Void) throws(CloisterError) -> FileLock {
    while true {
      try Ledger.makeFiles(path)
      let lock = try FileLock(path) { () throws(CloisterError) in onWaiting() }
      // Another program may have removed an empty ledger in the meantime.
      if lock.holds(path) { return lock }
    }
  }

  deinit { if isNew { Self.removeEmpty(path) } }

  /// Removes a ledger without releases, its folder and its secret.
  static func removeEmpty(_ path: String) {
    guard FileStatus(of: path)?.size == 0 else { return }
    unsafe rmdir("\(path).releases")
    unsafe unlink(SiteSecret.file(beside: path))
    unsafe unlink(path)
  }
}
