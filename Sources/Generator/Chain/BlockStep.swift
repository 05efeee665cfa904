internal import Shared

/// A step of the chain as it is settled for one block of admissions.
struct BlockStep: Sendable {
  let step: Step
  /// The step's place in the chain.
  let index: Int
  /// The attributes that the model chooses.
  let asked: [Attribute]
  /// The codes that the block's admissions share; nil if the model sets the margins.
  let stock: Stock?
  let block: AdmissionBlock
  let chain: Chain

  /// Whether the model only chooses codes within the groups of main diagnoses that the plan settled.
  var namesGroups: Bool { chain.plan != nil && asked.isEmpty && step.asked.contains(.mainDiagnosis) }

  func settleBySampler(_ filling: inout Filling) {
    var random = chain.random(filling, index)
    chain.settle(step.drawn(chain.variant) + asked, &filling, &random)
    filling.draft.origins[step.name] = .sampler
  }

  /// Settles the attributes of the step. The model is asked first, and again with the reason if its answer is refused.
  /// If every answer is refused, the sampler takes over.
  func settle(_ filling: Filling) async throws -> Filling {
    var filling = filling
    let planned = namesGroups ? filling.planned?.categories[.mainDiagnosis] : nil
    let group = planned.flatMap { CodeGroups.isGroup($0, .mainDiagnosis) ? $0 : nil }
    if namesGroups, group == nil {
      settleBySampler(&filling)
      return filling
    }
    let asked = namesGroups ? [.mainDiagnosis] : asked
    var random = chain.random(filling, index)
    chain.settle(step.drawn(chain.variant).filter { !asked.contains($0) }, &filling, &random)
    var expected = filling.draft
    for attribute in asked { chain.draw(attribute, &expected, filling.planned, &random) }
    let asking = Asking(
      expected: expected, seed: Int(random.next() >> 33), knowledge: try await knowledge(filling.draft))
    let settled =
      if let group { try await member(of: group, &filling, asking) } else {
        try await answer(asked, within: nil, &filling, asking)
      }
    guard let (choices, origin) = settled else {
      filling.draft.take(expected, asked, .sampler)
      filling.draft.origins[step.name] = .sampler
      return filling
    }
    guard let choices else {
      filling.draft.take(expected, asked, .fallback)
      return filling
    }
    filling.draft.settle(choices)
    let fields = choices.attributes
    filling.draft.take(expected, asked.filter { !fields.contains($0) }, .sampler)
    if stock == nil {
      for attribute in fields {
        filling.draft.count(attribute, origin, filling.draft.number(of: attribute))
        chain.countMembers(attribute, &filling.draft, origin)
      }
    }
    return filling
  }

  /// What the questions about one admission have in common.
  private struct Asking {
    /// The draft as the sampler would settle the step.
    let expected: Draft
    let seed: Int
    let knowledge: KnowledgeText?
  }

  /// What the model chose, with the origin of the choice; no choices if every answer was refused.
  private typealias Settled = (choices: Choices?, origin: Draft.Origin)

  private func knowledge(_ draft: Draft) async throws -> KnowledgeText? {
    guard chain.variant.tellsKnowledge, let topic = step.topic, let main = draft.categories[.mainDiagnosis] else {
      return nil
    }
    return try await chain.knowledge.text(about: main)?.part(for: topic)
  }

  /// Lets the model choose a code of a planned group; in a large group, first the ICD category in which it lies.
  ///
  /// - Returns: nil if there is nothing to choose.
  private func member(of group: String, _ filling: inout Filling, _ asking: Asking) async throws -> Settled? {
    let codes = MemberMenu(
      group: group, attribute: .mainDiagnosis, draft: filling.draft,
      taken: Set(filling.planned?.codes[.diagnosis] ?? []), seed: chain.seed,
      stream: candidateStream(.mainDiagnosis, rotation))
    var narrowed: String?
    if let categories = chain.sampler.members.categories(codes, most: menuSize) {
      guard let settled = try await answer([.mainDiagnosis], within: categories, &filling, asking) else { return nil }
      guard let category = settled.choices?.categories[.mainDiagnosis] else { return settled }
      narrowed = category
      if !CodeGroups.isGroup(category, .mainDiagnosis) { return settled }
    }
    let candidates = chain.sampler.members.codes(codes, of: narrowed, most: menuSize)
    return try await answer([.mainDiagnosis], within: candidates, &filling, asking)
  }

  /// Asks one question until an answer is accepted.
  ///
  /// - Parameter group: the candidates within a planned group; nil if the model chooses among all.
  /// - Returns: nil if there is nothing to choose.
  private func answer(
    _ asked: [Attribute], within group: [Candidate]?, _ filling: inout Filling, _ asking: Asking
  ) async throws -> Settled? {
    guard let model = chain.model, let template = chain.templates[step.name] else { return nil }
    let number = filling.draft.number
    let context = QuestionContext(
      sampler: chain.sampler, book: chain.book, variant: chain.variant, asked: asked, group: group,
      stock: stock?.candidates(of: number), seed: chain.seed, rotation: rotation, knowledge: asking.knowledge)
    guard
      let question = question(
        step, template, about: filling.draft, expected: asking.expected, context, seed: asking.seed)
    else { return nil }
    var complaint: Complaint?
    for attempt in 1...(1 + chain.repairs) {
      let prompt = Prompt(
        admission: number, attempt: attempt, question: question, complaint: complaint, knowledge: asking.knowledge)
      let answer = try await model.answer(prompt)
      let verdict = check(answer, to: question, about: filling.draft, chain.book)
      var refusal: String?
      if case .refused(let reason) = verdict {
        refusal = reason
        complaint = Complaint(reason: reason, echo: echo(answer, to: question, chain.book))
      }
      let call = Call(prompt: prompt, answer: answer, refusal: refusal)
      filling.calls.append(call)
      chain.listen?(call)
      guard case .accepted(let choices) = verdict else { continue }
      return (choices, try await judged(question, attempt == 1 ? .model : .repaired, complaint, &filling))
    }
    return (nil, try await judged(question, .fallback, complaint, &filling))
  }

  private func judged(
    _ question: Question, _ origin: Draft.Origin, _ complaint: Complaint?, _ filling: inout Filling
  ) async throws -> Draft.Origin {
    filling.draft.origins[question.step] = origin
    try await chain.judge?(
      Judgement(admission: filling.draft.number, step: question.step, origin: origin, refusal: complaint?.reason))
    return origin
  }

  private var rotation: Int { block.place / max(1, neighbours / max(1, block.numbers.count)) }
}

extension Chain {
  func random(_ filling: Filling, _ step: Int) -> SeededRandom {
    SeededRandom(seed: seed, .step(step), of: filling.draft.number)
  }

  /// Lets the sampler settle attributes, and counts them as the sampler's choices.
  func settle(_ attributes: [Attribute], _ filling: inout Filling, _ random: inout SeededRandom) {
    for attribute in attributes where sampler.knows(attribute) {
      draw(attribute, &filling.draft, filling.planned, &random)
      filling.draft.count(attribute, .sampler, filling.draft.number(of: attribute))
    }
  }

  /// Settles an attribute as planned, or draws it if there is no plan.
  func draw(
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
