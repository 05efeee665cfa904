internal import Shared

/// What fills the chain's steps, the same for all admissions of a run.
struct Chain: Sendable {
  let sampler: Sampler
  let book: CodeBook
  let variant: Variant
  let templates: [String: PromptTemplate]
  let knowledge: KnowledgeShelf
  let seed: UInt64
  /// Answers that may be refused before the sampler fills in, beside the first.
  let repairs: Int
  /// nil: the sampler settles every step.
  let model: (any LanguageModel)?

  /// The same with one question a step.
  var withoutRepairs: Chain {
    Chain(
      sampler: sampler, book: book, variant: variant, templates: templates, knowledge: knowledge, seed: seed,
      repairs: 0, model: model)
  }
}

/// An admission's place in a run.
struct AdmissionPlace: Equatable, Sendable {
  let number: Int
  /// Neighbours in the order of asking share it; see `menu`.
  let rotation: Int
}

/// Runs the chain for one admission. The result depends on the seed, the place and the model's answers alone, not on what
/// runs beside it.
///
/// - Returns: the finished draft and every exchange with the model.
func fill(_ place: AdmissionPlace, _ chain: Chain) async throws -> (draft: Draft, calls: [Call]) {
  var draft = Draft(number: place.number)
  var calls: [Call] = []
  for (index, step) in Step.chain.enumerated() {
    var random = SeededRandom(seed: chain.seed, stream: UInt64(place.number), 100 + UInt64(index))
    for attribute in step.drawn(chain.variant) where chain.sampler.knows(attribute) {
      chain.sampler.draw(attribute, &draft, &random)
      draft.count(attribute, .sampler, draft.number(of: attribute))
    }
    draft.origins[step.name] = try await settle(step, &draft, place, chain, &random, &calls)
  }
  return (draft, calls)
}

/// Settles what a step asks: by the model, again with the reason of a refusal, or at last by the sampler.
private func settle(
  _ step: Step, _ draft: inout Draft, _ place: AdmissionPlace, _ chain: Chain, _ random: inout SeededRandom,
  _ calls: inout [Call]
) async throws -> Draft.Origin {
  let asked = step.asked(chain.variant).filter(chain.sampler.knows)
  var expected = draft
  for attribute in asked { chain.sampler.draw(attribute, &expected, &random) }
  guard let model = chain.model,
    let (question, knowledge) = try await ask(step, draft, expected, place, chain, &random)
  else {
    draft.take(expected, asked, .sampler)
    return .sampler
  }
  var complaint: String?
  for attempt in 1...(1 + chain.repairs) {
    let prompt = Prompt(
      admission: place.number, attempt: attempt, question: question, complaint: complaint, knowledge: knowledge)
    let answer = try await model.answer(prompt)
    let verdict = check(answer, to: question, about: draft, chain.book)
    if case .refused(let reason) = verdict { complaint = reason } else { complaint = nil }
    calls.append(Call(prompt: prompt, answer: answer, refusal: complaint))
    if case .accepted(let choices) = verdict {
      let origin = attempt == 1 ? Draft.Origin.model : .repaired
      draft.settle(choices)
      for field in question.fields { draft.count(field.attribute, origin, draft.number(of: field.attribute)) }
      draft.take(
        expected, asked.filter { attribute in !question.fields.contains { $0.attribute == attribute } }, .sampler)
      if chain.variant.fixesMargins { draft.fillUp(from: expected, question) }
      return origin
    }
  }
  draft.take(expected, asked, .fallback)
  return .fallback
}

private func ask(
  _ step: Step, _ draft: Draft, _ expected: Draft, _ place: AdmissionPlace, _ chain: Chain,
  _ random: inout SeededRandom
) async throws -> (Question, KnowledgeText?)? {
  guard let template = chain.templates[step.name], !step.asked(chain.variant).isEmpty else { return nil }
  var knowledge: KnowledgeText?
  if chain.variant.tellsKnowledge, let main = draft.categories[.mainDiagnosis] {
    knowledge = try await chain.knowledge.text(about: main)
  }
  let context = QuestionContext(
    sampler: chain.sampler, book: chain.book, variant: chain.variant, seed: chain.seed, rotation: place.rotation,
    knowledge: knowledge)
  let seed = Int(random.next() >> 33)
  return question(step, template, about: draft, expected: expected, context, seed: seed).map { ($0, knowledge) }
}

extension Draft {
  /// How many choices of an attribute are there.
  fileprivate func number(of attribute: Attribute) -> Int {
    attribute.isMultiValued ? codes[attribute]?.count ?? 0 : categories[attribute] == nil ? 0 : 1
  }

  /// Takes what the sampler drew.
  fileprivate mutating func take(_ drawn: Draft, _ attributes: [Attribute], _ origin: Origin) {
    for attribute in attributes {
      categories[attribute] = drawn.categories[attribute]
      codes[attribute] = drawn.codes[attribute]
      count(attribute, origin, number(of: attribute))
    }
  }

  /// Adds drawn codes where the model chose fewer than the sampler drew: first those that it owed, then those that it was
  /// not asked for.
  fileprivate mutating func fillUp(from drawn: Draft, _ question: Question) {
    for field in question.fields {
      guard let most = field.mostCodes, let wanted = drawn.codes[field.attribute] else { continue }
      let chosen = codes[field.attribute] ?? []
      let added = wanted.filter { !chosen.contains($0) }.prefix(max(0, wanted.count - chosen.count))
      codes[field.attribute] = chosen + added
      let owed = min(added.count, max(0, most - chosen.count))
      count(field.attribute, .fallback, owed)
      count(field.attribute, .sampler, added.count - owed)
    }
  }
}
