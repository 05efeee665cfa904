internal import Shared

/// What the model is asked in one step for one admission, and what it may answer.
struct Question: Equatable, Sendable {
  let step: String
  /// The stable part first, so that a server's prefix cache works.
  let system: String
  let user: String
  let fields: [Field]
  /// For servers that can repeat themselves.
  let seed: Int

  /// One field of the answer.
  struct Field: Equatable, Sendable {
    let attribute: Attribute
    let options: [String]
    /// The most codes that a list may have; nil for one category.
    let mostCodes: Int?
  }

  /// The answer's JSON Schema: `reasoning` before the choices, every member required, nothing else allowed.
  var schema: JSONValue {
    var properties = [JSONMember("reasoning", ["type": "string", "maxLength": 160])]
    for field in fields {
      let option: JSONValue = ["type": "string", "enum": .array(field.options.map { .string($0) })]
      let list: JSONValue? = field.mostCodes.map { ["type": "array", "items": option, "maxItems": .integer($0)] }
      properties.append(JSONMember(field.attribute.rawValue, list ?? option))
    }
    return .object([
      JSONMember("type", "object"), JSONMember("properties", .object(properties)),
      JSONMember("required", .array(properties.map { .string($0.name) })), JSONMember("additionalProperties", false),
    ])
  }
}

/// Makes the question of a step; nil where the bundle has nothing to choose from, so that there is nothing to ask.
func question(
  _ step: Step, about draft: Draft, _ sampler: Sampler, _ titles: CodeTitles, _ random: inout SeededRandom
) -> Question? {
  var fields: [Question.Field] = []
  var lines: [String] = patientLines(draft, titles)
  for attribute in step.asked where sampler.knows(attribute) {
    let candidates = candidates(attribute, draft, sampler, &random)
    if candidates.options.isEmpty { continue }
    let most = attribute.isMultiValued ? min(candidates.options.count, candidates.expected + 4) : nil
    fields.append(Question.Field(attribute: attribute, options: candidates.options.map(\.name), mostCodes: most))
    lines.append("")
    lines.append(
      attribute.isMultiValued
        ? "Candidates for \(attribute.rawValue), choose about \(candidates.expected):"
        : "Candidates for \(attribute.rawValue), choose one:")
    for option in candidates.options {
      lines.append("- \(named(option.name, attribute, titles))\(attribute.isCode ? "" : " (\(percent(option.share)))")")
    }
  }
  if fields.isEmpty { return nil }
  return Question(
    step: step.name, system: step.prompt, user: lines.joined(separator: "\n"), fields: fields,
    seed: Int(random.next() >> 33))
}

/// What is offered for one field, and how many the statistics expect.
private struct Candidates {
  var options: [(name: String, share: Double)]
  var expected = 1
}

/// Candidates are drawn by their weight and then shuffled: small models tend to copy a list's beginning.
private func candidates(
  _ attribute: Attribute, _ draft: Draft, _ sampler: Sampler, _ random: inout SeededRandom
) -> Candidates {
  let weighted: [(name: String, share: Double)]
  if attribute.isMultiValued {
    weighted = sampler.shares(of: attribute, given: draft).map { (name: $0.code, share: $0.share) }
  } else {
    let all = sampler.weights(of: attribute, given: draft)
    let total = all.reduce(0) { $0 + $1.weight }
    weighted = all.map { (name: $0.category, share: total > 0 ? $0.weight / total : 0) }
  }
  let most = attribute.isCode ? (attribute.isMultiValued ? 16 : 8) : 20
  var rest = weighted.filter { $0.share > 0 }
  var options: [(name: String, share: Double)] = []
  while options.count < most, let index = random.index(weights: rest.map(\.share)) {
    options.append(rest.remove(at: index))
  }
  options.shuffle(using: &random)
  let mean = weighted.reduce(0) { $0 + $1.share }
  let expected = Int(mean) + (random.unit() < mean - mean.rounded(.down) ? 1 : 0)
  return Candidates(options: options, expected: min(max(expected, 0), options.count))
}

private func patientLines(_ draft: Draft, _ titles: CodeTitles) -> [String] {
  var lines = ["# Patient"]
  for attribute in Attribute.allCases {
    if let category = draft.categories[attribute] {
      lines.append("\(attribute.rawValue): \(named(category, attribute, titles))")
    }
    if let codes = draft.codes[attribute], !codes.isEmpty {
      lines.append("\(attribute.rawValue): \(codes.map { named($0, attribute, titles) }.joined(separator: "; "))")
    }
  }
  return lines
}

/// A category with its title, each quoted as in JSON. Whatever a bundle's texts say, they stay within their quotes on their line, and no
/// prompt's instructions hold any of them.
private func named(_ category: String, _ attribute: Attribute, _ titles: CodeTitles) -> String {
  let title = titles.title(of: category, attribute).map { " = \(JSONValue.string($0).compact())" } ?? ""
  return JSONValue.string(category).compact() + title
}

private func percent(_ share: Double) -> String { share < 0.01 ? "under 1 %" : "\(Int((share * 100).rounded())) %" }
