package import Shared

/// A hospital in a test: its tables in `input`, `policy.yaml`, its keys in `keys`, and the extractor as its staff run
/// it.
package struct TestSite: Sendable {
  package let folder: TemporaryFolder
  private let keys: String

  /// - Parameters:
  ///   - hospital: the tables; if nil, none are written.
  ///   - policy: the text of the policy.
  ///   - name: the name for which keys are made; if nil, the test makes the keys.
  ///   - keys: the folder of the keys.
  package init(
    _ hospital: SmallHospital? = .mimicIII, policy: String = SmallHospital.policy, name: String? = "Site",
    keys: String = "keys"
  ) throws {
    folder = try TemporaryFolder()
    self.keys = keys
    _ = try hospital?.write(to: folder)
    try folder.write(policy, to: "policy.yaml")
    if let name { try makeKeys(name, in: keys) }
  }

  package var input: String { folder.path("input") }
  package var policy: String { folder.path("policy.yaml") }
  package var key: String { folder.path("\(keys)/signer.key.pem") }
  package var certificate: String { folder.path("\(keys)/signer.cert.pem") }

  package func makeKeys(_ name: String, in keys: String) throws {
    let keygen = try Project.extractor("keygen", "--name", name, "--no-passphrase", "--out", folder.path(keys))
    guard keygen.status == 0 else { throw ProgramFailed(what: keygen.errors) }
  }

  /// Runs extract.
  ///
  /// - Parameters:
  ///   - out: the bundle's name in the site's folder.
  ///   - source: where the counts come from; if nil, from the site's tables.
  ///   - policy: the path of a policy; if nil, the site's policy is used.
  ///   - more: further arguments.
  ///   - typed: what the program reads from standard input.
  package func extract(
    _ out: String = "bundle", from source: [String]? = nil, policy: String? = nil, _ more: [String] = [],
    typed: String = ""
  ) throws -> Finished {
    try Project.extractor(
      ["extract"] + (source ?? ["--input", input]) + [
        "--policy", policy ?? self.policy, "--key", key, "--cert", certificate, "--out", folder.path(out),
      ] + more, input: typed)
  }
}

extension Policy {
  /// The policy of a test.
  ///
  /// - Parameters:
  ///   - tables: what follows `table:`, for each table.
  ///   - protection: the members of `protection`.
  package static func test(
    _ tables: [String], protection: String = "minimum-patients: 11", minimumAge: Int = 18
  ) throws -> Policy {
    let text = """
      cloister-policy: 1
      title: T
      owner: O
      cohort: {minimum-age: \(minimumAge)}
      protection: {\(protection)}
      release:
      \(tables.map { "  - table: \($0)" }.joined(separator: "\n"))
      """
    return try Policy(parsing: Array(text.utf8), file: "p.yaml")
  }
}
