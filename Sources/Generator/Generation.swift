internal import Shared

/// The settings of a new run.
struct GenerationOptions: Sendable {
  let bundle: String
  let trust: Trust
  /// The largest `statistics.json` to read, in MiB.
  var mostStatistics = BundleLayout.usualStatistics
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
  /// The user's own numbers of how often codes occur at large; nil for the built-in ones.
  var prior: String?
  let seed: UInt64
  let repairs: Int
  /// When the run was created, in UTC: `2026-01-31T12:00:00Z`.
  let created: String
}

/// The settings of one session of a run, which may differ from session to session.
struct SessionOptions: Sendable {
  /// The servers of this session; nil for those in `run.json`.
  var urls: [String]?
  /// The API key, never logged or stored.
  var key: String?
  /// The header that holds the bare key; nil for the one of earlier sessions or, in the first, a bearer token.
  var keyHeader: String?
  var web = WebClient.standard
  /// What the user says about the servers; the probe finds the rest.
  var dialect = DialectOptions()
  var concurrency = 4
  var timeout = 300.0
  var patience = 1800.0
  /// The largest share of questions that the sampler may have to answer because the model's answers are refused.
  var mostRefused = 0.2
  var limits = Limits()
  var prices: String?
  /// Receives the estimate; returning false stops the session before anything is sent.
  var confirm: @Sendable (Estimate) -> Bool = { _ in true }
  /// Receives notes for the person who is watching.
  var note: @Sendable (String) -> Void = { _ in }
}

/// Starts a run: opens the bundle, checks that admissions can be made from it, and creates a folder with everything
/// that the run needs.
///
/// - Returns: the run's folder, and a note about the bundle for the user, or nil if there is no note.
func beginRun(_ options: GenerationOptions) throws -> (run: RunFolder, note: String?) {
  try requireNothing(at: options.run)
  let (bundle, note) = try acceptedBundle(
    options.bundle, options.trust, memory: options.memory, mostStatistics: options.mostStatistics)
  _ = try usableSampler(bundle.statistics)
  let dictionary =
    try options.dictionaries.isEmpty
    ? nil : readDictionaries(options.dictionaries, bundle.statistics.schema)
  let knowledge = try knowledgeFiles(options.knowledge)
  let prior = try options.prior.map(priorFile)
  let settings = RunSettings(
    bundle: bundle.digest, site: bundle.manifest.site, guarantee: bundle.manifest.guarantee,
    schema: bundle.statistics.schema.rawValue, admissions: options.admissions, model: options.model,
    variant: options.variant, knowledge: knowledge.choice, hasDictionary: dictionary != nil, hasPrior: prior != nil,
    seed: options.seed,
    repairs: options.repairs, generator: RunFolder.generator, created: options.created)
  let run = try RunFolder(
    creating: options.run, settings,
    RunFolder.Contents(
      bundle: bundle, templates: try templateTexts(from: options.templates), knowledge: knowledge.files,
      dictionary: dictionary, prior: prior))
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
    if asked.ended.count < run.settings.admissions {
      let settings = try await probed(run, session, name: name, urls: session.urls ?? urls, spending)
      let servers = try ChatCompletions(settings, run.journal, spending, hasAnswered: true)
      let limit = RefusalLimit(session.mostRefused, run, next: servers)
      let model = StoredAnswers(run.journal, answered: asked.answered, next: limit)
      var chain = try parts.chain(model, parts.source(session.web))
      chain.judge = limit.judge
      try await askAll(
        order, chain, run.journal, ended: asked.ended, window: max(64, 4 * session.concurrency), progress,
        stop: servers.stop)
    }
    try checkRefusals(run, most: session.mostRefused)
  }
  return try await rebuild(run, parts, order, progress)
}

/// How to reach the servers of a session. A probe finds out how they want to be asked, unless an earlier session did.
private func probed(
  _ run: RunFolder, _ session: SessionOptions, name: String, urls: [String], _ spending: Spending
) async throws -> ServerSettings {
  let stored = try run.journal.dialect(of: urls)
  var settings = ServerSettings(
    urls: urls, modelName: name, key: session.key, keyHeader: session.keyHeader ?? stored?.keyHeader,
    concurrency: session.concurrency, timeout: session.timeout, patience: session.patience, web: session.web)
  for proxy in Set(try urls.map(serverAddress).compactMap(session.web.proxy)).inByteOrder() {
    session.note("note: requests to the model go through the proxy \(proxy)")
  }
  if let stored, session.dialect.isEmpty, settings.keyHeader == stored.keyHeader {
    settings.dialect = try Dialect(stored.text)
    return settings
  }
  let result = try await Probe(
    settings: settings, options: session.dialect, journal: run.journal, spending: spending
  ).run()
  result.lines.forEach(session.note)
  settings.dialect = result.dialect
  try await run.journal.recordDialect(result.dialect.text, of: urls, keyHeader: settings.keyHeader)
  return settings
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
