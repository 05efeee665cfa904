internal import Shared

/// One synthetic admission as the chain fills it, step by step.
struct Draft: Equatable, Sendable {
  /// Its number in the run, from 0.
  let number: Int
  /// The category of each single-valued attribute that is settled.
  var categories: [Attribute: String] = [:]
  /// The codes of each multi-valued attribute that is settled, in order.
  var codes: [Attribute: [String]] = [:]
  /// Who settled each step.
  var origins: [String: Origin] = [:]

  init(number: Int) { self.number = number }

  /// Who settled a step's choice.
  enum Origin: String, CaseIterable, Sendable {
    /// The model, at once.
    case model
    /// The model, after a refused answer.
    case repaired
    /// The sampler, where the model was not asked.
    case sampler
    /// The sampler, after the model's answers were refused.
    case fallback
  }
}

extension Draft {
  /// The draft as the journal keeps it.
  var json: JSONValue {
    func sorted<Key: RawRepresentable<String>, Value>(
      _ values: [Key: Value], _ make: (Value) -> JSONValue
    ) -> JSONValue {
      .object(values.sorted { $0.key.rawValue < $1.key.rawValue }.map { JSONMember($0.key.rawValue, make($0.value)) })
    }
    return .object([
      JSONMember("number", .integer(number)), JSONMember("categories", sorted(categories) { .string($0) }),
      JSONMember("codes", sorted(codes) { .array($0.map { .string($0) }) }),
      JSONMember(
        "origins", .object(origins.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value.rawValue)) })),
    ])
  }
}
