internal import Shared

/// The categories in an engine's results, numbered alike in all results. Each must look like a category of its
/// attribute: other text can't come from the policy's SQL, and free text must never reach a table.
struct CountedNames {
  private let policy: Policy
  private let kinds: CategoryKinds
  private var slots: [Attribute: Int] = [:]
  private var interners: [CategoryInterner] = []

  init(_ policy: Policy, _ schema: SourceSchema) {
    self.policy = policy
    kinds = CategoryKinds(policy: policy, schema: schema)
  }

  /// Where a result holds the categories of an attribute.
  struct Axis {
    fileprivate let attribute: Attribute
    fileprivate let slot: Int
    fileprivate let place: CountedRows.Place
    /// How many public names there are; nil under a policy without noise.
    fileprivate let publicCount: Int?
  }

  /// - Throws: status 66 if the names come from a dictionary that is empty.
  mutating func axes(_ rows: borrowing CountedRows, _ titles: CodeTitles) throws(CloisterError) -> [Axis] {
    var axes: [Axis] = []
    for attribute in rows.result.attributes {
      let listed = try policy.protection.noise.map { noise throws(CloisterError) in
        try publicNames(attribute, titles, policy, noise)
      }
      if slots[attribute] == nil {
        slots[attribute] = interners.count
        interners.append(CategoryInterner())
        for name in listed ?? [] { _ = interners[interners.count - 1].number(of: name) }
      }
      axes.append(
        Axis(
          attribute: attribute, slot: slots[attribute] ?? 0, place: rows.place(attribute.column),
          publicCount: listed?.count))
    }
    return axes
  }

  /// The number of the row's category.
  mutating func number(_ axis: Axis, _ rows: borrowing CountedRows) throws(CloisterError) -> UInt32 {
    let kinds = kinds
    let real = policy.realCategories(of: axis.attribute)
    let number = try rows.id(axis.place, &interners[axis.slot], keeping: real) { text throws(CloisterError) in
      guard kinds.isCategory(text, axis.attribute) else {
        throw rows.refusal(axis.place, "is not a category of its attribute under this policy")
      }
      return text
    }
    if let count = axis.publicCount, number >= count {
      throw rows.refusal(axis.place, "is not one of the public categories; a policy with noise allows no others")
    }
    return number
  }

  /// Adds the categories to the tables. Call this only when all categories are known.
  func finished(_ tables: [TalliedTable]) -> [TalliedTable] {
    tables.map { TalliedTable(request: $0.request, categories: names($0.request.attributes), cells: $0.cells) }
  }

  func finished(_ joints: [JointCounts]) -> [JointCounts] {
    joints.map { joint in
      var joint = joint
      joint.categories = names(joint.attributes)
      return joint
    }
  }

  private func names(_ attributes: [Attribute]) -> [[String]] {
    attributes.map { slots[$0].map { interners[$0].names } ?? [] }
  }
}

/// What a category of each attribute looks like.
private struct CategoryKinds {
  let policy: Policy
  let schema: SourceSchema

  func isCategory(_ text: String, _ attribute: Attribute) -> Bool {
    if policy.protection.noise != nil { return true }
    if attribute.isCode, policy.protection.rollsUpCodes, CodeGroups.isGroup(text, attribute) { return true }
    switch attribute {
    case .mainDiagnosis: return text == missingCategory || isCode(text, .icd9Diagnosis, .icd10Diagnosis)
    case .diagnosis: return isCode(text, .icd9Diagnosis, .icd10Diagnosis)
    case .procedure: return isCode(text, .icd9Procedure, .icd10Procedure)
    case .cpt: return CodeShape.cpt.matches(Array(text.utf8)[...])
    case .lab: return isLab(text)
    case .drug: return text != missingCategory
    case .lengthOfStayBand: return text == missingCategory || isPublic(text, attribute)
    case .gender: return text == missingCategory || isPublic(text, attribute)
    default: return policy.publicCategories(of: attribute) == nil || isPublic(text, attribute)
    }
  }

  private func isPublic(_ text: String, _ attribute: Attribute) -> Bool {
    policy.publicCategories(of: attribute)?.contains(text) ?? false
  }

  private func isCode(_ text: String, _ ninth: CodeShape, _ tenth: CodeShape) -> Bool {
    guard schema == .mimicIV else { return ninth.matches(Array(text.utf8)[...]) }
    let (version, code) = VersionedCode.parts(text)
    guard VersionedCode.category(version: version, code: code) == text else { return false }
    return (version == 9 && ninth.matches(Array(code.utf8)[...]))
      || (version == 10 && tenth.matches(Array(code.utf8)[...]))
  }

  private func isLab(_ text: String) -> Bool {
    let (item, value) = (LabCategory.item(of: text), LabCategory.value(of: text))
    guard let number = Int(item), "\(number)" == item, number >= 0 else { return false }
    guard let bins = policy.labBins.first(where: { $0.item == number }) else {
      return LabCategory.isFlag(Array(value.utf8)[...]) && value == value.lowercased()
    }
    return value == LabCategory.noNumber || bins.labels.contains(value)
  }
}
