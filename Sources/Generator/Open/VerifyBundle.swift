internal import Shared

/// A bundle whose every byte a trusted hospital signed. Only `verifyBundle`, in this file, can make one, and the generator
/// takes nothing else.
struct VerifiedBundle: Sendable {
  let manifest: Manifest
  let signer: Signer
  let policy: Policy
  let statistics: Statistics
  /// SHA-256 of the manifest: it names the whole bundle.
  let digest: String

  fileprivate init(manifest: Manifest, signer: Signer, policy: Policy, statistics: Statistics, digest: String) {
    self.manifest = manifest
    self.signer = signer
    self.policy = policy
    self.statistics = statistics
    self.digest = digest
  }
}

/// Checks, in this order: the signature over the manifest's bytes by a trusted certificate; the manifest's format; that
/// the folder holds exactly the files it lists, with their sizes and digests; the policy and its digest; the statistics'
/// format, minimum and texts, and that the policy releases every table.
///
/// - Parameter trusted: paths of certificates in PEM form.
/// - Throws: status 76 at the first thing that is wrong.
func verifyBundle(_ bundle: UnverifiedBundle, trusted: [String]) throws(CloisterError) -> VerifiedBundle {
  let manifestBytes = try file(BundleLayout.manifest, of: bundle)
  let signer = try DetachedSignature.verify(
    try file(BundleLayout.signature, of: bundle), over: manifestBytes, trustedFiles: trusted)
  let manifest = try refusing { () throws(FormatError) in try Manifest(parsing: manifestBytes) }
  try checkFiles(bundle, manifest)
  let policy = try verifiedPolicy(try file(BundleLayout.policy, of: bundle), manifest)
  let statisticsBytes = try file(BundleLayout.statistics, of: bundle)
  let statistics = try refusing { () throws(FormatError) in try Statistics(parsing: statisticsBytes) }
  guard statistics.minimumPatients == policy.protection.minimumPatients else {
    throw bundleRefusal("statistics.json: minimum-patients is not the policy's")
  }
  let released = Set(policy.release.map { Set($0.attributes) })
  guard statistics.tables.allSatisfy({ released.contains(Set($0.attributes)) }) else {
    throw bundleRefusal("statistics.json: holds a table that the policy does not release")
  }
  try checkTexts(manifest, statistics)
  return VerifiedBundle(
    manifest: manifest, signer: signer, policy: policy, statistics: statistics,
    digest: SHA256.hexadecimal(manifestBytes))
}

private func file(_ name: String, of bundle: UnverifiedBundle) throws(CloisterError) -> [UInt8] {
  guard let bytes = bundle.files[name] else { throw bundleRefusal("\(name): the file is missing") }
  return bytes
}

private func refusing<Value>(_ read: () throws(FormatError) -> Value) throws(CloisterError) -> Value {
  do { return try read() } catch { throw bundleRefusal(error.text) }
}

private func checkFiles(_ bundle: UnverifiedBundle, _ manifest: Manifest) throws(CloisterError) {
  for listed in manifest.files {
    let bytes = try file(listed.path, of: bundle)
    guard bytes.count == listed.bytes, SHA256.hexadecimal(bytes) == listed.sha256 else {
      throw bundleRefusal("\(listed.path): the file is not the one that was signed")
    }
  }
  let known = Set(manifest.files.map(\.path) + [BundleLayout.manifest, BundleLayout.signature])
  if let extra = bundle.files.keys.sorted().first(where: { !known.contains($0) }) {
    throw bundleRefusal("\(extra): the manifest does not list this file")
  }
}

private func verifiedPolicy(_ bytes: [UInt8], _ manifest: Manifest) throws(CloisterError) -> Policy {
  guard SHA256.hexadecimal(bytes) == manifest.policySHA256 else {
    throw bundleRefusal("policy.yaml: the file is not the policy that the manifest names")
  }
  let policy: Policy
  do { policy = try Policy(parsing: bytes, file: BundleLayout.policy) } catch { throw bundleRefusal(error.what) }
  guard policy.protection.approvals == 0 else {
    throw bundleRefusal(
      "policy.yaml: the policy asks for approvals, which cloister-generator \(cloisterVersion) can't check")
  }
  return policy
}

/// Texts of the bundle go to terminals, prompts and files: control characters and overlong texts are refused.
private func checkTexts(_ manifest: Manifest, _ statistics: Statistics) throws(CloisterError) {
  for text in [manifest.site, manifest.created, manifest.extractor, manifest.guarantee] {
    try checkText(text, BundleLayout.manifest)
  }
  for table in statistics.tables {
    for cell in table.cells { for category in cell.key { try checkText(category, BundleLayout.statistics) } }
    for key in table.suppressed { for category in key { try checkText(category, BundleLayout.statistics) } }
  }
  for group in statistics.titles.sorted {
    for title in group.titles {
      try checkText(title.code, BundleLayout.statistics)
      try checkText(title.title, BundleLayout.statistics)
    }
  }
}

private func checkText(_ text: String, _ file: String) throws(CloisterError) {
  guard Console.harmless(text, limit: 300) == text else {
    throw bundleRefusal("\(file): a text with control characters, or of more than 300 characters")
  }
}
