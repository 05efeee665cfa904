internal import Shared

/// Makes the tables and the reports: every admission's chain is run again, with the answers that are stored, so that the same journal
/// gives the same bytes at any time.
///
/// - Throws: status 65 where an answer is missing or the chain no longer gives what the journal says.
func writeRun(
  _ run: RunFolder, _ order: [AdmissionPlace], _ chain: Chain, in folder: borrowing OutputFolder
) async throws -> RunReport {
  let places = order.sorted { $0.number < $1.number }
  let tables = RunTables(run.bundle.statistics, chain.sampler)
  let writer = try TableWriter(tables, in: folder)
  var linker = PatientLinker(run.bundle.statistics, seed: chain.seed)
  var report = RunReport(run, substitutesMainDiagnosis: chain.sampler.substitutesMainDiagnosis)
  var start = 0
  while start < places.count {
    try Task.checkCancellation()
    let drafts = try await fillAgain(
      places[start..<min(start + PatientLinker.window, places.count)], chain, run.journal)
    let stays = linker.stays(drafts)
    report.add(stays)
    try await writer.add(stays)
    start += drafts.count
    Console.progress("tables: \(start) of \(places.count) admissions")
  }
  Console.endProgress()
  try writer.finish(in: folder)
  report.requests = try run.journal.requestCounts()
  try folder.write(Array(report.json().utf8), to: "report.json")
  try folder.write(Array(report.html().utf8), to: "report.html")
  return report
}

/// Fills drafts side by side, in the order of their numbers.
private func fillAgain(
  _ places: ArraySlice<AdmissionPlace>, _ chain: Chain, _ journal: Journal
) async throws -> [Draft] {
  let share = max(1, (places.count + 7) / 8)
  let parts = stride(from: places.startIndex, to: places.endIndex, by: share).map {
    places[$0..<min($0 + share, places.endIndex)]
  }
  let filled = try await withThrowingTaskGroup(of: (Int, [Draft]).self) { group in
    for (number, part) in parts.enumerated() {
      group.addTask {
        var drafts: [Draft] = []
        for place in part { drafts.append(try await fill(place, chain).draft) }
        return (number, drafts)
      }
    }
    var filled = [[Draft]](repeating: [], count: parts.count)
    while let (number, drafts) = try await group.next() { filled[number] = drafts }
    return filled.flatMap(\.self)
  }
  if chain.model == nil { try await journal.record(filled) } else { try journal.compare(filled) }
  return filled
}
