import Foundation
import TestSupport
import Testing

/// Approvals, as officers give them and as hospital IT sees them.
@Suite struct ApprovalTests {
  private let site: TestSite
  private var folder: TemporaryFolder { site.folder }

  init() throws {
    site = try TestSite(name: "Test Hospital", keys: "site")
    for (name, keys) in [("Officer A", "a"), ("Officer B", "b")] { try site.makeKeys(name, in: keys) }
  }

  private func policy(_ approvals: Int) throws -> String {
    try folder.write(
      SmallHospital.policy.replacingOccurrences(of: "patients: 11}", with: "patients: 11, approvals: \(approvals)}"),
      to: "policy.yaml")
  }

  private func approve(_ who: String) throws -> Finished {
    try Project.extractor(
      "policy", "approve", "--yes", folder.path("policy.yaml"), "--key", folder.path("\(who)/signer.key.pem"), "--cert",
      folder.path("\(who)/signer.cert.pem"))
  }

  private func extract(_ out: String, approvers: [String]) throws -> Finished {
    try site.extract(
      out, (approvers.isEmpty ? [] : ["--approvers"] + approvers.map { folder.path("\($0)/signer.cert.pem") }))
  }

  @Test func twoPeopleMustApproveWhereTwoAreAskedFor() throws {
    _ = try policy(2)
    #expect(try extract("none", approvers: ["a", "b"]).status == 77)
    #expect(try approve("a").status == 0)
    let one = try extract("one", approvers: ["a", "b"])
    #expect(one.status == 77)
    #expect(one.errors.contains("requires 2 approvals but has 1"))
    let again = try approve("a")
    #expect(again.status == 76)
    #expect(again.errors.contains("Officer A has already approved this policy"))
    #expect(try approve("b").status == 0)
    let unknown = try extract("unknown", approvers: ["a"])
    #expect(unknown.status == 76)
    #expect(unknown.errors.contains("no certificate was given of Officer B, SHA-256"), "\(unknown.errors)")
    #expect(unknown.errors.contains("expected: Officer A, SHA-256"))
    #expect(try extract("two", approvers: ["a", "b"]).status == 0)
    #expect(try folder.names().filter { ["none", "one", "unknown"].contains($0) || $0.contains("incomplete") } == [])
    let page = try folder.text("two/review.html")
    #expect(page.contains("Officer A, certificate SHA-256") && page.contains("Officer B, certificate SHA-256"))
    try checkByStockCommands()
    try folder.write(try folder.text("policy.yaml") + "# A comment.\n", to: "policy.yaml")
    let changed = try extract("changed", approvers: ["a", "b"])
    #expect(changed.status == 76 && changed.errors.contains("it was changed after somebody approved it"))
  }

  /// The commands that docs/bundle-format.md gives to readers who don't trust us.
  private func checkByStockCommands() throws {
    try folder.write(
      try folder.text("a/signer.cert.pem") + folder.text("b/signer.cert.pem"), to: "two/approvers.pem")
    try FileManager.default.copyItem(atPath: folder.path("site/signer.cert.pem"), toPath: folder.path("two/site.pem"))
    func cms(_ signature: String, _ content: String, _ trust: String) throws -> Finished {
      try runProgram(
        "openssl",
        [
          "cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content", content, "-CAfile", trust,
          "-out", "/dev/null",
        ],
        in: folder.path("two"))
    }
    #expect(try cms("manifest.p7s", "manifest.json", "site.pem").status == 0)
    #expect(try cms("policy.p7s", "policy.yaml", "approvers.pem").status == 0)
    #expect(try cms("policy.p7s", "policy.yaml", "site.pem").status != 0)
    let digests = try runProgram(
      "sha256sum", ["policy.yaml", "policy.p7s", "statistics.json", "review.html"], in: folder.path("two"))
    let manifest = try folder.text("two/manifest.json")
    for line in digests.output.split(separator: "\n") { #expect(manifest.contains(line.prefix(64))) }
  }

  @Test func theSignerIsNoSecondPerson() throws {
    _ = try policy(2)
    #expect(try approve("site").status == 0)
    #expect(try extract("alone", approvers: ["site", "a"]).status == 77)
    #expect(try approve("a").status == 0)
    #expect(try extract("both", approvers: ["site", "a"]).status == 0)
  }

  @Test func anApprovalOfOtherBytesIsNone() throws {
    _ = try policy(1)
    #expect(try approve("a").status == 0)
    try folder.write(try folder.text("policy.yaml") + "# one more line\n", to: "policy.yaml")
    #expect(try extract("changed", approvers: ["a"]).status == 76)
    let second = try approve("b")
    #expect(second.status == 76)
    #expect(second.errors.contains("remove the .p7s"))
  }

  @Test func anAuthorityOfTheHospitalIssuesTheCertificate() throws {
    let made = try Project.extractor(
      "keygen", "--name", "Test Hospital", "--csr", "--no-passphrase", "--out", folder.path("own"))
    #expect(made.status == 0)
    #expect(try folder.names("own") == ["signer.csr.pem", "signer.key.pem"])
    let issue = """
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=Authority" \
        -keyout ca.key -out ca.pem &&
      openssl x509 -req -in own/signer.csr.pem -CA ca.pem -CAkey ca.key -CAcreateserial \
        -days 30 -out own/signer.cert.pem
      """
    #expect(try runProgram("bash", ["-c", issue], in: folder.path).status == 0)
    try FileManager.default.removeItem(atPath: folder.path("site"))
    try FileManager.default.moveItem(atPath: folder.path("own"), toPath: folder.path("site"))
    _ = try policy(0)
    #expect(try extract("bundle", approvers: []).status == 0)
    func verify(_ option: String, _ certificate: String) throws -> Finished {
      try Project.generator("verify", folder.path("bundle"), option, folder.path(certificate))
    }
    #expect(try verify("--authority", "ca.pem").status == 0)
    #expect(try verify("--trust", "site/signer.cert.pem").status == 0)
    #expect(try verify("--trust", "a/signer.cert.pem").status == 76)
    let notAuthority = try verify("--trust", "ca.pem")
    #expect(notAuthority.status == 76)
    #expect(notAuthority.errors.contains("trusted only for itself, not as an authority"), "\(notAuthority.errors)")
  }
}
