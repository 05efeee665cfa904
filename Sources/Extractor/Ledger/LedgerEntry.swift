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
    "type", "format", "site", "sequence", "previous", "created", "policy-sha256", "statistics-sha256", "guarantee",
    "epsilon",
  ]

  var json: JSONValue {
    .object([
      JSONMember("type", "cloister/ledger-entry"), JSONMember("format", 1), JSONMember("site", .string(site)),
      JSONMember("sequence", .integer(place.sequence)),
      JSONMember("previous", .optional(place.previousLine) { .string($0) }),
      JSONMember("created", .string(created)), JSONMember("policy-sha256", .string(policySHA256)),
      JSONMember("statistics-sha256", .string(statisticsSHA256)), JSONMember("guarantee", .string(guarantee)),
      JSONMember("epsilon", .optional(epsilon) { .string($0.text) }),
    ])
  }
}

extension Ledger {
  /// One line of the ledger: a release.
  struct Line: Sendable {
    let sha256: String
    let manifestSHA256: String
    let policySHA256: String
    let statisticsSHA256: String
    let epsilon: Epsilon?

    /// Reads a line and checks that it follows `last`.
    init(_ content: [UInt8], after last: Line?, number: Int, site: String?) throws(FormatError) {
      let line = try StrictObject(parsing: content, path: "line \(number)", names: ["entry", "manifest-sha256"])
      let entry = try line.object("entry", names: LedgerEntry.members)
      guard try entry.optionalString("previous") == last?.sha256 else {
        throw entry.error("previous", "is not the digest of the line before it")
      }
      guard try entry.integer("sequence") == number else { throw entry.error("sequence", "is not the next number") }
      let named = try entry.string("site")
      guard named == site ?? named else {
        throw entry.error("site", "is not the certificate's name")
      }
      let epsilon = try entry.optionalString("epsilon")
      self.epsilon = epsilon.flatMap { Epsilon($0) }
      if epsilon != nil, self.epsilon == nil { throw entry.error("epsilon", "is not a valid epsilon") }
      sha256 = SHA256.hexadecimal(content)
      manifestSHA256 = try line.string("manifest-sha256")
      policySHA256 = try entry.string("policy-sha256")
      statisticsSHA256 = try entry.string("statistics-sha256")
    }
  }
}
