internal import Shared

/// A bundle that a trusted hospital signed, byte for byte. Only `verifyBundle`, in this file, can make one, and the
/// generator accepts nothing else.
struct VerifiedBundle: Sendable {
  let manifest: Manifest
  let signer: Signer
  let approvals: Approvals
  /// When a time stamp authority stamped the signature, in UTC; nil if the bundle has no time stamp.
  let stampedAt: String?
  let policy: Policy
  let statistics: Statistics
  /// SHA-256 of the manifest, which identifies the whole bundle.
  let digest: String
  /// The verified files, by name.
  let files: [String: [UInt8]]

  fileprivate init(
    manifest: Manifest, signer: Signer, approvals: Approvals, stampedAt: String?, policy: Policy,
    statistics: Statistics, digest: String, files: [String: [UInt8]]
  ) {
    self.manifest = manifest
    self.signer = signer
    self.approvals = approvals
    self.stampedAt = stampedAt
    self.policy = policy
    self.statistics = statistics
    self.digest = digest
    self.files = files
  }

  var content: VerifiedContent {
    VerifiedContent(manifest: manifest, policy: policy, statistics: statistics, digest: digest)
  }
}

/// The parts of a verified bundle that a run uses.
struct VerifiedContent: Sendable {
  let manifest: Manifest
  let policy: Policy
  let statistics: Statistics
  /// SHA-256 of the manifest.
  let digest: String

  fileprivate init(manifest: Manifest, policy: Policy, statistics: Statistics, digest: String) {
    self.manifest = manifest
    self.policy = policy
    self.statistics = statistics
    self.digest = digest
  }
}

/// Reopens a run's own copy of its bundle, which was verified when the run began. Checks the digests but not the
/// signature, since certificates may have expired in the meantime.
///
/// - Throws: status 76 if the copy is no longer the same bundle.
func reopenedBundle(_ bundle: UnverifiedBundle, digest: String) throws(CloisterError) -> VerifiedContent {
  let manifestBytes = try file(BundleLayout.manifest, of: bundle)
  guard SHA256.hexadecimal(manifestBytes) == digest else {
    throw bundleRefusal(.manifest, "manifest.json: this is not the bundle that the run began with")
  }
  let manifest = try refusing(.manifest) { () throws(FormatError) in try Manifest(parsing: manifestBytes) }
  try checkFiles(bundle, manifest)
  let statisticsBytes = try file(BundleLayout.statistics, of: bundle)
  let statistics = try refusing(.statistics) { () throws(FormatError) in try Statistics(parsing: statisticsBytes) }
  let policy = try verifiedPolicy(try file(BundleLayout.policy, of: bundle), manifest)
  return VerifiedContent(manifest: manifest, policy: policy, statistics: statistics, digest: digest)
}

/// The parties that a researcher trusts. Each path leads to a PEM file, or to a folder of PEM files, with certificates
/// and revocation lists.
struct Trust: Sendable {
  /// Hospitals that sign bundles.
  let sites: [String]
  /// Authorities that issue hospitals' certificates.
  var authorities: [String] = []
  /// People who approve policies.
  var approvers: [String] = []
  /// Time stamp authorities.
  var timestamps: [String] = []
}

/// Verifies a bundle. Checks, in this order: the time stamp, if there is one; the signature over the manifest, by a
/// trusted certificate; the manifest's format, and whether its site is the signer; whether the folder holds exactly the
/// listed files, with their sizes and digests; the policy, its digest, guarantee and approvals; the statistics' format,
/// and whether a release under the policy can have these counts; the texts and the page; the ledger's entry.
///
/// - Throws: status 76 at the first check that fails, with the check's stage; 66 or 78 if a trusted certificate can't
///   be read.
func verifyBundle(_ bundle: UnverifiedBundle, _ trust: Trust) throws(CloisterError) -> VerifiedBundle {
  let manifestBytes = try file(BundleLayout.manifest, of: bundle)
  let signature = try file(BundleLayout.signature, of: bundle)
  let stamped = try timestamp(of: bundle, signature, trust)
  let store = try TrustStore(trust.sites, authorities: trust.authorities, asOf: stamped)
  let signer: Signer
  do { signer = try DetachedSignature.verify(signature, over: manifestBytes, trusting: store) } catch {
    throw bundleRefusal(.signature, "\(BundleLayout.signature): \(error.what)")
  }
  let manifest = try refusing(.manifest) { () throws(FormatError) in try Manifest(parsing: manifestBytes) }
  guard Array(manifest.site.utf8) == Array(signer.name.utf8) else {
    throw bundleRefusal(.manifest, "manifest.json: site is not the name in the signer's certificate")
  }
  try checkFiles(bundle, manifest)
  let policy = try verifiedPolicy(try file(BundleLayout.policy, of: bundle), manifest)
  let approvals = try verifiedApprovals(bundle, policy, manifest, signer, trust, asOf: stamped)
  let statisticsBytes = try file(BundleLayout.statistics, of: bundle)
  let statistics = try refusing(.statistics) { () throws(FormatError) in try Statistics(parsing: statisticsBytes) }
  try checkStatistics(statistics, policy)
  try checkTexts(manifest, statistics)
  try checkPage(try file(BundleLayout.review, of: bundle))
  try checkLedgerEntry(bundle, manifest, policy)
  return VerifiedBundle(
    manifest: manifest, signer: signer, approvals: approvals, stampedAt: stamped.map(utcText), policy: policy,
    statistics: statistics, digest: SHA256.hexadecimal(manifestBytes), files: bundle.files)
}

private func timestamp(
  of bundle: UnverifiedBundle, _ signature: [UInt8], _ trust: Trust
) throws(CloisterError) -> Int64? {
  guard let response = bundle.files[BundleLayout.timestamp] else { return nil }
  guard !trust.timestamps.isEmpty else {
    throw CloisterError(
      .bundleRefused,
      "\(BundleLayout.timestamp): the bundle has a time stamp, but no time stamp authority is trusted "
        + "(refused at: timestamp)",
      hint:
        "name the authority's certificate with --timestamp-trust, or remove the file: the signature does not cover it")
  }
  let store = try TrustStore([], authorities: trust.timestamps)
  do { return try Timestamp.verify(response, over: signature, trusting: store) } catch {
    throw bundleRefusal(.timestamp, "\(BundleLayout.timestamp): \(error.what)")
  }
}

private func verifiedApprovals(
  _ bundle: UnverifiedBundle, _ policy: Policy, _ manifest: Manifest, _ signer: Signer, _ trust: Trust,
  asOf stamped: Int64?
) throws(CloisterError) -> Approvals {
  let signatures = bundle.files[BundleLayout.approvals]
  let store = try TrustStore(trust.approvers, asOf: stamped)
  do throws(Approvals.Failure) {
    let approvals = try Approvals(
      verifying: signatures, of: policy, trusting: store, bundleSigner: signer.key)
    guard approvals.approvers.count == manifest.approvals else {
      throw .tooFew("the number of approvals differs from the manifest's")
    }
    return approvals
  } catch {
    let reason =
      switch error {
      case .signature(let what), .tooFew(let what): what
      }
    throw CloisterError(
      .bundleRefused, "\(BundleLayout.approvals): \(reason) (refused at: approvals)",
      hint: trust.approvers.isEmpty
        ? "name the approvers' certificates with --approver; get them separately from the bundle"
        : "do not use this bundle; ask the hospital who approved its policy")
  }
}

/// Requires that the ledger's entry says the same as the manifest and the policy.
private func checkLedgerEntry(
  _ bundle: UnverifiedBundle, _ manifest: Manifest, _ policy: Policy
) throws(CloisterError) {
  let name = BundleLayout.ledgerEntry
  let bytes = try file(name, of: bundle)
  let statistics = try file(BundleLayout.statistics, of: bundle)
  let isSame = try refusing(.ledger) { () throws(FormatError) in
    let entry = try StrictObject(
      parsing: bytes, path: name,
      names: [
        "type", "format", "site", "series", "sequence", "previous", "created", "policy-sha256", "statistics-sha256",
        "guarantee", "epsilon",
      ])
    let named = [
      try entry.string("type"), try entry.string("site"), try entry.string("created"), try entry.string("guarantee"),
      try entry.string("policy-sha256"), try entry.string("statistics-sha256"),
    ]
    let expected = [
      "cloister/ledger-entry", manifest.site, manifest.created, manifest.guarantee, manifest.policySHA256,
      SHA256.hexadecimal(statistics),
    ]
    let numbers = [try entry.integer("format"), try entry.integer("series"), try entry.integer("sequence")]
    let previous = try entry.optionalString("previous")
    guard previous.map(SHA256.isDigest) ?? true, (previous == nil) == (manifest.sequence == 1) else {
      throw entry.error("previous", "is not the digest of a line, or not null in the first release")
    }
    guard try entry.optionalString("epsilon") == policy.protection.noise?.epsilon.text else {
      throw entry.error("epsilon", "is not the policy's")
    }
    return named == expected && numbers == [1, manifest.series, manifest.sequence]
  }
  guard isSame else { throw bundleRefusal(.ledger, "\(name): does not say the same as the manifest") }
}

private func file(_ name: String, of bundle: UnverifiedBundle) throws(CloisterError) -> [UInt8] {
  guard let bytes = bundle.files[name] else { throw bundleRefusal(.files, "\(name): the file is missing") }
  return bytes
}

private func refusing<Value>(
  _ stage: VerificationStage, _ read: () throws(FormatError) -> Value
) throws(CloisterError) -> Value {
  do { return try read() } catch { throw bundleRefusal(stage, error.text) }
}

private func checkFiles(_ bundle: UnverifiedBundle, _ manifest: Manifest) throws(CloisterError) {
  for listed in manifest.files {
    let bytes = try file(listed.path, of: bundle)
    guard bytes.count == listed.bytes, SHA256.hexadecimal(bytes) == listed.sha256 else {
      throw bundleRefusal(.files, "\(listed.path): the file is not the one that was signed")
    }
  }
  let known = Set(manifest.files.map(\.path) + [BundleLayout.manifest, BundleLayout.signature, BundleLayout.timestamp])
  if let extra = bundle.files.keys.inByteOrder().first(where: { !known.contains($0) }) {
    throw bundleRefusal(.files, "\(extra): the manifest does not list this file")
  }
}

private func verifiedPolicy(_ bytes: [UInt8], _ manifest: Manifest) throws(CloisterError) -> Policy {
  guard SHA256.hexadecimal(bytes) == manifest.policySHA256 else {
    throw bundleRefusal(.policy, "policy.yaml: the file is not the policy that the manifest names")
  }
  let policy: Policy
  do { policy = try Policy(parsing: bytes, file: BundleLayout.policy) } catch {
    throw bundleRefusal(.policy, error.what)
  }
  guard [false, true].contains(where: { policy.protection.guarantee(hasUnsolvedRings: $0) == manifest.guarantee })
  else {
    throw bundleRefusal(.policy, "manifest.json: policy.yaml does not support the guarantee")
  }
  return policy
}

/// Refuses overlong texts, control characters and characters that change text direction, because a bundle's texts end
/// up in terminals, prompts and files.
private func checkTexts(_ manifest: Manifest, _ statistics: Statistics) throws(CloisterError) {
  for text in [manifest.site, manifest.created, manifest.extractor, manifest.guarantee, manifest.sandbox] {
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
  guard isPrintable(text, limit: 300) else {
    throw bundleRefusal(.texts, "\(file): a text has control or text-direction characters, or more than 300 characters")
  }
}
