internal import CSandbox
internal import Dispatch
internal import Glibc
internal import Shared
internal import Synchronization

/// One thing that the sandbox must refuse, and whether it did.
struct SandboxTrial: Sendable {
  let what: String
  let isRefused: Bool
}

/// Enters the sandbox as `extract` does, then tries everything that the sandbox must refuse, on this thread and on
/// another.
///
/// - Parameters:
///   - input: a folder of tables. No table is changed; if the sandbox fails, the folder gets an empty `.sandbox-trial`.
///   - output: an empty folder to write into.
func trySandbox(input: String, output: String) throws(CloisterError) -> [SandboxTrial] {
  let before = csandbox_try_socket(2, 1)
  let file = try listFolder(input, name: harmless(input)).first {
    FileStatus(of: "\(input)/\($0)")?.isRegular == true
  }
  try Sandbox(readable: Sandbox.tables(in: input), writable: [output]).enter()
  let trials = trials(input: input, file: file, output: output, socket: before, "")
  let others = Mutex<[SandboxTrial]>([])
  let ended = DispatchSemaphore(value: 0)
  let isStarted = startThread {
    let found = Extractor.trials(
      input: input, file: file, output: output, socket: before, ", on another thread")
    others.withLock { $0 = found }
    ended.signal()
  }
  if isStarted { ended.wait() }
  return trials + others.withLock { $0 }
}

private func trials(input: String, file: String?, output: String, socket: Int32, _ place: String) -> [SandboxTrial] {
  func refused(_ result: Int32, _ codes: Int32...) -> Bool { result < 0 && codes.contains(errno) }
  func opening(_ path: String, _ flags: Int32) -> Int32 { unsafe open(path, flags | O_CLOEXEC, 0o600) }
  let calls: [(String, () -> Bool)] = [
    ("opening a TCP socket", { refused(csandbox_try_socket(2, 1), EPERM) }),
    ("opening a UDP socket", { refused(csandbox_try_socket(2, 2), EPERM) }),
    ("opening an IPv6 socket", { refused(csandbox_try_socket(10, 1), EPERM) }),
    ("opening a Unix socket", { refused(csandbox_try_socket(1, 1), EPERM) }),
    ("opening a netlink socket", { refused(csandbox_try_socket(16, 3), EPERM) }),
    ("connecting a socket opened before", { refused(csandbox_try_connect(socket), EPERM) }),
    ("io_uring", { refused(csandbox_try_uring(), EPERM) }),
    ("tracing a process", { refused(csandbox_try_trace(), EPERM) }),
    ("starting a program", { refused(csandbox_try_program(), EPERM) }),
    ("reading a file outside the input", { refused(opening("/etc/passwd", O_RDONLY), EACCES) }),
    ("listing a folder outside the input", { refused(opening("/", O_RDONLY | O_DIRECTORY), EACCES) }),
    (
      "creating a file in the input",
      { refused(opening("\(input)/.sandbox-trial", O_WRONLY | O_CREAT | O_EXCL), EACCES) }
    ),
    (
      "creating a file elsewhere",
      { refused(opening("/tmp/.cloister-sandbox-trial", O_WRONLY | O_CREAT | O_EXCL), EACCES) }
    ),
    (
      "reading a file just written",
      {
        let path = "\(output)/trial"
        let made = opening(path, O_WRONLY | O_CREAT)
        if made < 0 { return false }
        close(made)
        return refused(opening(path, O_RDONLY), EACCES)
      }
    ),
  ]
  let writing = file.map { file in
    ("writing to a table in the input", { refused(opening("\(input)/\(file)", O_WRONLY | O_APPEND), EACCES) })
  }
  return (calls + (writing.map { [$0] } ?? [])).map { SandboxTrial(what: $0.0 + place, isRefused: $0.1()) }
}
