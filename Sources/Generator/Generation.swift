internal import Shared

/// The settings of a new run.
struct GenerationOptions: Sendable {
  let bundle: String
  let trust: Trust
  /// The file that remembers accepted releases; nil for the default file.
  let memory: String?
  let admissions: Int
  let run: String
  let model: RunSettings.ModelChoice
  let variant: Variant
  /// A folder of the user's own texts, the word `medlineplus`, or nil for the built-in pack.
  let knowledge: String?
  /// A folder of the user's own templates, or nil for the built-in ones.
  let templates: String?
  /// Dictionaries of codes that the model may choose in addition to the bundle's.
  let dictionaries: [String]
  let seed: UInt64
  let repairs: Int
  /// When the run was created, in UTC: `2026-01-31T12:00:00Z`.
  let created: String
}

/// The settings of one session of a run, which may differ from session to session.
struct SessionOptions: Sendable {
  /// The servers of this session; nil for those in `run.json`.
  var urls: [String]?
  /// The API key: sent as a bearer token, never logged or stored.
  var key: String?
  var concurrency = 4
  var timeout = 300.0
  var patience = 1800.0
  var limits = Limits()
  var prices: String?
  /// Receives the estimate; returning false stops the session before anything is sent.
  var confirm: @Sendable (Estimate) -> Bool = { _ in true }
}

/// Starts a run: opens the bundle, checks that admissions can be made from it, and creates a folder with everything
/// that the run needs.
///
/// - Returns: the run's folder, and a note about the bundle for the user, or nil if there is no note.
func beginRun(_ options: GenerationOptions) throws -> (run: RunFolder, note: String?) {
  try requireNothing(at: options.run)
  let (bundle, note) = try acceptedBundle(options.bundle, options.trust, memory: options.memory)
  _ = try usableSampler(bundle.statistics)
  let dictionary =
    try options.dictionaries.isEmpty
    ? nil : readDictionaries(options.dictionaries, bundle.statistics.schema)
  let knowledge = try knowledgeFiles(options.knowledge)
  let settings = RunSettings(
    bundle: bundle.digest, site: bundle.manifest.site, guarantee: bundle.manifest.guarantee,
    schema: bundle.statistics.schema.rawValue, admissions: options.admissions, model: options.model,
    variant: options.variant, knowledge: knowledge.choice, hasDictionary: dictionary != nil, seed: options.seed,
    repairs: options.repairs, generator: RunFolder.generator, created: options.created)
  let run = try RunFolder(
    creating: options.run, settings,
    RunFolder.Contents(
      bundle: bundle, templates: try templateTexts(from: options.templates), knowledge: knowledge.files,
      dictionary: dictionary))
  return (run, note)
}

/// Takes a run from start to end: plan → ask → check → write. Questions answered in earlier sessions are not asked
/// again.
///
/// - Returns: the report; nil if the user declined the estimate.
func work(
  on run: RunFolder, _ session: SessionOptions, _ progress: @escaping Progress
) async throws -> RunReport? {
  let parts = try RunParts(run)
  let order = parts.order()
  if case .servers(let name, let urls) = run.settings.model {
    let asked = try run.journal.progress()
    let prices = try session.prices.map { path throws(CloisterError) in try readPrices(path, model: name) }
    guard session.confirm(try await estimate(run, parts, order, prices)) else { return nil }
    let (spent, requests) = try run.journal.spent()
    let spending = Spending(session.limits, prices, spent: spent, requests: requests)
    let settings = ServerSettings(
      urls: session.urls ?? urls, modelName: name, key: session.key, concurrency: session.concurrency,
      timeout: session.timeout, patience: session.patience)
    let servers = try ChatCompletions(
      settings, run.journal, spending, hasAnswered: !asked.answered.isEmpty)
    let model = StoredAnswers(run.journal, answered: asked.answered, next: servers)
    let window = max(64, 4 * session.concurrency)
    try await askAll(
      order, try parts.chain(model, parts.source()), run.journal, ended: asked.ended, window: window,
      progress, stop: servers.stop)
  }
  return try await rebuild(run, parts, order, progress)
}

/// Makes a run's tables and reports from its journal.
///
/// - Throws: status 65 if any admission is unfinished.
func rebuild(
  _ run: RunFolder, _ parts: RunParts, _ order: [AdmissionBlock], _ progress: @escaping Progress
) async throws -> RunReport {
  let model =
    run.settings.model == .sampler
    ? nil : StoredAnswers(run.journal, answered: try run.journal.progress().answered, next: nil)
  let chain = try parts.chain(model, nil)
  var report: RunReport?
  do {
    try await run.publish { folder in report = try await writeRun(run, order, chain, in: folder, progress) }
  } catch let missing as Unanswered {
    throw CloisterError(
      .inputRefused, "admission \(missing.prompts[0].admission): a question has no answer yet",
      hint: "finish the run first with resume, or with batch export and batch import")
  }
  guard let report else { preconditionFailure("publish runs its work") }
  return report
}
