internal import Foundation
internal import Shared
internal import Synchronization

/// Explains to a person how one admission was made. Shows every draw with the published cells behind it, and every
/// question, answer and check.
///
/// - Throws: status 64 if the run has no such admission.
func explain(_ run: RunFolder, hadmID: Int) async throws -> [String] {
  let number = Stay.number(ofHadmID: hadmID)
  let parts = try RunParts(run)
  // Without a model, each admission is drawn by itself.
  let alone = AdmissionBlock(place: 0, numbers: [number])
  let block = run.settings.model == .sampler ? alone : parts.order().first { $0.numbers.contains(number) }
  guard (0..<run.settings.admissions).contains(number), let block else {
    let first = Stay.firstHadmID
    throw CloisterError(
      .wrongArguments, "the run has no admission with this hadm_id",
      hint: "give a number from \(first) to \(first + run.settings.admissions - 1)")
  }
  let answers = StoredAnswers(run.journal, answered: try run.journal.progress().answered, next: nil)
  var chain = try parts.chain(run.settings.model == .sampler ? nil : answers, nil)
  let heard = Heard()
  chain.listen = { call in if call.prompt.admission == number { heard.calls.withLock { $0.append(call) } } }
  let fillings: [Filling]
  do { fillings = try await fill(block, chain) } catch let missing as Unanswered {
    let calls = heard.calls.withLock { $0 }
    let step = missing.prompts[0].question.step
    return ["admission \(hadmID) is not finished: the step \(step) has unanswered questions"]
      + calls.flatMap { ["", "# \($0.prompt.question.step)"] + words($0) }
  }
  guard let filling = fillings.first(where: { $0.draft.number == number }) else { return [] }
  let (draft, calls) = (filling.draft, filling.calls)
  var lines = [
    "admission \(hadmID), number \(number) of the run",
    "bundle SHA-256 \(run.settings.bundle), \(run.settings.site)",
    "variant \(run.settings.variant.rawValue), model \(run.settings.model.name), seed \(run.settings.seed)",
  ]
  var settled: [Attribute] = []
  for step in Step.chain {
    let origin = step.questions.compactMap { draft.origins[$0] }.last
    lines += ["", "# \(step.name), settled by: \(origin?.words ?? "nobody yet")"]
    for call in calls where step.questions.contains(call.prompt.question.step) { lines += words(call) }
    for attribute in step.drawn + step.asked where parts.sampler.knows(attribute) {
      lines += words(attribute, draft, settled, run.bundle.statistics, parts)
      if !attribute.isMultiValued { settled.append(attribute) }
    }
  }
  return lines
}

/// The exchanges about an admission that is not finished.
private final class Heard: Sendable {
  let calls = Mutex<[Call]>([])
}

private func words(_ call: Call) -> [String] {
  let question = call.prompt.question
  let prompt = question.system + "\n" + question.user
  var lines = ["", "question, attempt \(call.prompt.attempt), SHA-256 \(SHA256.hexadecimal(Array(prompt.utf8)))"]
  if let complaint = call.prompt.complaint {
    lines.append("sent back because \(complaint.reason), after the refused answer's codes: \(complaint.echo)")
  }
  if let knowledge = call.prompt.knowledge { lines.append("knowledge from \(harmless(knowledge.source))") }
  lines += prompt.split(separator: "\n").map { "  | \($0)" }
  if call.answer.ending != .complete { lines.append("answer \(call.answer.ending.rawValue)") }
  lines.append("answer, SHA-256 \(SHA256.hexadecimal(Array(call.answer.text.utf8)))")
  lines.append("  | \(harmless(call.answer.text, limit: 20_000))")
  lines.append(call.refusal.map { "check: refused, \($0)" } ?? "check: accepted")
  return lines
}

/// An attribute's choices, each with the published cells for it and the attributes settled earlier.
private func words(
  _ attribute: Attribute, _ draft: Draft, _ settled: [Attribute], _ statistics: Statistics, _ parts: RunParts
) -> [String] {
  let members = parts.sampler.members
  let chosen = draft.categories[attribute].map { [$0] } ?? draft.codes[attribute] ?? []
  return chosen.map { category in
    let counted = members.counted(category, attribute)
    var known = members.counted(draft).categories.filter { settled.contains($0.key) }
    known[attribute] = counted
    let cells = statistics.tables.filter { table in
      table.attributes.contains(attribute) && table.attributes.allSatisfy { known[$0] != nil }
    }.compactMap { table -> String? in
      let key = table.attributes.map { known[$0] ?? "" }
      let count = table.cells.first { $0.key == key }.map { "\($0.count)" }
      return "\(table.name): \(count ?? "not published")"
    }
    let title = parts.book.title(of: category, attribute).map { " = \($0)" } ?? ""
    let group = counted == category ? "" : ", counted as \(counted)"
    return "\(attribute.rawValue): \(category)\(title)\(group)  [\(cells.joined(separator: "; "))]"
  }
}

extension Draft.Origin {
  fileprivate var words: String {
    switch self {
    case .model: "the model, on the first try"
    case .repaired: "the model, after a refused answer"
    case .sampler: "the sampler"
    case .fallback: "the sampler, after the model's answers were refused"
    case .balanced: "the sampler, to match the published counts"
    }
  }
}
