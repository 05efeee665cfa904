internal import Shared

/// The categories under which the releases of a series count codes: codes by themselves, and groups.
///
/// Claim: a release that keeps them counts each code under the category under which all earlier releases counted it. A
/// group therefore never loses a code, and the difference between two releases never tells the count of one.
struct CodeCategories: Equatable, Sendable {
  private var names: [Attribute: Set<String>] = [:]

  static let none = CodeCategories()

  /// The attributes with categories, in order.
  var attributes: [Attribute] { Attribute.allCases.filter { names[$0] != nil } }

  /// An attribute's categories in byte order; nil if no release has counted by it.
  subscript(attribute: Attribute) -> [String]? { names[attribute]?.sorted(by: byteOrder) }

  /// The category under which a code is counted: itself or the narrowest of its groups, and `other` if earlier releases
  /// had no place for it.
  func category(of code: String, _ attribute: Attribute) -> String {
    let known = names[attribute] ?? []
    return ([code] + CodeGroups.groups(of: code, attribute)).first(where: known.contains) ?? otherCategory
  }

  mutating func insert(_ categories: some Sequence<String>, _ attribute: Attribute) {
    names[attribute, default: []].formUnion(categories)
  }

  mutating func formUnion(_ other: CodeCategories) {
    for (attribute, categories) in other.names { insert(categories, attribute) }
  }

  /// SHA-256 of a policy and the categories that its counts keep, which identifies the counts of a warehouse.
  func digest(with policy: Policy) -> String {
    let lists = attributes.map { "\n\($0.rawValue): \((self[$0] ?? []).joined(separator: " "))" }
    return SHA256.hexadecimal(policy.bytes + Array(lists.joined().utf8))
  }
}

extension Tally {
  /// The categories under which the tables count codes.
  var codeCategories: CodeCategories {
    var found = CodeCategories()
    for table in tables {
      for (axis, attribute) in table.request.attributes.enumerated() where attribute.isCode {
        let used = Set(table.cells.map { $0.ids[axis] }).map { table.categories[axis][Int($0)] }
        found.insert(used.filter { $0 != missingCategory }, attribute)
      }
    }
    return found
  }
}
