internal import Shared

/// The fields of a drug order, as in MIMIC's prescriptions and in appendix A.3 of the LLMSYN paper.
struct DrugOrder: Equatable, Sendable {
  /// The fields' values, in the order of `Field.allCases`.
  private let values: [String]

  /// A field, named by its MIMIC-III column; the MIMIC-IV name is the same in lower case.
  enum Field: String, CaseIterable, Sendable {
    case type = "DRUG_TYPE"
    case formularyCode = "FORMULARY_DRUG_CD"
    case dose = "DOSE_VAL_RX"
    case doseUnit = "DOSE_UNIT_RX"
    case form = "FORM_VAL_DISP"
    case formUnit = "FORM_UNIT_DISP"
    case route = "ROUTE"

    /// The values that the field may hold; nil if the field is checked against a pattern instead.
    var options: [String]? {
      switch self {
      case .type: ["MAIN", "BASE", "ADDITIVE"]
      case .doseUnit: ["mg", "g", "mcg", "UNIT", "mEq", "mmol", "mL", "TAB", "NEB", "PUFF", "DROP", "PTCH", "%"]
      case .formUnit:
        ["TAB", "CAP", "VIAL", "AMP", "BAG", "SYR", "mL", "UDCUP", "NEB", "INH", "PTCH", "SUPP", "TUBE", "BTL", "PKT"]
      case .route: ["PO", "IV", "IV DRIP", "SC", "IM", "IH", "NEB", "SL", "PR", "TD", "TP", "NG", "PO/NG", "BOTH EYES"]
      case .formularyCode, .dose, .form: nil
      }
    }

    /// The pattern of a field without options, as a regular expression for the server.
    private var pattern: String { self == .formularyCode ? "^[A-Z0-9]{2,10}$" : "^[0-9]{1,5}([.][0-9]{1,3})?$" }

    var schema: JSONValue {
      options.map { ["type": "string", "enum": .array($0.map { .string($0) })] }
        ?? ["type": "string", "pattern": .string(pattern)]
    }

    /// Whether a model may put this text in the field.
    func allows(_ text: String) -> Bool {
      if let options { return options.contains(text) }
      let bytes = Array(text.utf8)
      if self == .formularyCode {
        return (2...10).contains(bytes.count)
          && bytes.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
      }
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      let areDigits = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
      return areDigits && parts.count <= 2 && parts[0].count <= 5 && (parts.count == 1 || parts[1].count <= 3)
    }
  }

  /// Reads the model's order for one drug.
  ///
  /// - Returns: nil if a field is missing or its value is not allowed.
  init?(_ object: JSONValue) {
    var values: [String] = []
    for field in Field.allCases {
      guard let text = object[field.rawValue]?.string, field.allows(text) else { return nil }
      values.append(text)
    }
    self.values = values
  }

  private init() { values = Field.allCases.map { $0 == .type ? "MAIN" : "" } }

  /// The order of a drug about which the bundle says no more: its type is MAIN, and all other fields are empty.
  static let unknown = DrugOrder()

  subscript(field: Field) -> String {
    zip(Field.allCases, values).first { $0.0 == field }?.1 ?? ""
  }

  var json: JSONValue {
    .object(zip(Field.allCases, values).map { JSONMember($0.rawValue, .string($1)) })
  }

  /// The schema of one drug order in an answer: the drug, then every field.
  static func schema(drug: JSONValue) -> JSONValue {
    let members = [JSONMember("DRUG", drug)] + Field.allCases.map { JSONMember($0.rawValue, $0.schema) }
    return .object([
      JSONMember("type", "object"), JSONMember("properties", .object(members)),
      JSONMember("required", .array(members.map { .string($0.name) })), JSONMember("additionalProperties", false),
    ])
  }
}
