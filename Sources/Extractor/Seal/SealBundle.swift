internal import Shared

/// The key and certificate that sign a release, and the site and time that the release states.
struct Seal: ~Copyable {
  let key: SigningKey
  let certificate: Certificate
  /// The certificate's common name, which is also the name of the bundle's site.
  let site: String
  /// UTC, `2026-01-31T12:00:00Z`.
  let created: String
  /// What the manifest says about the sandbox.
  let sandbox: String
  /// Whether the user said that no codes have lost leading zeros.
  let codesAreConfirmed: Bool

  /// - Throws: status 78 if the key does not belong to the certificate, or nobody would accept the certificate.
  init(
    key: consuming SigningKey, certificate: consuming Certificate, created: String, sandbox: String,
    codesAreConfirmed: Bool
  ) throws(CloisterError) {
    let site = try siteName(certificate)
    try requireAcceptable(key, certificate)
    self.sandbox = sandbox
    self.codesAreConfirmed = codesAreConfirmed
    self.site = site
    self.key = key
    self.certificate = certificate
    self.created = created
  }
}

/// Signs a trial text, and requires that somebody who trusts the certificate accepts the signature.
///
/// - Throws: status 78 if the key does not belong to the certificate, or the certificate names nobody, is not valid now
///   or is not made for signatures.
func requireAcceptable(_ key: borrowing SigningKey, _ certificate: borrowing Certificate) throws(CloisterError) {
  let name = try siteName(certificate)
  let content = Array("trial".utf8)
  let trial = try key.sign(content, certificate)
  guard certificate.isValidNow else {
    throw keyFailure("the certificate of \(name) has expired or is not valid yet: nobody would accept the signature")
  }
  let trust = try TrustStore(files: [(name, certificate.pem)])
  do throws(SignatureFailure) { _ = try DetachedSignature.verify(trial, over: content, trusting: trust) } catch {
    throw keyFailure("nobody would accept a signature with the certificate of \(name): \(error.what)")
  }
}

/// The name of a bundle's site: the common name in its certificate.
///
/// - Throws: status 78 if there is none, or several.
func siteName(_ certificate: borrowing Certificate) throws(CloisterError) -> String {
  guard let site = certificate.commonName else {
    throw keyFailure(
      "the certificate has no common name that can be read in just one way, as the name of the site or person")
  }
  return site
}

/// Writes and signs a bundle, format 1. It takes only statistics that passed protection.
///
/// The ledger's line is written before the bundle appears: a crash between the two leaves a line without a bundle,
/// never a bundle without a line. Stopping the program with a signal leaves neither, or both.
///
/// - Returns: whether the bundle was published.
func sealBundle(
  _ protected: consuming ProtectedStatistics, _ release: consuming PreparedRelease, after past: PastReleases
) throws(CloisterError) -> SealEnding {
  let approvals = release.approved.approvals
  let signatures = release.approved.signatures
  let policy = release.policy
  let signals = release.signals
  let secretSHA256 = policy.protection.noise == nil ? release.secret.fileSHA256 : nil
  let place = past.ledger?.next ?? .first
  let statistics = Array(protected.statistics.formatted().utf8)
  let categories = protected.codeCategories
  let policySHA256 = SHA256.hexadecimal(policy.bytes)
  let entry = LedgerEntry(
    site: release.seal.site, place: place, created: release.seal.created, policySHA256: policySHA256,
    statisticsSHA256: SHA256.hexadecimal(statistics), guarantee: protected.guarantee,
    epsilon: policy.protection.noise?.epsilon)
  let review = reviewPage(
    protected, digest: SHA256.hexadecimal(statistics), policy: policy, approvals: approvals, site: release.seal.site,
    created: release.seal.created,
    after: past)
  var contents: [(path: String, bytes: [UInt8])] = [
    (BundleLayout.ledgerEntry, Array(entry.json.formatted().utf8)), (BundleLayout.policy, policy.bytes),
    (BundleLayout.review, Array(review.utf8)), (BundleLayout.statistics, statistics),
  ]
  if let signatures { contents.append((BundleLayout.approvals, signatures)) }
  let manifest = Manifest(
    site: release.seal.site, series: place.series, sequence: place.sequence, previous: place.previousManifest,
    created: release.seal.created,
    extractor: "cloister-extractor \(cloisterVersion)", guarantee: protected.guarantee,
    approvals: approvals.approvers.count, sandbox: release.seal.sandbox,
    codesAreConfirmed: release.seal.codesAreConfirmed, secretSHA256: secretSHA256, policySHA256: policySHA256,
    files: contents.map { Manifest.ListedFile(path: $0.path, content: $0.bytes) })
  let manifestBytes = Array(manifest.formatted().utf8)
  let signature = try release.seal.key.sign(manifestBytes, release.seal.certificate)
  var folder = release.bundle
  signals.hold()
  // Keep `signals` alive until the very end; otherwise it would be released after its last use.
  defer { withExtendedLifetime(signals) {} }
  for content in contents { try folder.write(content.bytes, to: content.path) }
  try folder.write(manifestBytes, to: BundleLayout.manifest)
  try folder.write(signature, to: BundleLayout.signature)
  if let signal = signals.came {
    folder.discard()
    return .stopped(by: signal)
  }
  // Once the ledger has the line, the bundle counts as released and must not be lost.
  if let ledger = past.ledger {
    try ledger.append(
      entry, manifest: manifestBytes, statistics: statistics, policy: policy.bytes, counting: categories
    ) { folder.keep() }
  }
  try folder.publish()
  return .published
}

/// How the sealing of a bundle ended.
enum SealEnding: Sendable {
  case published
  /// A signal arrived and nothing was published. The program should end itself with that signal.
  case stopped(by: EndedBySignal)
}
