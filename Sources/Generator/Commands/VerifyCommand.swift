internal import ArgumentParser
internal import Shared

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks that a bundle is whole and comes from a hospital that you trust.",
    discussion: """
      Exits with status 76 if anything is wrong with the bundle. Example:
        cloister-generator verify bundle/ --trust site.cert.pem
      """)

  @Argument(help: "The bundle's folder.")
  var bundle: String

  @OptionGroup var options: TrustOptions

  @Flag(help: "Print JSON, for scripts.")
  var json = false

  func run() throws {
    let (verified, note) = try acceptedBundle(
      bundle, options.trusted, memory: options.memory, mostStatistics: options.mostStatistics)
    if let note { Console.note("note: \(note)") }
    if json { Console.result(verified.json.compact()) } else { verified.lines.forEach { Console.result($0) } }
  }
}

extension VerifiedBundle {
  fileprivate var json: JSONValue {
    .object([
      JSONMember("site", .string(manifest.site)), JSONMember("series", .integer(manifest.series)),
      JSONMember("sequence", .integer(manifest.sequence)),
      JSONMember("created", .string(manifest.created)), JSONMember("guarantee", .string(manifest.guarantee)),
      JSONMember("signer", .string(signer.name)), JSONMember("signer-sha256", .string(signer.fingerprint)),
      JSONMember(
        "approvals",
        .array(
          approvals.approvers.map {
            .object([
              JSONMember("name", .string($0.name)), JSONMember("certificate-sha256", .string($0.fingerprint)),
              JSONMember("signed", .optional($0.signedAt) { .string($0) }),
            ])
          })),
      JSONMember("timestamp", .optional(stampedAt) { .string($0) }), JSONMember("sandbox", .string(manifest.sandbox)),
      JSONMember("leading-zeros-confirmed", .bool(manifest.codesAreConfirmed)),
      JSONMember("policy", .string(policy.title)), JSONMember("bundle", .string(digest)),
      JSONMember("schema", .string(statistics.schema.rawValue)),
      JSONMember("tables", .integer(statistics.tables.count)),
      JSONMember("cells", .integer(statistics.tables.reduce(0) { $0 + $1.cells.count })),
    ])
  }

  fileprivate var lines: [String] {
    [
      "the bundle is whole and signed",
      "signed by \(signer.name), certificate SHA-256 \(signer.fingerprint)",
      "site: \(manifest.site), release \(manifest.sequence) of \(manifest.created)"
        + (manifest.series > 1 ? ", series \(manifest.series)" : ""),
      "policy: \(policy.title) (\(policy.owner))",
      approvals.approvers.isEmpty ? "approvals: none; the policy asks for none" : "approved by:",
    ] + approvals.lines.map { "  \($0)" } + (stampedAt.map { ["time stamp: signed before \($0)"] } ?? []) + [
      "guarantee: \(manifest.guarantee)", "sandbox of the extractor: \(manifest.sandbox)",
    ]
      + (manifest.codesAreConfirmed
        ? ["codes: they looked cut, but the hospital's user confirmed that they are whole"] : [])
      + [
        "content: \(statistics.schema.title), \(statistics.tables.count) tables, "
          + "\(statistics.tables.reduce(0) { $0 + $1.cells.count }) cells",
        "bundle SHA-256 \(digest)",
      ]
  }
}
