internal import Shared

/// Everything needed to fill the chain's steps; it is the same for all admissions of a run.
struct Chain: Sendable {
  let sampler: Sampler
  /// Everything that the sampler settled for all admissions together; nil if the model sets the margins.
  let plan: RunPlan?
  let book: CodeBook
  let variant: Variant
  let templates: [String: PromptTemplate]
  let knowledge: KnowledgeShelf
  let seed: UInt64
  /// How often the model may correct a refused answer before the sampler takes over.
  var repairs: Int
  /// The model to ask; if nil, the sampler settles every step.
  let model: (any LanguageModel)?
  /// Hears every exchange with the model.
  var listen: (@Sendable (Call) -> Void)?
  /// Hears about every question whose answers have all been checked; may throw to stop the run.
  var judge: (@Sendable (Judgement) async throws -> Void)?
}

/// Who answered a question in the end.
struct Judgement: Equatable, Sendable {
  let admission: Int
  let step: String
  /// `model`, `repaired` or `fallback`.
  let origin: Draft.Origin
  /// Why the last refused answer was refused; nil if none was.
  let refusal: String?
}

/// An admission that is being filled.
struct Filling: Sendable {
  var draft: Draft
  /// The draft that the plan settled beforehand; nil without a plan.
  let planned: Draft?
  var calls: [Call] = []
}

/// Runs the chain for a block of admissions; all of them finish a step before any begins the next. The result depends
/// only on the chain, the block and the model's answers, not on what runs at the same time.
///
/// - Returns: the finished draft and every exchange with the model, for each of the block's numbers.
/// - Throws: `Unanswered` with all questions that have no answer.
func fill(_ block: AdmissionBlock, _ chain: Chain) async throws -> [Filling] {
  var fillings = block.numbers.map { Filling(draft: Draft(number: $0), planned: chain.plan?.draft($0)) }
  for (index, step) in Step.chain.enumerated() {
    let asked = step.asked(chain.variant).filter(chain.sampler.knows)
    let sharesCodes = chain.model != nil && chain.plan != nil && !asked.isEmpty
    let stock = sharesCodes ? Stock(fillings, asked, chain.sampler) : nil
    let step = BlockStep(step: step, index: index, asked: asked, stock: stock, block: block, chain: chain)
    if chain.model == nil || asked.isEmpty && !step.namesGroups {
      for place in fillings.indices { step.settleBySampler(&fillings[place]) }
      continue
    }
    fillings = try await ask(step, fillings)
    if let stock { stock.balance(&fillings, step.step, chain) }
  }
  return fillings
}

/// Asks about a step for all admissions of a block concurrently.
private func ask(_ step: BlockStep, _ fillings: [Filling]) async throws -> [Filling] {
  let results = await withTaskGroup(of: Asked.self) { group in
    for (place, filling) in fillings.enumerated() {
      group.addTask {
        do {
          return Asked(place: place, filling: try await step.settle(filling))
        } catch { return Asked(place: place, failure: error) }
      }
    }
    var results: [Asked] = []
    for await result in group { results.append(result) }
    return results.sorted { $0.place < $1.place }
  }
  var unanswered: [Prompt] = []
  for error in results.compactMap(\.failure) {
    guard let missing = error as? Unanswered else { throw error }
    unanswered += missing.prompts
  }
  if !unanswered.isEmpty { throw Unanswered(prompts: unanswered) }
  return results.compactMap(\.filling)
}

/// The outcome of asking about one admission of a block.
private struct Asked: Sendable {
  let place: Int
  var filling: Filling?
  var failure: (any Error)?
}
