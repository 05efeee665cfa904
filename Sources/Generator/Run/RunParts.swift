internal import Foundation
internal import Shared

/// The parts of a run's chain, read from its folder.
struct RunParts: Sendable {
  let run: RunFolder
  let sampler: Sampler
  let book: CodeBook
  /// Everything that the sampler settles for all admissions together; nil if the model sets the margins or if
  /// planning is turned off.
  private let plan: RunPlan?
  private let templates: [String: PromptTemplate]

  /// - Parameter plans: pass false if no chain will run, to save the seconds that planning a large run takes.
  /// - Throws: status 65 if a file in the folder is damaged.
  init(_ run: RunFolder, plans: Bool = true) throws {
    self.run = run
    let statistics = run.bundle.statistics.withAllMainDiagnoses()
    sampler = try usableSampler(statistics.withWithheldCategories(), prior: try Self.prior(run))
    plan =
      plans && run.settings.variant.fixesMargins
      ? RunPlan(
        run.settings.admissions, statistics, sampler, order: Step.chain.flatMap { $0.drawn + $0.asked },
        seed: run.settings.seed) : nil
    var texts: [String: String] = [:]
    for name in try listFolder("\(run.path)/templates", name: "templates") {
      let bytes = try readFile("\(run.path)/templates/\(name)", name: name, limit: 1 << 20, refusal: .inputRefused)
      texts[name] = String(decoding: bytes, as: UTF8.self)
    }
    templates = try promptTemplates(texts)
    book = CodeBook(run.bundle.statistics.titles, sampler, dictionary: try Self.dictionary(run))
  }

  private static func prior(_ run: RunFolder) throws(CloisterError) -> CodePrior {
    guard run.settings.hasPrior else { return .builtIn }
    let name = "prior.txt"
    return try CodePrior(
      parsing: try readFile("\(run.path)/\(name)", name: name, limit: 16 << 20, refusal: .inputRefused), name: name)
  }

  private static func dictionary(_ run: RunFolder) throws(CloisterError) -> CodeTitles? {
    guard run.settings.hasDictionary else { return nil }
    let name = "dictionary.json"
    let bytes = try readFile("\(run.path)/\(name)", name: name, limit: 512 << 20, refusal: .inputRefused)
    do { return try CodeTitles(parsing: bytes, path: name) } catch {
      throw CloisterError(.inputRefused, error.text, hint: "restore the run folder from a backup")
    }
  }

  /// The blocks of admissions, in the order in which the model is asked about them; empty if no model is asked.
  func order() -> [AdmissionBlock] {
    if run.settings.model == .sampler { return [] }
    return askingOrder(
      run.settings.admissions, sampler, run.settings.variant, plan, size: plan == nil ? 1 : 32, seed: run.settings.seed)
  }

  /// The run's chain, with or without a model.
  ///
  /// - Parameter source: where to look up knowledge that the journal lacks; nil to look nothing up.
  func chain(_ model: (any LanguageModel)?, _ source: (any KnowledgeSource)?) throws -> Chain {
    let journal = run.journal
    let shelf = KnowledgeShelf(source, book, known: try journal.knowledge()) { category, text in
      try await journal.record(text, about: category)
    }
    return Chain(
      sampler: sampler, plan: plan, book: book, variant: run.settings.variant, templates: templates, knowledge: shelf,
      seed: run.settings.seed, repairs: run.settings.repairs, model: model)
  }

  /// The source of the run's knowledge.
  ///
  /// - Parameter web: what to ask a service with.
  func source(_ web: WebClient = .standard) throws -> any KnowledgeSource {
    switch run.settings.knowledge {
    case .builtIn: return try KnowledgePack.builtIn()
    case .own:
      var files: [String: [UInt8]] = [:]
      for name in try listFolder("\(run.path)/knowledge", name: "knowledge") {
        files[name] = try readFile("\(run.path)/knowledge/\(name)", name: name, limit: 1 << 20, refusal: .inputRefused)
      }
      return try KnowledgePack(files: files)
    case .medlineplus:
      let environment = ProcessInfo.processInfo.environment
      let caches = environment["XDG_CACHE_HOME"] ?? environment["HOME"].map { "\($0)/.cache" } ?? run.path
      return MedlinePlus(
        cache: "\(caches)/cloister/medlineplus", fallback: try KnowledgePack.builtIn(),
        fetch: { try await web.send(to: $0, body: nil, seconds: 30) })
    }
  }
}

/// Reads the files of the folder given with `--knowledge`; the built-in pack and MedlinePlus have none.
///
/// - Throws: status 65 if the folder has no .md file or an entry can't be used; 66 if the folder is missing.
func knowledgeFiles(
  _ option: String?
) throws(CloisterError) -> (choice: RunSettings.KnowledgeChoice, files: [String: [UInt8]]) {
  guard let option else { return (.builtIn, [:]) }
  if option == "medlineplus" { return (.medlineplus, [:]) }
  var files: [String: [UInt8]] = [:]
  for name in try listFolder(option, name: harmless(option)) where name.hasSuffix(".md") && name != "README.md" {
    files[name] = try readFile("\(option)/\(name)", name: name, limit: 1 << 20, refusal: .inputRefused)
  }
  guard !files.isEmpty else {
    throw CloisterError(
      .inputRefused, "\(harmless(option)): contains no .md file",
      hint: "write entries as knowledge/README.md shows, or leave out --knowledge to use the built-in pack")
  }
  _ = try KnowledgePack(files: files)
  return (.own, files)
}

/// Reads a price file. - Throws: status 65 if it can't be used; 66 if it can't be read.
func readPrices(_ path: String, model: String) throws(CloisterError) -> Prices {
  let name = harmless(path)
  return try Prices(try readFile(path, name: name, limit: 1 << 20, refusal: .inputRefused), name: name, model: model)
}

/// Reads a file of how often codes occur at large. - Throws: status 65 if it can't be used; 66 if it can't be read.
func priorFile(_ path: String) throws(CloisterError) -> [UInt8] {
  let name = harmless(path)
  let bytes = try readFile(path, name: name, limit: 16 << 20, refusal: .inputRefused)
  _ = try CodePrior(parsing: bytes, name: name)
  return bytes
}
