internal import Shared

/// The content of `ledger-entry.json`: this release's place in the site's ledger.
struct LedgerEntry: Sendable {
  let site: String
  let place: Ledger.Place
  let created: String
  let policySHA256: String
  let statisticsSHA256: String
  let guarantee: String
  /// How much of the ledger's budget the release costs; nil if its counts are exact.
  let epsilon: Epsilon?

  fileprivate static let members = [
    "type", "format", "site", "series", "sequence", "previous", "created", "policy-sha256", "statistics-sha256",
    "guarantee", "epsilon",
  ]

  var json: JSONValue {
    .object([
      JSONMember("type", "cloister/ledger-entry"), JSONMember("format", 1), JSONMember("site", .string(site)),
      JSONMember("series", .integer(place.series)), JSONMember("sequence", .integer(place.sequence)),
      JSONMember("previous", .optional(place.previousLine) { .string($0) }),
      JSONMember("created", .string(created)), JSONMember("policy-sha256", .string(policySHA256)),
      JSONMember("statistics-sha256", .string(statisticsSHA256)), JSONMember("guarantee", .string(guarantee)),
      JSONMember("epsilon", .optional(epsilon) { .string($0.text) }),
    ])
  }
}

/// The beginning of a new series of releases, which is not compared with earlier ones.
struct SeriesEntry: Equatable, Sendable {
  let site: String
  /// The series that begins, from 2.
  let series: Int
  /// The last release of the series before.
  let after: Int
  /// SHA-256 of the line before.
  let previousLine: String?
  /// UTC, `2026-01-31T12:00:00Z`.
  let created: String
  /// SHA-256 of the policy that was approved for the new series.
  let policySHA256: String
  /// What the approved policy says under `new-series`.
  let reason: String
  /// The people who approved the policy, one line each.
  let approvals: [String]

  fileprivate static let members = [
    "type", "format", "site", "series", "after", "previous", "created", "policy-sha256", "reason", "approvals",
  ]

  var json: JSONValue {
    .object([
      JSONMember("type", "cloister/series"), JSONMember("format", 1), JSONMember("site", .string(site)),
      JSONMember("series", .integer(series)), JSONMember("after", .integer(after)),
      JSONMember("previous", .optional(previousLine) { .string($0) }), JSONMember("created", .string(created)),
      JSONMember("policy-sha256", .string(policySHA256)), JSONMember("reason", .string(reason)),
      JSONMember("approvals", .array(approvals.map { .string($0) })),
    ])
  }
}

extension Ledger {
  /// One line of the ledger: `{"entry": …, "manifest-sha256": …, "code-categories": …, "hmac-sha256": …}` for a
  /// release, or `{"series": …, "hmac-sha256": …}` for the beginning of a series. The code, with a key from the site's
  /// secret, covers everything before it.
  enum Content: Sendable {
    case release(Release)
    case series(SeriesEntry)
  }

  struct Line: Sendable {
    let sha256: String
    let content: Content
  }

  /// A release, as its line tells.
  struct Release: Sendable {
    let sequence: Int
    let series: Int
    let created: String
    let manifestSHA256: String
    let policySHA256: String
    let statisticsSHA256: String
    let guarantee: String
    let epsilon: Epsilon?
    let codeCategories: CodeCategories
  }

  /// The line for a release or a series, with its authentication code.
  static func line(_ members: [JSONMember], _ secret: SiteSecret) -> String {
    JSONValue.object(members + [JSONMember(code, .string(authentication(of: members, secret)))]).compact()
  }

  static func members(
    of entry: LedgerEntry, manifest: [UInt8], _ categories: CodeCategories
  ) -> [JSONMember] {
    [
      JSONMember("entry", entry.json), JSONMember("manifest-sha256", .string(SHA256.hexadecimal(manifest))),
      JSONMember("code-categories", categories.json),
    ]
  }

  private static let code = "hmac-sha256"
  fileprivate static let releaseMembers = ["entry", "manifest-sha256", "code-categories"]

  private static func authentication(of members: [JSONMember], _ secret: SiteSecret) -> String {
    secret.authentication(of: Array(JSONValue.object(members).compact().utf8))
  }
}

extension Ledger.Line {
  /// Reads a line, and checks its code and that it follows the lines before it.
  init(
    _ bytes: [UInt8], after lines: [Ledger.Line], site: String?, _ secret: SiteSecret
  ) throws(FormatError) {
    let path = "line \(lines.count + 1)"
    let isSeries = bytes.starts(with: Array("{\"series\":".utf8))
    let line = try StrictObject(
      parsing: bytes, path: path, names: (isSeries ? ["series"] : Ledger.releaseMembers) + ["hmac-sha256"])
    guard
      Ledger.line(line.members.filter { $0.name != "hmac-sha256" }, secret) == String(decoding: bytes, as: UTF8.self)
    else { throw line.error("hmac-sha256", "shows that this line was changed, or belongs to another site's secret") }
    sha256 = SHA256.hexadecimal(bytes)
    let entry = try line.object(
      isSeries ? "series" : "entry", names: isSeries ? SeriesEntry.members : LedgerEntry.members)
    guard try entry.optionalString("previous") == lines.last?.sha256 else {
      throw entry.error("previous", "is not the digest of the line before it")
    }
    let named = try entry.string("site")
    guard named == site ?? named else {
      throw entry.error(
        "site", "is another hospital than the certificate's: is it the right --ledger, --key and --cert?")
    }
    content =
      isSeries
      ? .series(try SeriesEntry(entry, after: lines)) : .release(try Ledger.Release(line, entry, after: lines))
  }
}

extension Ledger.Release {
  fileprivate init(
    _ line: StrictObject, _ entry: StrictObject, after lines: [Ledger.Line]
  ) throws(FormatError) {
    sequence = try entry.integer("sequence")
    guard sequence == lines.releases.count + 1 else { throw entry.error("sequence", "is not the next number") }
    series = try entry.integer("series")
    guard series == lines.series else { throw entry.error("series", "is not the present series") }
    let epsilon = try entry.optionalString("epsilon")
    self.epsilon = epsilon.flatMap { Epsilon($0) }
    if epsilon != nil, self.epsilon == nil { throw entry.error("epsilon", "is not a valid epsilon") }
    created = try entry.string("created")
    guarantee = try entry.string("guarantee")
    manifestSHA256 = try line.string("manifest-sha256")
    policySHA256 = try entry.string("policy-sha256")
    statisticsSHA256 = try entry.string("statistics-sha256")
    codeCategories = try CodeCategories(
      try line.object(
        "code-categories", names: Attribute.allCases.filter(\.isCode).map(\.rawValue),
        allRequired: false))
  }
}

extension CodeCategories {
  fileprivate init(_ lists: StrictObject) throws(FormatError) {
    self = .none
    for attribute in Attribute.allCases where lists.members.contains(where: { $0.name == attribute.rawValue }) {
      insert(try lists.strings(attribute.rawValue), attribute)
    }
  }

  fileprivate var json: JSONValue {
    .object(
      attributes.map { attribute in
        JSONMember(attribute.rawValue, .array((self[attribute] ?? []).map { .string($0) }))
      })
  }
}

extension SeriesEntry {
  fileprivate init(_ entry: StrictObject, after lines: [Ledger.Line]) throws(FormatError) {
    series = try entry.integer("series")
    guard series == lines.series + 1 else { throw entry.error("series", "is not the next number") }
    after = try entry.integer("after")
    guard after == lines.releases.count else { throw entry.error("after", "is not the last release") }
    site = try entry.string("site")
    previousLine = try entry.optionalString("previous")
    created = try entry.string("created")
    policySHA256 = try entry.string("policy-sha256")
    reason = try entry.string("reason")
    approvals = try entry.strings("approvals")
  }
}

extension [Ledger.Line] {
  var releases: [Ledger.Release] {
    compactMap { line in if case .release(let release) = line.content { release } else { nil } }
  }

  /// How the present series began; nil in the first.
  var begun: SeriesEntry? {
    for case .series(let entry) in map(\.content).reversed() { return entry }
    return nil
  }

  /// The number of the present series, from 1.
  var series: Int { begun?.series ?? 1 }
}
