package import ArgumentParser
internal import Dispatch
internal import Glibc

/// Parses the arguments, runs the command and exits with its status. This is the `main` of a program that starts no
/// thread by itself.
///
/// - Parameter program: the name that starts each error line.
package func runCommand<Root: ParsableCommand>(_ root: Root.Type, program: String) -> Never {
  crashQuietly()
  signal(SIGPIPE, SIG_IGN)
  do {
    var command = try root.parseAsRoot()
    try command.run()
  } catch { end(error, root, program) }
  exit(0)
}

/// Does the same for a program with asynchronous commands.
package func runAsyncCommand<Root: ParsableCommand & SendableMetatype>(_ root: Root.Type, program: String) -> Never {
  crashQuietly()
  signal(SIGPIPE, SIG_IGN)
  // Without threads, asynchronous work would wait for ever. An asynchronous `main` would wait before it came here.
  if !startThread({}) { report(noThread, program: program) }
  Task {
    do {
      var command = try root.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch { end(error, root, program) }
    exit(0)
  }
  dispatchMain()
}

/// What a program says if it can't go on because the system refuses a thread.
let noThread = CloisterError(
  .systemRefused, "the system refuses to start a thread",
  hint: "raise the limit on processes (ulimit -u), or update the container's engine: see docs/containers.md")

private func end<Root: ParsableCommand>(_ error: any Error, _ root: Root.Type, _ program: String) -> Never {
  if let error = error as? CloisterError { report(error, program: program) }
  if isArgumentParsers(error, root: root) { root.exit(withError: error) }
  report(
    CloisterError(
      .internalError, "an unexpected failure of type \(type(of: error))",
      hint: "this is a bug in Cloister; please report the command and this line"),
    program: program)
}

private func report(_ error: CloisterError, program: String) -> Never {
  Console.progress(nil)
  Console.note("\(program): error: \(error.what)")
  Console.note("hint: \(error.hint)")
  exit(error.status.rawValue)
}

/// Whether the error is one that the argument parser reports: a request for help or the version, or wrong arguments.
/// All other errors are ours.
private func isArgumentParsers<Root: ParsableCommand>(_ error: any Error, root: Root.Type) -> Bool {
  let code = root.exitCode(for: error)
  return code == .success || code == .validationFailure
}
