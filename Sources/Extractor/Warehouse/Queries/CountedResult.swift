internal import Shared

/// A result that the hospital's engine counts for a release and that `extract --counts` reads.
enum CountedResult: Equatable, Sendable {
  /// The number of inconsistent rows in the source, by problem.
  case checks
  case table(Policy.TableRequest)
  /// Counts by all attributes of a ring of tables at once, for the attack.
  case together([Attribute])
  /// The titles that the source's own dictionary gives to the codes of a group of attributes.
  case titles(group: String)

  /// Every result of a policy, in the order of the SQL file.
  static func all(_ policy: Policy, _ schema: SourceSchema) -> [CountedResult] {
    let requests = policy.requests(in: schema)
    let groups = Set(requests.flatMap(\.attributes).compactMap(\.titleGroup)).subtracting(["cpt"])
    return [.checks] + requests.map { .table($0) } + together(policy, requests).map { .together($0) }
      + groups.inByteOrder().map { .titles(group: $0) }
  }

  /// The sets of attributes to count together for the attack, unless a table counts by just these.
  private static func together(_ policy: Policy, _ requests: [Policy.TableRequest]) -> [[Attribute]] {
    let tables = Set(requests.map { Set($0.attributes) })
    let joints = policy.joints(requests)
    guard let (stay, codes) = policy.profiles(requests) else { return joints }
    let profiles = ([stay] + codes.map { stay + [$0] }).filter { set in
      !set.isEmpty && !tables.contains(Set(set)) && !joints.contains { Set($0) == Set(set) }
    }
    return joints + profiles
  }

  /// The name of the result's file, without its extension.
  var name: String {
    switch self {
    case .checks: "checks"
    case .table(let request): PublishedTable.name(of: request.attributes).replacing(" ", with: "-")
    case .together(let attributes): Self.together(attributes.map(\.rawValue).joined(separator: "-x-"))
    case .titles(let group): "titles-\(group)"
    }
  }

  /// Hashes long names, as a file name may have at most 255 bytes.
  private static func together(_ names: String) -> String {
    "together-" + (names.utf8.count <= 200 ? names : String(SHA256.hexadecimal(Array(names.utf8)).prefix(16)))
  }

  /// The attributes by which the result's rows are counted.
  var attributes: [Attribute] {
    switch self {
    case .table(let request): request.attributes
    case .together(let attributes): attributes
    case .checks, .titles: []
    }
  }
}

extension Attribute {
  /// The attribute's column in a result.
  var column: String { rawValue.replacing("-", with: "_") }
}
