internal import CSandbox
internal import Glibc
internal import Shared

/// What a command may still do after it has read its policy and key: read the input, write the output, and nothing
/// else.
///
/// Claim: after `enter` no thread of the process can open or use a socket, start a program, trace a process, read a
/// file outside `readable` and `inOut`, or write one outside `writable` and `inOut`. The kernel enforces this (Landlock
/// and seccomp), and the process can't undo it. Limit: the process can still ask whether a file exists and how large it
/// is.
struct Sandbox {
  /// Folders or files to read.
  var readable: [String] = []
  /// Folders to write into; their content can be listed but not read.
  var writable: [String] = []
  /// Files and folders to read and write, such as the ledger.
  var inOut: [String] = []
  /// Folders in which subfolders, but not files, may be made, renamed or removed.
  var renaming: [String] = []
  /// Folders in which anything may be removed.
  var emptying: [String] = []

  /// Landlock's rights over files, by version.
  private enum Right {
    static let writeFile: UInt64 = 1 << 1
    static let readFile: UInt64 = 1 << 2
    static let readFolder: UInt64 = 1 << 3
    static let removeFolder: UInt64 = 1 << 4
    static let removeFile: UInt64 = 1 << 5
    static let makeFolder: UInt64 = 1 << 7
    static let makeFile: UInt64 = 1 << 8
    static let truncate: UInt64 = 1 << 14
    static let ofFiles = writeFile | readFile | truncate

    static func all(_ version: Int32) -> UInt64 {
      var all: UInt64 = (1 << 13) - 1
      if version >= 2 { all |= 1 << 13 }
      if version >= 3 { all |= truncate }
      if version >= 5 { all |= 1 << 15 }
      return all
    }
  }

  /// Enters the sandbox. Call this before any thread starts: Landlock holds only for the calling thread and those that
  /// it starts.
  ///
  /// - Throws: status 71 if the kernel can't enforce the sandbox; 70 if a thread has started; 66 if a path is missing.
  func enter() throws(CloisterError) {
    guard (try listFolder("/proc/self/task", name: "/proc/self/task")).count == 1 else {
      throw CloisterError(
        .internalError, "the sandbox can't be entered: a thread has already started; nothing was read",
        hint: "this is a bug in Cloister; please report the command and this line")
    }
    let version = csandbox_landlock_version()
    guard version >= 1 else { throw Self.withoutLandlock(errno) }
    guard csandbox_no_new_privileges() == 0 else { throw failure("the kernel refuses no-new-privileges") }
    var rules = csandbox_ruleset()
    rules.handled_access_fs = Right.all(version)
    rules.handled_access_net = version >= 4 ? 3 : 0
    rules.scoped = version >= 6 ? 3 : 0
    let size = version >= 6 ? 24 : version >= 4 ? 16 : 8
    let ruleset = unsafe csandbox_ruleset(&rules, size)
    guard ruleset >= 0 else { throw failure("the kernel refuses the rules") }
    defer { close(ruleset) }
    let known = rules.handled_access_fs
    let write =
      Right.writeFile | Right.makeFile | Right.makeFolder | Right.removeFile | Right.removeFolder | Right.truncate
    for path in readable { try allow(path, (Right.readFile | Right.readFolder) & known, in: ruleset) }
    for path in writable { try allow(path, (write | Right.readFolder) & known, in: ruleset) }
    for path in inOut { try allow(path, (write | Right.readFile | Right.readFolder) & known, in: ruleset) }
    for path in renaming { try allow(path, (Right.makeFolder | Right.removeFolder) & known, in: ruleset) }
    for path in emptying { try allow(path, (Right.removeFile | Right.removeFolder) & known, in: ruleset) }
    guard csandbox_restrict(ruleset) == 0 else { throw failure("the kernel refuses to enforce the rules") }
    guard csandbox_refuse_calls() == 0 else { throw failure("the kernel refuses the filter of system calls (seccomp)") }
  }

  /// Enters a sandbox that also allows reading the given folders of tables; does nothing if `isOpen`.
  ///
  /// - Returns: what the manifest says about the sandbox.
  /// - Throws: the errors of `enter`, and status 66 if a folder is missing.
  func entered(reading folders: [String], isOpen: Bool) throws(CloisterError) -> String {
    if isOpen { return Manifest.Sandbox.none }
    var sandbox = self
    for folder in folders {
      guard FileStatus(of: folder)?.isFolder == true else {
        throw CloisterError(
          .inputMissing, "\(harmless(folder)): no such folder",
          hint: "give the path of the folder that holds the exported tables or the counts")
      }
      sandbox.readable += Self.tables(in: folder)
    }
    try sandbox.enter()
    return Manifest.Sandbox.complete
  }

  private func allow(_ path: String, _ rights: UInt64, in ruleset: Int32) throws(CloisterError) {
    let descriptor = unsafe csandbox_open_path(path)
    guard descriptor >= 0, let status = FileStatus(of: path) else {
      throw CloisterError(
        .inputMissing, "\(harmless(path)): \(FileError.text(errno))",
        hint: "check the path and this user's permissions")
    }
    defer { close(descriptor) }
    guard csandbox_allow(ruleset, status.isFolder ? rights : rights & Right.ofFiles, descriptor) == 0 else {
      throw failure("the kernel refuses a rule")
    }
  }

  private func failure(_ what: String) -> CloisterError {
    CloisterError(
      .systemRefused, "the sandbox can't be entered: \(what); nothing was read",
      hint:
        "use a kernel with Landlock or, on a machine without any network, --no-sandbox, which the manifest will record")
  }

  /// - Parameter code: the error of the call that asks for Landlock's version.
  static func withoutLandlock(_ code: Int32) -> CloisterError {
    let inContainer =
      "the container's seccomp profile must allow the landlock_* calls: see docs/containers.md; or, if the container "
      + "has no network, use --no-sandbox, which the manifest will record"
    let (what, hint) =
      switch code {
      case EPERM, EACCES: ("the container or a security module forbids Landlock", inContainer)
      case EOPNOTSUPP:
        (
          "Landlock is turned off in this kernel",
          "add landlock to the kernel's lsm= boot parameter or, on a machine "
            + "without any network, use --no-sandbox, which the manifest will record"
        )
      default:
        (
          "this kernel has no Landlock, or an old container engine hides it",
          "use Linux 5.13 or later. In a container, \(inContainer)"
        )
      }
    return CloisterError(.systemRefused, "the sandbox can't be entered: \(what); nothing was read", hint: hint)
  }

  /// The paths to make readable: a folder of exported tables, and every link in it and in its subfolders, such as
  /// hosp/. A link needs a rule of its own, which covers what the link leads to.
  static func tables(in folder: String) -> [String] {
    func paths(in folder: String) -> [String] {
      ((try? listFolder(folder, name: folder)) ?? []).map { "\(folder)/\($0)" }
    }
    let inside = paths(in: folder)
    let all = inside + inside.filter { FileStatus(of: $0)?.isFolder == true }.flatMap(paths)
    return [folder]
      + all.filter { FileStatus(of: $0) != nil && FileStatus(of: $0, followsLinks: false)?.irregularKind != nil }
  }
}
