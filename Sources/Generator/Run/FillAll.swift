internal import Shared

/// Runs the chain for every admission, some side by side; stores each in the journal and in the tables as it ends.
func fillAll(
  _ options: GenerationOptions, _ chain: Chain, _ journal: Journal, _ tables: RunTables, _ writer: TableWriter,
  _ report: inout RunReport
) async throws {
  var waiting: [FinishedAdmission] = []
  var finished = 0
  try await withThrowingTaskGroup(of: FinishedAdmission.self) { group in
    var next = 0
    while next < min(options.concurrency, options.admissions) {
      group.addTask { [next] in try await finish(next, chain, tables) }
      next += 1
    }
    while let result = try await group.next() {
      try Task.checkCancellation()
      report.add(result.draft, result.calls)
      try writer.add(result.draft.number, result.rows)
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
        group.addTask { [next] in try await finish(next, chain, tables) }
        next += 1
      }
    }
  }
  try await journal.record(waiting)
  Console.endProgress()
}

/// An admission with everything that is kept of it.
struct FinishedAdmission: Sendable {
  let draft: Draft
  /// The draft as the journal keeps it.
  let record: String
  let calls: [Call]
  let rows: [TableChunk]
}

private func finish(_ number: Int, _ chain: Chain, _ tables: RunTables) async throws -> FinishedAdmission {
  let (draft, calls) = try await fill(number, chain)
  return FinishedAdmission(
    draft: draft, record: draft.json.compact(), calls: calls, rows: tables.chunks(Stay(draft, seed: chain.seed)))
}
