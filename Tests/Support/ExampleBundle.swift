/// A bundle made from a small fictional hospital, with the keys that signed it. Made once for all tests of a run.
package struct ExampleBundle: Sendable {
  private let site: TestSite

  package var folder: TemporaryFolder { site.folder }
  package var path: String { folder.path("bundle") }
  package var certificate: String { site.certificate }
  package var key: String { site.key }

  /// Runs keygen and extract as a hospital would.
  ///
  /// - Parameters:
  ///   - input: a folder of tables.
  ///   - policy: the path of a policy file.
  ///   - threads: the number of threads; if nil, the program chooses.
  package init(input: String, policy: String, threads: Int? = nil) throws {
    site = try TestSite(nil, name: "Test Hospital")
    let extract = try site.extract(
      from: ["--input", input], policy: policy,
      ["--ledger", try site.folder.ledger("ledger")] + (threads.map { ["--threads", "\($0)"] } ?? []))
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
