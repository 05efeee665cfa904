internal import Shared

/// One synthetic admission as the chain fills it, step by step.
struct Draft: Equatable, Sendable {
  /// The admission's number in the run, counted from 0.
  let number: Int
  /// The category of each single-valued attribute that is settled.
  var categories: [Attribute: String] = [:]
  /// The codes of each multi-valued attribute that is settled, in order.
  var codes: [Attribute: [String]] = [:]
  /// The model's order for each drug that it chose.
  var orders: [String: DrugOrder] = [:]
  /// Who settled each step.
  var origins: [String: Origin] = [:]
  /// For each attribute, how many categories and codes came from each origin.
  var choices: [Attribute: [Origin: Int]] = [:]
  /// The same for the codes among them that the bundle doesn't name, but only counts in a group.
  var members: [Attribute: [Origin: Int]] = [:]

  init(number: Int) { self.number = number }

  /// Who settled a choice.
  enum Origin: String, CaseIterable, Sendable {
    /// The model, with its first answer.
    case model
    /// The model, after a refused answer.
    case repaired
    /// The sampler, because the model was not asked.
    case sampler
    /// The sampler, after the model's answers were refused.
    case fallback
    /// The sampler, in place of a model's choice that would have changed a published count.
    case balanced
  }

  mutating func count(_ attribute: Attribute, _ origin: Origin, _ number: Int = 1) {
    if number > 0 { choices[attribute, default: [:]][origin, default: 0] += number }
  }
}

extension [Draft.Origin] {
  /// The origins that a whole step can have.
  static let ofSteps: [Draft.Origin] = [.model, .repaired, .sampler, .fallback]
}

extension Draft {
  /// Reads a draft from the form that `json` writes; nil if the value does not have that form.
  init?(_ json: JSONValue) {
    guard let number = json["number"]?.integer, let categories = json["categories"]?.members,
      let codes = json["codes"]?.members, let orders = json["orders"]?.members,
      let origins = json["origins"]?.members, let choices = json["choices"]?.members,
      let members = json["members"]?.members
    else { return nil }
    self.init(number: number)
    for member in categories { Attribute(rawValue: member.name).map { self.categories[$0] = member.value.string } }
    for member in codes { Attribute(rawValue: member.name).map { self.codes[$0] = member.value.strings } }
    for member in orders { self.orders[member.name] = DrugOrder(member.value) ?? .unknown }
    for member in origins { self.origins[member.name] = member.value.string.flatMap(Origin.init) }
    self.choices = Self.counts(choices)
    self.members = Self.counts(members)
  }

  private static func counts(_ attributes: [JSONMember]) -> [Attribute: [Origin: Int]] {
    attributes.reduce(into: [:]) { counts, member in
      for count in member.value.members ?? [] {
        guard let attribute = Attribute(rawValue: member.name), let origin = Origin(rawValue: count.name) else {
          continue
        }
        counts[attribute, default: [:]][origin] = count.value.integer ?? 0
      }
    }
  }

  /// The draft as the journal stores it; equal drafts give equal texts.
  var json: JSONValue {
    func sorted<Key: RawRepresentable<String>, Value>(
      _ values: [Key: Value], _ make: (Value) -> JSONValue
    ) -> JSONValue {
      .object(values.sorted { $0.key.rawValue < $1.key.rawValue }.map { JSONMember($0.key.rawValue, make($0.value)) })
    }
    return .object([
      JSONMember("number", .integer(number)), JSONMember("categories", sorted(categories) { .string($0) }),
      JSONMember("codes", sorted(codes) { .array($0.map { .string($0) }) }),
      JSONMember("orders", .object(orders.inByteOrder().map { JSONMember($0.key, $0.value.json) })),
      JSONMember(
        "origins", .object(origins.inByteOrder().map { JSONMember($0.key, .string($0.value.rawValue)) })),
      JSONMember("choices", sorted(choices) { sorted($0) { .integer($0) } }),
      JSONMember("members", sorted(members) { sorted($0) { .integer($0) } }),
    ])
  }
}
