internal import Shared

/// What a question is made from, besides the draft.
struct QuestionContext: Sendable {
  let sampler: Sampler
  let book: CodeBook
  let variant: Variant
  /// The attributes to ask about.
  let asked: [Attribute]
  /// The codes, or ICD categories, of the planned group of main diagnoses; nil if the model chooses among all.
  var group: [Candidate]?
  /// The codes in the stock that the admission shares; nil if the model sets the margins.
  let stock: [Attribute: [Candidate]]?
  let seed: UInt64
  /// Neighbours in the run's order share this number, and therefore get nearly the same candidates.
  let rotation: Int
  let knowledge: KnowledgeText?

  /// Whether the model chooses the ICD category within a group, and is asked for the code next.
  var asksCategory: Bool { group?.contains { CodeGroups.isGroup($0.name, .mainDiagnosis) } ?? false }
}

/// Builds the question of a step.
///
/// - Parameter expected: the draft as it would be if the sampler settled the step. It determines the number of codes
///   and the suggestion.
/// - Returns: nil if the bundle has nothing to choose from.
func question(
  _ step: Step, _ template: PromptTemplate, about draft: Draft, expected: Draft, _ context: QuestionContext,
  seed: Int
) -> Question? {
  var fields: [Question.Field] = []
  var menus: [String] = []
  var requests: [String] = []
  for attribute in context.asked where context.sampler.knows(attribute) {
    let offer = offer(attribute, draft, expected, context)
    guard let field = offer.field else { continue }
    fields.append(field)
    menus += offer.lines
    requests.append(offer.request)
  }
  if fields.isEmpty { return nil }
  let suggested = context.variant.tellsPriors && step.suggests && context.group == nil
  let filled = template.filled([
    .candidates: menus.joined(separator: "\n"),
    .knowledge: context.knowledge.map { "Known of the main diagnosis: \(JSONValue.string($0.text).compact())" } ?? "",
    .prior: suggested ? priorLine(step, expected, context.book) : "",
    .patient: patientLines(draft, context).joined(separator: "\n"),
    .request: requests.joined(separator: "\n"),
  ])
  return Question(
    step: context.asksCategory ? step.categoryQuestion : step.name, system: template.instructions,
    shared: filled.shared,
    own: filled.own, fields: fields, seed: seed)
}

/// What is offered for one field.
private struct Offer {
  /// nil if there is nothing to choose.
  var field: Question.Field?
  var lines: [String] = []
  var request = ""
}

private func offer(_ attribute: Attribute, _ draft: Draft, _ expected: Draft, _ context: QuestionContext) -> Offer {
  if context.variant.tellsPriors {
    return attribute.isMultiValued
      ? codeOffer(attribute, draft, expected, context) : categoryOffer(attribute, draft, expected, context)
  }
  return freeOffer(attribute, draft, context)
}

/// Offers categories that fit the patient, drawn with their shares as weights; the model chooses one.
private func categoryOffer(
  _ attribute: Attribute, _ draft: Draft, _ expected: Draft, _ context: QuestionContext
) -> Offer {
  if let group = context.group { return memberOffer(group, attribute, context) }
  let weights = context.sampler.weights(of: attribute, given: draft)
  let total = weights.reduce(0) { $0 + $1.weight }
  var candidates = weights.map { Candidate(name: $0.category, share: total > 0 ? $0.weight / total : 0) }
  candidates = menu(candidates, most: attribute.isCode ? 8 : 20, seed: context.seed, stream: stream(attribute, context))
  candidates = withMembers(candidates, attribute, draft, context)
  if let drawn = expected.categories[attribute], !candidates.contains(where: { $0.name == drawn }) {
    candidates.append(Candidate(name: drawn, share: 0))
  }
  if candidates.isEmpty { return Offer() }
  let field = Question.Field(
    attribute: attribute, options: candidates.map(\.name), mostCodes: nil,
    isOpen: attribute.isCode && context.book.hasDictionary)
  return Offer(
    field: field, lines: lines(candidates, attribute, context), request: "Choose one \(attribute.rawValue).")
}

/// Offers codes of a planned group, or the ICD categories among which a large group is divided.
private func memberOffer(_ candidates: [Candidate], _ attribute: Attribute, _ context: QuestionContext) -> Offer {
  if candidates.count < 2 { return Offer() }
  let field = Question.Field(attribute: attribute, options: candidates.map(\.name), mostCodes: nil)
  return Offer(
    field: field, lines: lines(candidates, attribute, context),
    request: context.asksCategory
      ? "Choose the one category that the \(attribute.rawValue) belongs to. The code is asked for next."
      : "Choose one \(attribute.rawValue).")
}

/// Offers codes that fit the main diagnosis or, if the block has a stock of codes, the codes in the stock. Requests as
/// many codes as the sampler would draw, or fewer if there are fewer options or the answer would be too long.
private func codeOffer(
  _ attribute: Attribute, _ draft: Draft, _ expected: Draft, _ context: QuestionContext
) -> Offer {
  let main = draft.categories[.mainDiagnosis] ?? ""
  // All admissions that share a stock are offered the same codes, whatever their main diagnoses.
  let source = context.stock == nil && context.sampler.knows(attribute, of: main) ? main : ""
  let all =
    context.stock.map { $0[attribute] ?? [] }
    ?? context.sampler.shares(of: attribute, given: draft).map { Candidate(name: $0.code, share: $0.share) }
  let candidates = withMembers(
    menu(all, most: menuSize, seed: context.seed, stream: stream(attribute, context) ^ textHash(source)), attribute,
    nil, context)
  // The text, which neighbours share, also lists codes that this patient can't have. The options omit those codes.
  let options = candidates.map(\.name).filter {
    $0 != main && implausibility(of: $0, attribute, in: draft) == nil
  }
  let wanted = min(expected.codes[attribute]?.count ?? 0, options.count, mostAsked(attribute))
  if wanted == 0 { return Offer() }
  let field = Question.Field(
    attribute: attribute, options: options,
    mostCodes: context.variant.fixesMargins ? wanted : min(options.count, wanted + 4),
    isOpen: context.book.hasDictionary && !context.variant.fixesMargins)
  return Offer(
    field: field, lines: lines(candidates, attribute, context),
    request:
      "Choose \(context.variant.fixesMargins ? "" : "about ")\(wanted) of the candidates for \(attribute.rawValue)"
      + (options.count < candidates.count ? ", of those that can be this patient's." : "."))
}

/// The candidates with a few codes in place of each group.
///
/// - Parameter draft: the patient who must be able to have them; nil for everyone, so that neighbours share the text.
private func withMembers(
  _ candidates: [Candidate], _ attribute: Attribute, _ draft: Draft?, _ context: QuestionContext
) -> [Candidate] {
  candidates.flatMap { candidate in
    context.sampler.members.candidates(
      candidate, attribute, for: draft, most: offeredMembers, seed: context.seed, stream: stream(attribute, context))
  }
}

/// Offers every category or code in the bundle that is plausible for the patient, and a few codes of each group. Their
/// meaning is explained only in the template.
private func freeOffer(_ attribute: Attribute, _ draft: Draft, _ context: QuestionContext) -> Offer {
  let all = context.sampler.categories(of: attribute)
  let named = withMembers(all.map { Candidate(name: $0, share: 0) }, attribute, draft, context)
  let options = named.map(\.name).filter { implausibility(of: $0, attribute, in: draft) == nil }
  if options.isEmpty { return Offer() }
  let field = Question.Field(
    attribute: attribute, options: options,
    mostCodes: attribute.isMultiValued ? min(mostAsked(attribute), max(options.count, 1)) : nil,
    isOpen: attribute.isCode && (options.count > mostEnumerated || context.book.hasDictionary))
  let names = options.map { JSONValue.string($0).compact() }.joined(separator: ", ")
  return Offer(
    field: field, lines: attribute.isCode ? [] : ["Categories of \(attribute.rawValue): \(names)"],
    request: attribute.isMultiValued ? "Choose codes for \(attribute.rawValue)." : "Choose one \(attribute.rawValue).")
}

/// The most candidates offered at once for a list of codes.
let menuSize = 24
/// The most codes of a group that are offered beside other candidates.
private let offeredMembers = 3
/// The most codes that a schema lists, since paid servers limit the size of a schema.
private let mostEnumerated = 400

/// The most codes in one answer. Drug orders are long, so the limit for drugs is lower.
private func mostAsked(_ attribute: Attribute) -> Int { attribute == .drug ? 8 : 20 }

private func stream(_ attribute: Attribute, _ context: QuestionContext) -> UInt64 {
  candidateStream(attribute, context.rotation)
}

/// The random stream from which an attribute's candidates are drawn.
func candidateStream(_ attribute: Attribute, _ rotation: Int) -> UInt64 {
  textHash("\(attribute.rawValue) \(rotation)")
}

private func lines(_ candidates: [Candidate], _ attribute: Attribute, _ context: QuestionContext) -> [String] {
  ["Candidates for \(attribute.rawValue):"]
    + candidates.map { candidate in
      let example = candidate.example.map { ", such as \(context.book.named($0, attribute))" } ?? ""
      return "- \(context.book.named(candidate.name, attribute))\(example) (\(percent(candidate.share)))"
    }
}

private func priorLine(_ step: Step, _ expected: Draft, _ book: CodeBook) -> String {
  let draws = step.asked.compactMap { attribute in
    expected.categories[attribute].map { "\(attribute.rawValue) \(book.named($0, attribute))" }
  }
  return draws.isEmpty ? "" : "Drawn from the hospital's statistics: \(draws.joined(separator: ", "))."
}

/// Describes what is already settled about the patient. If the sampler sets the margins, only medically relevant facts
/// are included, because the rest costs tokens and invites prejudice.
private func patientLines(_ draft: Draft, _ context: QuestionContext) -> [String] {
  var lines = ["The patient:"]
  let social: [Attribute] = [
    .admissionLocation, .dischargeLocation, .insurance, .language, .religion, .maritalStatus, .ethnicity,
    .admissionNumberBand,
  ]
  let book = context.book
  for attribute in Attribute.allCases where !(context.variant.fixesMargins && social.contains(attribute)) {
    if let category = draft.categories[attribute] {
      lines.append("\(attribute.rawValue): \(book.named(category, attribute))")
    }
    if let codes = draft.codes[attribute], !codes.isEmpty {
      lines.append("\(attribute.rawValue): \(codes.map { book.named($0, attribute) }.joined(separator: "; "))")
    }
  }
  return lines
}

private func percent(_ share: Double) -> String { share < 0.01 ? "under 1 %" : "\(Int((share * 100).rounded())) %" }
