internal import Dispatch
internal import Glibc
internal import Synchronization

/// Runs work that a person may stop: SIGINT or SIGTERM cancels it, it cleans up after itself, and the program then ends
/// by the same signal, as a shell expects.
func interruptible<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
  let task = Task { try await work() }
  let stop = StopSignal()
  let sources = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      stop.number.store(number, ordering: .relaxed)
      task.cancel()
    }
    source.resume()
    return source
  }
  defer { for source in sources { source.cancel() } }
  let outcome = await task.result
  let number = stop.number.load(ordering: .relaxed)
  if number != 0, case .failure = outcome { end(by: number) }
  return try outcome.get()
}

/// Ends the program by a signal. It is let through first, since threads that Swift makes block it.
private func end(by number: Int32) {
  signal(number, SIG_DFL)
  var only = sigset_t()
  unsafe sigemptyset(&only)
  unsafe sigaddset(&only, number)
  unsafe pthread_sigmask(SIG_UNBLOCK, &only, nil)
  raise(number)
}

/// The signal that came; 0: none.
private final class StopSignal: Sendable {
  let number = Atomic<Int32>(0)
}
