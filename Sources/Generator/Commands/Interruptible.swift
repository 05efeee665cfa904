internal import Shared

/// Runs work that a person may stop: a signal cancels it, it cleans up after itself, and the program then ends by the same
/// signal.
///
/// - Parameter cleanUp: called before the program ends by a signal.
func interruptible<Result: Sendable>(
  _ work: @escaping @Sendable () async throws -> Result, cleanUp: () -> Void = {}
) async throws -> Result {
  let task = Task { try await work() }
  let signals = HeldSignals { _ in task.cancel() }
  let outcome = await task.result
  if let signal = signals.came, case .failure = outcome {
    cleanUp()
    signal.endProgram()
  }
  return try outcome.get()
}
