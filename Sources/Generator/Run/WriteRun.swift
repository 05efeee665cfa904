internal import Shared

/// Makes the tables and the reports. Every chain runs again with the stored answers, so the same journal always gives
/// the same bytes.
///
/// - Throws: `Unanswered` if an answer is missing; status 70 if a chain no longer gives the draft in the journal.
func writeRun(
  _ run: RunFolder, _ order: [AdmissionBlock], _ chain: Chain, in folder: borrowing OutputFolder, _ progress: Progress
) async throws -> RunReport {
  if chain.model != nil { try await fillAgain(order, chain, run.journal) }
  let statistics = run.bundle.statistics
  let writer = try TableWriter(.mimic(statistics.schema, in: "tables/"), in: folder)
  var linker = PatientLinker(statistics, seed: chain.seed)
  var report = RunReport(run, substitutesMainDiagnosis: chain.sampler.substitutesMainDiagnosis)
  for numbers in PatientLinker.windows(of: run.settings.admissions) {
    try Task.checkCancellation()
    let drafts = try await chain.model == nil ? sample(numbers, chain, run.journal) : run.journal.drafts(numbers)
    let stays = linker.stays(drafts)
    report.add(stays)
    try await writer.add(stays)
    progress("tables: \(numbers.upperBound) of \(run.settings.admissions) admissions")
  }
  progress(nil)
  report.tables = try writer.finish(in: folder, statistics.titles, chain.book)
  report.requests = try run.journal.requestCounts()
  try folder.write(Array(report.json().utf8), to: "report.json")
  try folder.write(Array(report.html().utf8), to: "report.html")
  let (provenance, dictionary) = (
    run.settings.provenance, DataDictionary(schema: statistics.schema, filled: writer.filled)
  )
  try folder.write(Array(runReadme(provenance, statistics.schema).utf8), to: "README.md")
  try folder.write(dictionary.csv(), to: "data-dictionary.csv")
  try folder.write(Array(croissant(provenance, dictionary, report.tables).formatted().utf8), to: "croissant.json")
  return report
}

/// Runs all chains again, compares their drafts with those in the journal, and records any that are missing there.
private func fillAgain(_ order: [AdmissionBlock], _ chain: Chain, _ journal: Journal) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    for (place, block) in order.enumerated() {
      if place >= 16 { try await group.next() }
      group.addTask {
        let drafts = try await fill(block, chain).map(\.draft)
        try journal.compare(drafts)
        try await journal.record(drafts)
      }
    }
    try await group.waitForAll()
  }
}

/// Draws, in parallel, the drafts of a run that asks no model, and records them.
private func sample(_ numbers: Range<Int>, _ chain: Chain, _ journal: Journal) async throws -> [Draft] {
  let blocks = numbers.shares.enumerated().map { AdmissionBlock(place: $0, numbers: Array($1)) }
  let drafts = try await withThrowingTaskGroup(of: (Int, [Draft]).self) { group in
    for block in blocks { group.addTask { (block.place, try await fill(block, chain).map(\.draft)) } }
    var filled = [[Draft]](repeating: [], count: blocks.count)
    while let (place, drafts) = try await group.next() { filled[place] = drafts }
    return filled.flatMap(\.self)
  }
  try await journal.record(drafts)
  return drafts
}
