internal import Shared

/// Runs the chain for every admission, some side by side, and stores each in the journal as it ends.
///
/// - Returns: the finished drafts by number.
func fillAll(
  _ options: GenerationOptions, _ chain: Chain, _ journal: Journal, _ report: inout RunReport
) async throws -> [Draft] {
  var drafts: [Draft?] = Array(repeating: nil, count: options.admissions)
  var waiting: [(draft: Draft, calls: [Call])] = []
  var finished = 0
  try await withThrowingTaskGroup(of: (draft: Draft, calls: [Call]).self) { group in
    var next = 0
    while next < min(options.concurrency, options.admissions) {
      group.addTask { [next] in try await fill(next, chain) }
      next += 1
    }
    while let result = try await group.next() {
      try Task.checkCancellation()
      drafts[result.draft.number] = result.draft
      report.add(result.draft, result.calls)
      waiting.append(result)
      finished += 1
      if chain.model != nil || waiting.count == 1000 {
        try await journal.record(waiting)
        waiting = []
      }
      if chain.model != nil || finished % 100 == 0 {
        Console.progress("\(finished) of \(options.admissions) admissions")
      }
      if next < options.admissions {
        group.addTask { [next] in try await fill(next, chain) }
        next += 1
      }
    }
  }
  try await journal.record(waiting)
  Console.endProgress()
  return drafts.compactMap { $0 }
}
