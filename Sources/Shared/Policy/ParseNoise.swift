internal import Yams

extension Policy.Noise {
  init?(reading node: Node?, categories: [Attribute: Policy.PublicCategories], _ faults: PolicyFaultList) {
    guard let node, node.scalar?.string != "none" else { return nil }
    guard case .mapping = node else {
      faults.note(PolicyPlace(node.mark), "noise", "noise must be none, or a mapping with epsilon and three more keys")
      return nil
    }
    let mapping = PolicyMapping(
      node, what: "noise", keys: ["epsilon", "admissions-per-patient", "codes-per-admission", "budget"], faults)
    let epsilon = mapping.epsilon("epsilon")
    let budget = mapping.epsilon("budget")
    if let epsilon, let budget, epsilon > budget { mapping.note("budget", "must not be less than epsilon") }
    self.init(
      epsilon: epsilon ?? .zero, budget: budget ?? .zero,
      admissionsPerPatient: mapping.integer("admissions-per-patient", in: 1...1000),
      codesPerAdmission: mapping.integer("codes-per-admission", in: 1...1000), categories: categories)
  }

  /// The L1 sensitivity of a table's counts: the most by which one patient can change all its cells together.
  ///
  /// At most `admissionsPerPatient` admissions of a patient count, each with one category of a single-valued attribute
  /// and at most `codesPerAdmission` of a multi-valued one. The product limits the change when a patient is
  /// added or removed.
  package func sensitivity(of attributes: [Attribute]) -> Int {
    attributes.filter(\.isMultiValued).reduce(admissionsPerPatient) { product, _ in product * codesPerAdmission }
  }
}

extension Policy {
  /// A higher sensitivity would drown every count in noise and overflow the noise's arithmetic.
  private static let mostSensitivity = 1_000_000

  /// Reads `categories`: for each attribute a list, or the word `dictionary`.
  static func publicCategories(_ policy: PolicyMapping) -> [Attribute: PublicCategories] {
    guard let node = policy.node("categories") else { return [:] }
    let open = Attribute.allCases.filter { Policy.schemaCategories(of: $0) == nil && $0 != .ageBand }
    let mapping = PolicyMapping(node, what: "categories", keys: open.map(\.rawValue), policy.faults)
    var categories: [Attribute: PublicCategories] = [:]
    for attribute in open {
      guard let node = mapping.node(attribute.rawValue) else { continue }
      if node.scalar?.string == "dictionary" {
        if !attribute.hasDictionary { mapping.note(attribute.rawValue, "has no dictionary; list its categories") }
        categories[attribute] = .dictionary
        continue
      }
      let names = mapping.texts(attribute.rawValue)
      let arePlain = names.allSatisfy { !$0.isEmpty && $0.utf8.count <= 255 && isPrintable($0, limit: 255) }
      if names.isEmpty || Set(names).count < names.count || !arePlain || names.contains(otherCategory)
        || names.contains(missingCategory)
      {
        mapping.note(
          attribute.rawValue,
          "must be the word dictionary, or a list of distinct categories without other and missing, which are implied")
      }
      categories[attribute] = .listed(names)
    }
    return categories
  }

  /// Notes noise on attributes whose categories only the data name; in a policy without noise, keys that need it.
  func noteNoise(_ mapping: PolicyMapping) {
    guard let noise = protection.noise else {
      if mapping.node("categories") != nil { mapping.note("categories", "need noise, but the policy has none") }
      if release.contains(where: { $0.weight != 1 }) { mapping.note("release", "has a weight, which needs noise") }
      return
    }
    if newSeries != nil {
      mapping.note("new-series", "can't be used with noise, as the costs of all releases of a ledger add up")
    }
    if isForEvaluation {
      mapping.note(
        "release", "has an attribute from evaluate: one patient changes others' values, which noise does not hide")
    }
    let single = Set(release.filter { $0.attributes.count == 1 }.map { $0.attributes[0] })
    for table in release {
      if noise.sensitivity(of: table.attributes) > Self.mostSensitivity {
        mapping.note(
          "release", "has a table that one patient can change too much: \(table.name); lower the bounds under noise")
      }
      for attribute in table.attributes where publicCategories(of: attribute) == nil {
        guard let categories = noise.categories[attribute] else {
          mapping.note(
            "release", "has \(attribute.rawValue), which has no public categories; list them under categories")
          continue
        }
        if categories == .dictionary, !single.contains(attribute) {
          mapping.note(
            "release",
            "has \(table.name) but no table [\(attribute.rawValue)], whose published codes it would count")
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
  fileprivate func epsilon(_ key: String) -> Epsilon? {
    guard required(key) != nil else { return nil }
    if let epsilon = Epsilon(text(key)), epsilon > .zero { return epsilon }
    note(key, "must be a number over 0 and up to 100 with at most six decimals, such as 2.0")
    return nil
  }
}
