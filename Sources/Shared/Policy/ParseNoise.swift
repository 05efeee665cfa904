internal import Yams

extension Policy.Noise {
  init?(reading node: Node?, categories: [Attribute: Policy.PublicCategories]) throws(PolicyError) {
    guard let node, node.scalar?.string != "none" else { return nil }
    let mapping = try PolicyMapping(
      node, what: "noise", keys: ["epsilon", "admissions-per-patient", "codes-per-admission", "budget"])
    let epsilon = try mapping.epsilon("epsilon")
    let budget = try mapping.epsilon("budget")
    guard epsilon <= budget else { throw mapping.error("budget", "must not be under epsilon") }
    self.init(
      epsilon: epsilon, budget: budget,
      admissionsPerPatient: try mapping.integer("admissions-per-patient", in: 1...1000),
      codesPerAdmission: try mapping.integer("codes-per-admission", in: 1...1000), categories: categories)
  }

  /// How many cells of a table one patient can be in, each admission counted: the L1 sensitivity of its counts.
  ///
  /// A patient has at most `admissionsPerPatient` admissions, each with one category of a single-valued attribute and at most
  /// `codesPerAdmission` of a multi-valued one; so adding or removing the patient changes the cells by so much in all.
  package func sensitivity(of attributes: [Attribute]) -> Int {
    attributes.filter(\.isMultiValued).reduce(admissionsPerPatient) { product, _ in product * codesPerAdmission }
  }
}

extension Policy {
  /// More would drown every count, and the noise's arithmetic.
  private static let mostSensitivity = 1_000_000

  /// Reads `categories`: for each attribute a list, or the word `dictionary`.
  static func publicCategories(_ policy: PolicyMapping) throws(PolicyError) -> [Attribute: PublicCategories] {
    guard let node = policy.node("categories") else { return [:] }
    let open = Attribute.allCases.filter { Policy.schemaCategories(of: $0) == nil && $0 != .ageBand }
    let mapping = try PolicyMapping(node, what: "categories", keys: open.map(\.rawValue))
    var categories: [Attribute: PublicCategories] = [:]
    for attribute in open {
      guard let node = mapping.node(attribute.rawValue) else { continue }
      if node.scalar?.string == "dictionary" {
        guard attribute.hasDictionary else {
          throw mapping.error(attribute.rawValue, "has no dictionary; list its categories")
        }
        categories[attribute] = .dictionary
        continue
      }
      let names = try mapping.texts(attribute.rawValue, default: [])
      let arePlain = names.allSatisfy { !$0.isEmpty && $0.utf8.count <= 255 && Console.harmless($0, limit: 255) == $0 }
      guard !names.isEmpty, Set(names).count == names.count, arePlain,
        !names.contains(otherCategory), !names.contains(missingCategory)
      else {
        throw mapping.error(
          attribute.rawValue,
          "must be the word dictionary, or a list of different categories; other and missing are always there")
      }
      categories[attribute] = .listed(names)
    }
    return categories
  }

  /// Refuses noise on categories that only the data name, and what is for noise alone where there is none.
  func checkNoise(_ mapping: PolicyMapping) throws(PolicyError) {
    guard let noise = protection.noise else {
      if mapping.node("categories") != nil { throw mapping.error("categories", "are for noise, and there is none") }
      if release.contains(where: { $0.weight != 1 }) {
        throw mapping.error("release", "has a weight, which is for noise")
      }
      return
    }
    guard !isForEvaluation else {
      throw mapping.error(
        "release", "has what evaluate finds out, which one patient changes for others too: noise would promise too much"
      )
    }
    let single = Set(release.filter { $0.attributes.count == 1 }.map { $0.attributes[0] })
    for table in release {
      guard noise.sensitivity(of: table.attributes) <= Self.mostSensitivity else {
        throw mapping.error(
          "release", "has a table that one patient changes too much: \(table.name); lower noise's bounds")
      }
      for attribute in table.attributes where publicCategories(of: attribute) == nil {
        guard let categories = noise.categories[attribute] else {
          throw mapping.error(
            "release", "has \(attribute.rawValue), of which no categories are public; list them under categories")
        }
        guard categories != .dictionary || single.contains(attribute) else {
          throw mapping.error(
            "release",
            "has \(table.name) without [\(attribute.rawValue)], whose published codes it would be counted over")
        }
      }
    }
  }
}

extension Attribute {
  /// Whether the source has a table that names its codes.
  package var hasDictionary: Bool {
    switch self {
    case .mainDiagnosis, .diagnosis, .procedure, .lab: true
    default: false
    }
  }
}

extension PolicyMapping {
  fileprivate func epsilon(_ key: String) throws(PolicyError) -> Epsilon {
    guard let epsilon = Epsilon(try text(key)), epsilon > .zero else {
      throw error(key, "must be a decimal number over 0 and up to 100 with at most six decimals, such as 2.0")
    }
    return epsilon
  }
}
