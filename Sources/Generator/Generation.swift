internal import Shared

/// What a run is told to do.
struct GenerationOptions: Sendable {
  let bundle: String
  let trust: Trust
  /// The file that remembers accepted releases; nil: the usual one.
  let memory: String?
  let admissions: Int
  let run: String
  /// nil: the sampler.
  let model: (any LanguageModel)?
  /// How the run folder names the model.
  let modelName: String
  let seed: UInt64
  /// Admissions in work at the same time.
  let concurrency: Int
  /// UTC, `2026-01-31T12:00:00Z`.
  let created: String
}

/// The generator's whole way, open → plan → ask → check → write. The run folder appears when all admissions are there.
func generate(_ options: GenerationOptions) async throws -> RunReport {
  let bundle = try acceptedBundle(options.bundle, options.trust, memory: options.memory)
  let sampler = try plan(bundle.statistics)
  let folder = try OutputFolder(options.run)
  try folder.write(runRecord(options, bundle), to: "run.json")
  let journal = try Journal(creating: "\(folder.aside)/journal.sqlite")
  let chain = Chain(statistics: bundle.statistics, sampler: sampler, model: options.model, seed: options.seed)
  var report = RunReport(
    admissions: options.admissions, model: options.modelName, bundle: bundle,
    substitutesMainDiagnosis: sampler.substitutesMainDiagnosis)
  let tables = RunTables(bundle.statistics, sampler)
  let writer = try TableWriter(tables, in: folder)
  try await fillAll(options, chain, journal, tables, writer, &report)
  try journal.close()
  try writer.finish(in: folder)
  try folder.write(Array(report.json().utf8), to: "report.json")
  try folder.write(Array(report.html().utf8), to: "report.html")
  try folder.publish()
  return report
}

/// Makes the sampler that plans every admission.
///
/// - Throws: status 65 where the bundle has no diagnosis to begin a chain with.
func plan(_ statistics: Statistics) throws(CloisterError) -> Sampler {
  let sampler = Sampler(statistics)
  guard sampler.knows(.mainDiagnosis) else {
    throw CloisterError(
      .inputRefused, "statistics.json: no table publishes a diagnosis, so that no chain can begin",
      hint: "ask the hospital for a policy that releases main-diagnosis or diagnosis, over enough patients")
  }
  return sampler
}

/// `run.json`: what the run was told and from which bundle.
private func runRecord(_ options: GenerationOptions, _ bundle: VerifiedBundle) -> [UInt8] {
  Array(
    JSONValue.object([
      JSONMember("type", "cloister/run"), JSONMember("format", 1), JSONMember("bundle", .string(bundle.digest)),
      JSONMember("site", .string(bundle.manifest.site)), JSONMember("guarantee", .string(bundle.manifest.guarantee)),
      JSONMember("schema", .string(bundle.statistics.schema.rawValue)),
      JSONMember("admissions", .integer(options.admissions)), JSONMember("model", .string(options.modelName)),
      JSONMember("seed", .string("\(options.seed)")), JSONMember("concurrency", .integer(options.concurrency)),
      JSONMember("generator", .string("cloister-generator \(cloisterVersion)")),
      JSONMember("created", .string(options.created)),
    ]).formatted().utf8)
}
