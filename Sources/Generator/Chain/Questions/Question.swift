internal import Shared

/// What the model is asked in one step for one admission, and what it may answer.
struct Question: Equatable, Sendable {
  let step: String
  /// The template's instructions, the same for all admissions.
  let system: String
  /// The beginning of the user message, which neighbours share.
  let shared: String
  /// The rest of the user message, for this admission only.
  let own: String
  let fields: [Field]
  /// The seed, for servers that can reproduce an answer.
  let seed: Int
  /// The answer's JSON Schema, as sent.
  let schemaText: String

  init(step: String, system: String, shared: String, own: String, fields: [Field], seed: Int) {
    self.step = step
    self.system = system
    self.shared = shared
    self.own = own
    self.fields = fields
    self.seed = seed
    schemaText = Self.schema(fields).compact()
  }

  /// One field of the answer.
  struct Field: Equatable, Sendable {
    let attribute: Attribute
    let options: [String]
    /// The most codes that the list may have; nil if the field takes a single category.
    let mostCodes: Int?
    /// Whether the answer may also contain other codes from a dictionary or the bundle.
    var isOpen = false
  }

  var user: String { shared + own }

  /// The most tokens that a complete answer needs.
  var maximumAnswerTokens: Int {
    fields.reduce(300) { $0 + ($1.mostCodes ?? 1) * ($1.attribute == .drug ? 130 : 16) }
  }

  /// `reasoning` comes before the choices, every member is required, and no other member is allowed.
  static func schema(_ fields: [Field]) -> JSONValue {
    let reasoning = fields.contains { $0.attribute == .drug } ? 600 : 200
    var properties = [JSONMember("reasoning", ["type": "string", "maxLength": .integer(reasoning)])]
    properties += fields.map { JSONMember($0.attribute.rawValue, $0.schema) }
    return .object([
      JSONMember("type", "object"), JSONMember("properties", .object(properties)),
      JSONMember("required", .array(properties.map { .string($0.name) })), JSONMember("additionalProperties", false),
    ])
  }
}

extension Question.Field {
  fileprivate var schema: JSONValue {
    var option: JSONValue = ["type": "string", "enum": .array(options.map { .string($0) })]
    if isOpen { option = ["type": "string", "pattern": "^(9:|10:)?[A-Z0-9]{2,7}$"] }
    if attribute == .drug { option = DrugOrder.schema(drug: isOpen ? ["type": "string", "maxLength": 60] : option) }
    guard let mostCodes else { return option }
    return ["type": "array", "items": option, "maxItems": .integer(mostCodes)]
  }
}
