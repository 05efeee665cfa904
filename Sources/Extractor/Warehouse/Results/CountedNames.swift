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
    kinds = CategoryKinds(policy, schema)
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
