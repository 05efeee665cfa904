import Foundation
import TestSupport
import Testing

@Suite struct KeyTests {
  private let site: TestSite
  private var folder: TemporaryFolder { site.folder }

  init() throws { site = try TestSite(name: nil) }

  private func keygen(_ passphrase: String) throws -> Finished {
    try Project.extractor(
      "keygen", "--name", "Clinic \u{C4}", "--passphrase-fd", "0", "--out", folder.path("keys"), input: passphrase)
  }

  private func extract(_ passphrase: String, _ out: String) throws -> Int32 {
    try site.extract(out, ["--passphrase-fd", "0"], typed: passphrase).status
  }

  @Test func aKeyIsForItsOwnerAndOpensWithItsPassphraseOnly() throws {
    #expect(try keygen("correct horse\n").status == 0)
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.path("keys/signer.key.pem"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try folder.text("keys/signer.key.pem").contains("BEGIN ENCRYPTED PRIVATE KEY"))
    let stock = try runProgram(
      "openssl", ["pkey", "-in", folder.path("keys/signer.key.pem"), "-passin", "stdin", "-noout", "-text"],
      input: "correct horse\n")
    #expect(stock.output.contains("prime256v1"))
    #expect(try extract("correct horse\n", "good") == 0)
    #expect(try extract("wrong\n", "bad") == 78)
    #expect(try extract("", "none") == 78)
    #expect(try !folder.names().contains("bad"))
  }

  @Test func theKeyIsStretchedBySixHundredThousandRounds() throws {
    #expect(try keygen("x\n").status == 0)
    let structure = try runProgram("openssl", ["asn1parse", "-in", folder.path("keys/signer.key.pem")])
    #expect(structure.output.contains(":0927C0"))
  }

  @Test func theCertificateCarriesTheName() throws {
    #expect(try keygen("x\n").output.contains("Clinic \u{C4}"))
    let text = try runProgram(
      "openssl", ["x509", "-in", folder.path("keys/signer.cert.pem"), "-noout", "-subject", "-nameopt", "utf8"])
    #expect(text.output.contains("Clinic \u{C4}"))
  }

  /// A fuzzer found that OpenSSL reads a key whose private and public parts don't belong together.
  @Test func aKeyWhosePartsDoNotBelongTogetherIsRefused() throws {
    for name in ["keys", "other"] {
      _ = try Project.extractor("keygen", "--name", "Site", "--no-passphrase", "--out", folder.path(name))
      let der = [
        "pkey", "-in", folder.path("\(name)/signer.key.pem"), "-outform", "DER", "-out", folder.path("\(name).der"),
      ]
      #expect(try runProgram("openssl", der).status == 0)
    }
    // Replaces the private part of one key, bytes 7 to 38 of its 121 (RFC 5915), with that of the other.
    var mixed = try folder.read("keys.der")
    #expect(mixed.count == 121)
    mixed.replaceSubrange(7..<39, with: try folder.read("other.der")[7..<39])
    let pem =
      "-----BEGIN EC PRIVATE KEY-----\n\(mixed.base64EncodedString(options: .lineLength64Characters))\n"
      + "-----END EC PRIVATE KEY-----\n"
    let key = try folder.write(pem, to: "mixed.pem")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    let policy = try folder.write(SmallHospital.policy, to: "policy.yaml")
    let refused = try Project.extractor(
      "policy", "approve", "--yes", policy, "--key", key, "--cert", folder.path("keys/signer.cert.pem"))
    #expect(refused.status == 78)
    #expect(refused.errors.contains("the key is damaged"))
  }

  /// Makes a key and a self-signed certificate with stock OpenSSL.
  private func makeKey(_ curve: String, _ more: [String] = []) throws {
    try FileManager.default.createDirectory(atPath: folder.path("keys"), withIntermediateDirectories: true)
    let made = try runProgram(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:\(curve)", "-nodes", "-subj", "/CN=Site",
        "-keyout", site.key, "-out", site.certificate,
      ] + more)
    #expect(made.status == 0, "\(made.errors)")
    #expect(chmod(site.key, 0o600) == 0)
  }

  @Test func aCertificateInPlaceOfTheKeyIsNoticed() throws {
    let site = try TestSite()
    let swapped = try Project.extractor(
      "policy", "approve", "--yes", site.policy, "--key", site.certificate, "--cert", site.key)
    #expect(swapped.status == 78)
    let right = try Project.extractor(
      "policy", "approve", "--yes", site.policy, "--key", site.certificate, "--cert", site.certificate)
    #expect(right.status == 78 && right.errors.contains("are --key and --cert swapped?"), "\(right.errors)")
  }

  /// A certificate for servers would sign, but nobody could verify the bundle.
  @Test(arguments: ["extendedKeyUsage=serverAuth", "keyUsage=critical,keyEncipherment", "1.2.3.4=critical,ASN1:NULL"])
  func aCertificateThatNobodyAcceptsSignsNothing(_ addition: String) throws {
    try makeKey("P-256", ["-addext", addition])
    let extract = try site.extract()
    #expect(extract.status == 78)
    let reason = "nobody would accept a signature with the certificate of Site"
    #expect(extract.errors.contains(reason), "\(extract.errors)")
    #expect(try !folder.names().contains("bundle"))
    let approve = try Project.extractor(
      "policy", "approve", "--yes", site.policy, "--key", site.key, "--cert", site.certificate)
    #expect(approve.status == 78)
    #expect(approve.errors.contains(reason), "\(approve.errors)")
    #expect(try !folder.names().contains("policy.yaml.p7s"))
  }

  @Test func aCertificateWithTwoNamesNamesNobody() throws {
    try makeKey("P-256", ["-subj", "/CN=Site/CN=Other"])
    let extract = try site.extract()
    #expect(extract.status == 78)
    #expect(
      extract.errors.contains("the certificate has no common name that can be read in just one way"),
      "\(extract.errors)")
  }

  @Test(arguments: ["secp256k1", "brainpoolP256r1", "P-384"]) func onlyKeysOnP256Sign(_ curve: String) throws {
    try makeKey(curve)
    let extract = try site.extract()
    #expect(extract.status == 78)
    #expect(extract.errors.contains("the key is not a P-256 key"))
  }

  @Test func aSignatureOnAnotherCurveIsNotVerified() throws {
    try makeKey("P-256")
    #expect(try site.extract().status == 0)
    let trusted = site.certificate
    #expect(try Project.generator("verify", folder.path("bundle"), "--trust", trusted).status == 0)
    try makeKey("secp256k1")
    let signed = try runProgram(
      "openssl",
      [
        "cms", "-sign", "-binary", "-nosmimecap", "-md", "sha256", "-in", folder.path("bundle/manifest.json"),
        "-signer", site.certificate, "-inkey", site.key, "-outform", "DER", "-out", folder.path("bundle/manifest.p7s"),
      ])
    #expect(signed.status == 0, "\(signed.errors)")
    let verify = try Project.generator("verify", folder.path("bundle"), "--trust", site.certificate)
    #expect(verify.status == 76)
    #expect(verify.errors.contains("the signer's key is not a P-256 key"), "\(verify.errors)")
  }
}
