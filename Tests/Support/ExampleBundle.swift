/// A bundle made from a small fictional hospital, with the keys that signed it. Made once for all tests of a run.
package struct ExampleBundle: Sendable {
  package let folder: TemporaryFolder

  package var path: String { folder.path("bundle") }
  package var certificate: String { folder.path("keys/signer.cert.pem") }
  package var key: String { folder.path("keys/signer.key.pem") }

  /// Runs keygen and extract as a hospital would.
  ///
  /// - Parameters:
  ///   - input: a folder of tables.
  ///   - policy: the path of a policy file.
  ///   - threads: how many read and count; nil: as many as the program chooses.
  package init(input: String, policy: String, threads: Int? = nil) throws {
    folder = try TemporaryFolder()
    let keygen = try Project.extractor(
      "keygen", "--name", "Test Hospital", "--no-passphrase", "--out", folder.path("keys"))
    guard keygen.status == 0 else { throw ProgramFailed(what: keygen.errors) }
    let extract = try runProgram(
      Project.program("cloister-extractor"),
      ["extract", "--input", input, "--policy", policy, "--key", key, "--cert", certificate, "--out", path]
        + (threads.map { ["--threads", "\($0)"] } ?? []))
    guard extract.status == 0 else { throw ProgramFailed(what: extract.errors) }
  }

  /// The example hospital's bundle under policies/demo.yaml.
  package static let mimicIII = Result {
    try ExampleBundle(
      input: "\(Project.root)/examples/mimic-iii", policy: "\(Project.root)/policies/demo.yaml")
  }

  package static let mimicIV = Result {
    try ExampleBundle(input: "\(Project.root)/examples/mimic-iv", policy: "\(Project.root)/policies/demo.yaml")
  }
}

package struct ProgramFailed: Error {
  package let what: String

  package init(what: String) { self.what = what }
}
