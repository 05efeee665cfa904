internal import Shared

/// Runs the chain of every admission that has not ended yet, so many side by side that the servers are always busy, and keeps in
/// the journal that it has ended. The order of asking changes nothing of the result.
///
/// - Parameter stop: called at the first failure, so that nothing new is sent; what is in flight is waited for and kept.
func askAll(
  _ order: [AdmissionPlace], _ chain: Chain, _ journal: Journal, ended: Set<Int>, window: Int,
  stop: () -> Void
) async throws {
  let waiting = order.filter { !ended.contains($0.number) }
  var done = ended.count
  var failure: (any Error)?
  let folding = Task { await journal.keepFolded() }
  defer { folding.cancel() }
  await withTaskGroup(of: (any Error)?.self) { group in
    var next = 0
    func begin() {
      guard next < waiting.count, failure == nil else { return }
      let place = waiting[next]
      next += 1
      group.addTask {
        do {
          try await journal.record(try await fill(place, chain).draft)
          return nil
        } catch { return error }
      }
    }
    for _ in 0..<window { begin() }
    while let end = await group.next() {
      if let error = end {
        if failure == nil { stop() }
        if failure == nil || failure is CancellationError { failure = error }
        continue
      }
      done += 1
      Console.progress("\(done) of \(order.count) admissions")
      begin()
    }
  }
  Console.endProgress()
  if let failure { throw failure }
}
