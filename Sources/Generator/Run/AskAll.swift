internal import Shared

/// Runs the chain of every unfinished block, enough of them in parallel to keep the servers busy, and records finished
/// admissions in the journal. The order of the questions does not affect the result.
///
/// - Parameters:
///   - window: the number of admissions to keep in progress, rounded up to whole blocks.
///   - stop: called at the first failure to stop new requests. Requests in flight still finish, and their answers are
///     kept.
func askAll(
  _ order: [AdmissionBlock], _ chain: Chain, _ journal: Journal, ended: Set<Int>, window: Int,
  _ progress: @escaping Progress,
  stop: () -> Void
) async throws {
  let waiting = order.filter { !$0.numbers.allSatisfy(ended.contains) }
  let total = order.reduce(0) { $0 + $1.numbers.count }
  var done = total - waiting.reduce(0) { $0 + $1.numbers.count }
  var failure: (any Error)?
  let folding = Task { await journal.keepFolded() }
  defer { folding.cancel() }
  await withTaskGroup(of: Result<Int, any Error>.self) { group in
    var next = 0
    var begun = 0
    func begin() {
      while next < waiting.count, failure == nil, begun < window {
        let block = waiting[next]
        next += 1
        begun += block.numbers.count
        group.addTask {
          do {
            try await journal.record(try await fill(block, chain).map(\.draft))
            return .success(block.numbers.count)
          } catch { return .failure(error) }
        }
      }
    }
    begin()
    while let end = await group.next() {
      switch end {
      case .success(let number):
        done += number
        begun -= number
        progress("\(done) of \(total) admissions")
        begin()
      case .failure(let error):
        if failure == nil { stop() }
        if failure == nil || failure is CancellationError { failure = error }
      }
    }
  }
  progress(nil)
  if let failure { throw failure }
}
