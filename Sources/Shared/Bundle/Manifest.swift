/// The content of `manifest.json`, which lists the other files with their digests. The site's signature covers only
/// these bytes.
package struct Manifest: Equatable, Sendable {
  package let site: String
  /// 1 for a site's first series of releases. Releases of different series were not compared with each other.
  package let series: Int
  /// 1 for a site's first release, and one more for each later one.
  package let sequence: Int
  /// SHA-256 of the site's previous manifest; nil for the first.
  package let previous: String?
  /// UTC, `2026-01-31T12:00:00Z`.
  package let created: String
  package let extractor: String
  package let guarantee: String
  /// How many people approved the policy.
  package let approvals: Int
  /// The sandbox that kept the extractor from sending anything: `landlock, seccomp`, or `none` if it was turned off.
  package let sandbox: String
  /// Whether the hospital's user said that the codes are whole, although they look as if they had lost leading zeros.
  package let codesAreConfirmed: Bool
  /// SHA-256 of the file with the site's secret, which drew the cells withheld to protect others; nil if the secret was
  /// not kept or nothing was drawn.
  package let secretSHA256: String?
  package let policySHA256: String
  package let files: [ListedFile]

  /// A file of the bundle, as the signed manifest lists it.
  package struct ListedFile: Equatable, Sendable {
    package let path: String
    package let bytes: Int
    package let sha256: String

    package init(path: String, content: [UInt8]) {
      self.init(path: path, bytes: content.count, sha256: SHA256.hexadecimal(content))
    }

    fileprivate init(path: String, bytes: Int, sha256: String) {
      self.path = path
      self.bytes = bytes
      self.sha256 = sha256
    }
  }

  package init(
    site: String, series: Int, sequence: Int, previous: String?, created: String, extractor: String, guarantee: String,
    approvals: Int, sandbox: String, codesAreConfirmed: Bool, secretSHA256: String?, policySHA256: String,
    files: [ListedFile]
  ) {
    self.site = site
    self.series = series
    self.sequence = sequence
    self.previous = previous
    self.created = created
    self.extractor = extractor
    self.guarantee = guarantee
    self.approvals = approvals
    self.sandbox = sandbox
    self.codesAreConfirmed = codesAreConfirmed
    self.secretSHA256 = secretSHA256
    self.policySHA256 = policySHA256
    self.files = files
  }

  private static let type = "cloister/bundle"

  /// What `sandbox` says.
  package enum Sandbox {
    package static let complete = "landlock, seccomp"
    package static let none = "none"
  }

  /// The bytes of `manifest.json`.
  package func formatted() -> String {
    JSONValue.object([
      JSONMember("type", .string(Self.type)), JSONMember("format", 1), JSONMember("site", .string(site)),
      JSONMember("series", .integer(series)), JSONMember("sequence", .integer(sequence)),
      JSONMember("previous", .optional(previous) { .string($0) }),
      JSONMember("created", .string(created)), JSONMember("extractor", .string(extractor)),
      JSONMember("guarantee", .string(guarantee)), JSONMember("approvals", .integer(approvals)),
      JSONMember("sandbox", .string(sandbox)), JSONMember("leading-zeros-confirmed", .bool(codesAreConfirmed)),
      JSONMember("secret-sha256", .optional(secretSHA256) { .string($0) }),
      JSONMember("policy-sha256", .string(policySHA256)),
      JSONMember(
        "files",
        .array(
          files.map { file in
            .object([
              JSONMember("path", .string(file.path)), JSONMember("bytes", .integer(file.bytes)),
              JSONMember("sha256", .string(file.sha256)),
            ])
          })),
    ]).formatted()
  }

  /// Reads `manifest.json`; refuses anything that format 1 does not define.
  package init(parsing bytes: [UInt8]) throws(FormatError) {
    let document = try StrictObject(
      parsing: bytes, path: BundleLayout.manifest,
      names: [
        "type", "format", "site", "series", "sequence", "previous", "created", "extractor", "guarantee", "approvals",
        "sandbox",
        "leading-zeros-confirmed", "secret-sha256", "policy-sha256", "files",
      ])
    guard try document.string("type") == Self.type else { throw document.error("type", "is not \(Self.type)") }
    guard try document.integer("format") == 1 else { throw document.error("format", "is not 1") }
    var files: [ListedFile] = []
    for file in try document.objects("files", names: ["path", "bytes", "sha256"]) {
      let path = try file.string("path")
      guard BundleLayout.listable.contains(path) else { throw file.error("path", "is not a file of format 1") }
      guard !files.contains(where: { $0.path == path }) else { throw file.error("path", "appears twice") }
      files.append(ListedFile(path: path, bytes: try file.integer("bytes"), sha256: try file.string("sha256")))
    }
    if let missing = BundleLayout.listed.first(where: { path in !files.contains { $0.path == path } }) {
      throw document.error("files", "does not list \(missing)")
    }
    let sequence = try document.integer("sequence")
    guard (1...1_000_000).contains(sequence) else { throw document.error("sequence", "is not between 1 and a million") }
    let previous = try document.optionalString("previous")
    guard previous.map(SHA256.isDigest) ?? true, (previous == nil) == (sequence == 1) else {
      throw document.error("previous", "is not the digest of a manifest, or not null in the first release")
    }
    let created = try document.string("created")
    guard isUTCTime(created) else { throw document.error("created", "is not a time such as 2026-01-31T12:00:00Z") }
    let series = try document.integer("series")
    guard (1...sequence).contains(series) else { throw document.error("series", "is not between 1 and sequence") }
    let sandbox = try document.string("sandbox")
    guard [Sandbox.complete, Sandbox.none].contains(sandbox) else {
      throw document.error("sandbox", "is neither \(Sandbox.complete) nor \(Sandbox.none)")
    }
    let secret = try document.optionalString("secret-sha256")
    guard secret.map(SHA256.isDigest) ?? true else { throw document.error("secret-sha256", "is not a digest") }
    self.init(
      site: try document.string("site"), series: series, sequence: sequence,
      previous: previous,
      created: created, extractor: try document.string("extractor"),
      guarantee: try document.string("guarantee"), approvals: try document.integer("approvals"),
      sandbox: sandbox, codesAreConfirmed: try document.boolean("leading-zeros-confirmed"),
      secretSHA256: secret,
      policySHA256: try document.string("policy-sha256"), files: files)
  }
}
