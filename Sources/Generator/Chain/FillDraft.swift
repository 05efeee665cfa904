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
    let names = chain.plan != nil && step.asked.contains(.mainDiagnosis)
    if chain.model == nil || asked.isEmpty && !names {
      for place in fillings.indices { settleBySampler(step, index, asked, &fillings[place], chain) }
      continue
    }
    let stock = chain.plan == nil || asked.isEmpty ? nil : Stock(fillings, asked, chain.sampler)
    fillings = try await askAbout(fillings, step, index, asked, stock, block, chain)
    if let stock { stock.balance(&fillings, step, chain) }
  }
  return fillings
}

/// Asks about a step for all admissions of a block concurrently.
private func askAbout(
  _ fillings: [Filling], _ step: Step, _ index: Int, _ asked: [Attribute], _ stock: Stock?, _ block: AdmissionBlock,
  _ chain: Chain
) async throws -> [Filling] {
  let results = await withTaskGroup(of: Asked.self) { group in
    for (place, filling) in fillings.enumerated() {
      group.addTask {
        do {
          return Asked(place: place, filling: try await settle(step, index, asked, filling, stock, block, chain))
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

private func settleBySampler(
  _ step: Step, _ index: Int, _ asked: [Attribute], _ filling: inout Filling, _ chain: Chain
) {
  var random = chain.random(filling, index)
  chain.settle(step.drawn(chain.variant) + asked, &filling, &random)
  filling.draft.origins[step.name] = .sampler
}

/// Settles the attributes of a step. The model is asked first, and again with the reason if its answer is refused. If
/// every answer is refused, the sampler takes over.
private func settle(
  _ step: Step, _ index: Int, _ asked: [Attribute], _ filling: Filling, _ stock: Stock?, _ block: AdmissionBlock,
  _ chain: Chain
) async throws -> Filling {
  var filling = filling
  // The model names a planned group of main diagnoses.
  let group = asked.isEmpty ? filling.planned?.categories[.mainDiagnosis] : nil
  let isNamed = group.map { CodeGroups.isGroup($0, .mainDiagnosis) } ?? false
  if asked.isEmpty, !isNamed {
    settleBySampler(step, index, [], &filling, chain)
    return filling
  }
  let asked = isNamed ? [.mainDiagnosis] : asked
  var random = chain.random(filling, index)
  chain.settle(step.drawn(chain.variant).filter { !asked.contains($0) }, &filling, &random)
  var expected = filling.draft
  for attribute in asked { chain.draw(attribute, &expected, filling.planned, &random) }
  guard let model = chain.model,
    let (question, knowledge) = try await ask(
      step, asked, isNamed ? group : nil, filling, expected, stock, block, chain, &random)
  else {
    filling.draft.take(expected, asked, .sampler)
    filling.draft.origins[step.name] = .sampler
    return filling
  }
  var complaint: Complaint?
  for attempt in 1...(1 + chain.repairs) {
    let prompt = Prompt(
      admission: filling.draft.number, attempt: attempt, question: question, complaint: complaint, knowledge: knowledge)
    let answer = try await model.answer(prompt)
    let verdict = check(answer, to: question, about: filling.draft, chain.book)
    var refusal: String?
    if case .refused(let reason) = verdict {
      refusal = reason
      complaint = Complaint(reason: reason, echo: echo(answer, to: question, chain.book))
    }
    filling.calls.append(Call(prompt: prompt, answer: answer, refusal: refusal))
    chain.listen?(filling.calls[filling.calls.count - 1])
    guard case .accepted(let choices) = verdict else { continue }
    let origin = attempt == 1 ? Draft.Origin.model : .repaired
    filling.draft.settle(choices)
    let fields = Set(question.fields.map(\.attribute))
    filling.draft.take(expected, asked.filter { !fields.contains($0) }, .sampler)
    if stock == nil {
      for attribute in fields.sorted() {
        filling.draft.count(attribute, origin, filling.draft.number(of: attribute))
        chain.countMembers(attribute, &filling.draft, origin)
      }
    }
    filling.draft.origins[step.name] = origin
    try await chain.judge?(
      Judgement(admission: filling.draft.number, step: step.name, origin: origin, refusal: complaint?.reason))
    return filling
  }
  filling.draft.take(expected, asked, .fallback)
  filling.draft.origins[step.name] = .fallback
  try await chain.judge?(
    Judgement(admission: filling.draft.number, step: step.name, origin: .fallback, refusal: complaint?.reason))
  return filling
}

private func ask(
  _ step: Step, _ asked: [Attribute], _ group: String?, _ filling: Filling, _ expected: Draft, _ stock: Stock?,
  _ block: AdmissionBlock, _ chain: Chain,
  _ random: inout SeededRandom
) async throws -> (Question, KnowledgeText?)? {
  guard let template = chain.templates[step.name] else { return nil }
  let draft = filling.draft
  var knowledge: KnowledgeText?
  if chain.variant.tellsKnowledge, let topic = step.topic, let main = draft.categories[.mainDiagnosis] {
    knowledge = try await chain.knowledge.text(about: main)?.part(for: topic)
  }
  let context = QuestionContext(
    sampler: chain.sampler, book: chain.book, variant: chain.variant, asked: asked, group: group,
    taken: filling.planned?.codes[.diagnosis] ?? [],
    stock: stock?.candidates(of: draft.number), seed: chain.seed,
    rotation: block.place / max(1, neighbours / max(1, block.numbers.count)), knowledge: knowledge)
  let seed = Int(random.next() >> 33)
  return question(step, template, about: draft, expected: expected, context, seed: seed).map { ($0, knowledge) }
}

extension Chain {
  fileprivate func random(_ filling: Filling, _ step: Int) -> SeededRandom {
    SeededRandom(seed: seed, .step(step), of: filling.draft.number)
  }

  /// Lets the sampler settle attributes, and counts them as the sampler's choices.
  fileprivate func settle(_ attributes: [Attribute], _ filling: inout Filling, _ random: inout SeededRandom) {
    for attribute in attributes where sampler.knows(attribute) {
      draw(attribute, &filling.draft, filling.planned, &random)
      filling.draft.count(attribute, .sampler, filling.draft.number(of: attribute))
    }
  }

  /// Settles an attribute as planned, or draws it if there is no plan.
  fileprivate func draw(
    _ attribute: Attribute, _ draft: inout Draft, _ planned: Draft?, _ random: inout SeededRandom
  ) {
    if let planned {
      draft.categories[attribute] = planned.categories[attribute]
      draft.codes[attribute] = planned.codes[attribute]
    } else {
      sampler.draw(attribute, &draft, &random)
    }
    nameGroups(attribute, &draft, planned)
  }
}

extension Draft {
  /// The number of categories or codes settled for an attribute.
  func number(of attribute: Attribute) -> Int {
    attribute.isMultiValued ? codes[attribute]?.count ?? 0 : categories[attribute] == nil ? 0 : 1
  }

  /// Copies the attributes that the sampler drew.
  fileprivate mutating func take(_ drawn: Draft, _ attributes: [Attribute], _ origin: Origin) {
    for attribute in attributes {
      categories[attribute] = drawn.categories[attribute]
      codes[attribute] = drawn.codes[attribute]
      count(attribute, origin, number(of: attribute))
      members[attribute] = drawn.members[attribute].map { [origin: $0.values.reduce(0, +)] }
    }
  }
}
