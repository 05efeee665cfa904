internal import Shared

/// Runs work that a person may stop. A signal cancels the work, which cleans up after itself; the same signal then ends
/// the program, unless the work succeeded anyway.
///
/// - Parameter cleanUp: called before a signal ends the program.
func interruptible<Result: Sendable>(
  _ work: @escaping @Sendable () async throws -> Result, cleanUp: () -> Void = {}
) async throws -> Result {
  let task = Task { try await work() }
  let signals = try HeldSignals { _ in task.cancel() }
  let outcome = await task.result
  if let signal = signals.came, case .failure = outcome {
    cleanUp()
    signal.endProgram()
  }
  return try outcome.get()
}
