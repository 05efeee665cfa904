internal import COpenSSL

/// The certificates that a verifier was told to trust, with revocation lists.
///
/// A certificate that is trusted itself stands for its owner only. It makes no difference who issued it, or whether it
/// may issue others. An authority is trusted with every certificate that it issues. If there is a revocation list,
/// every certificate that is not self-signed must be covered by a list that does not revoke it.
@safe package struct TrustStore: ~Copyable {
  /// All certificates and lists.
  let raw: OpaquePointer
  /// The authorities and all lists.
  private let authorities: OpaquePointer
  /// The certificates' names, as errors show them.
  package let names: [String]
  /// SHA-256 of each certificate that is trusted itself.
  private let own: Set<String>

  /// - Parameters:
  ///   - paths: PEM files, each with any number of certificates and revocation lists, or folders of such files.
  ///   - authorities: the same, of authorities.
  ///   - seconds: the time as of which validity is checked, in seconds since 1970; nil for now.
  /// - Throws: status 66 if a path is missing; 78 if a file contains neither a certificate nor a revocation list.
  package init(
    _ paths: [String], authorities: [String] = [], asOf seconds: Int64? = nil
  ) throws(CloisterError) {
    try self.init(files: try readPEMFiles(paths), authorities: try readPEMFiles(authorities))
    if let seconds {
      unsafe cossl_judge_at(raw, seconds)
      unsafe cossl_judge_at(self.authorities, seconds)
    }
  }

  /// - Parameters:
  ///   - files: the content of PEM files.
  ///   - authorities: the same, of authorities.
  /// - Throws: status 78 if one contains neither a certificate nor a revocation list.
  package init(
    files: [(name: String, bytes: [UInt8])], authorities: [(name: String, bytes: [UInt8])] = []
  ) throws(CloisterError) {
    guard let store = unsafe X509_STORE_new(), let above = unsafe X509_STORE_new() else { fatalError("out of memory") }
    unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    unsafe X509_STORE_set_flags(above, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    // 112 bits of security: no MD5, no SHA-1, no short keys.
    unsafe X509_VERIFY_PARAM_set_auth_level(X509_STORE_get0_param(store), 2)
    unsafe X509_VERIFY_PARAM_set_auth_level(X509_STORE_get0_param(above), 2)
    do {
      let trusted = try unsafe fill(store, above, files, areAuthorities: false)
      let issuing = try unsafe fill(store, above, authorities, areAuthorities: true)
      if trusted.lists + issuing.lists > 0 {
        unsafe cossl_demand_lists(store)
        unsafe cossl_demand_lists(above)
      }
      names = trusted.names + issuing.names
      own = trusted.fingerprints
    } catch {
      unsafe X509_STORE_free(store)
      unsafe X509_STORE_free(above)
      throw error
    }
    unsafe raw = store
    unsafe self.authorities = above
  }

  deinit {
    unsafe X509_STORE_free(raw)
    unsafe X509_STORE_free(authorities)
  }

  /// Whether the certificate of a message's signer is trusted itself, or was issued by an authority.
  func trusts(_ signer: borrowing Certificate, of message: OpaquePointer) -> Bool {
    if own.contains(signer.fingerprint) { return true }
    let isIssued = unsafe cossl_is_issued(authorities, signer.raw, message) == 1
    _ = openSSLFailure()
    return isIssued
  }
}

/// Adds the content of PEM files to a store and, if they are of authorities, to that of authorities.
@unsafe private func fill(
  _ store: OpaquePointer, _ above: OpaquePointer, _ files: [(name: String, bytes: [UInt8])], areAuthorities: Bool
) throws(CloisterError) -> FoundCertificates {
  var found = FoundCertificates()
  for (name, bytes) in files {
    let bio = MemoryBIO(reading: bytes)
    let added = unsafe withUnsafeMutablePointer(to: &found) { context in
      unsafe cossl_add_pem(
        store, above, areAuthorities ? 1 : 0, bio.raw,
        { certificate, context in
          unsafe context?.assumingMemoryBound(to: FoundCertificates.self).pointee.add(certificate)
        }, context)
    }
    _ = openSSLFailure()
    guard added >= 0 else {
      throw CloisterError(
        .policyOrKeyWrong, "\(name): no X.509 certificate in PEM format",
        hint: "use a file with -----BEGIN CERTIFICATE----- in it, not a key or a DER file")
    }
    found.lists += Int(added)
  }
  return found
}

private struct FoundCertificates {
  var names: [String] = []
  var fingerprints: Set<String> = []
  /// How many revocation lists were found.
  var lists = 0

  mutating func add(_ certificate: OpaquePointer?) {
    guard let certificate = unsafe certificate else { return }
    let shared = unsafe Certificate(sharing: certificate)
    names.append("\(shared.commonName ?? "(no name)"), SHA-256 \(shared.fingerprint)")
    fingerprints.insert(shared.fingerprint)
  }
}

/// Reads the given files, and the .pem, .crt and .crl files in each given folder.
private func readPEMFiles(_ paths: [String]) throws(CloisterError) -> [(name: String, bytes: [UInt8])] {
  var files: [String] = []
  for path in paths {
    guard FileStatus(of: path)?.isFolder == true else {
      files.append(path)
      continue
    }
    let name = harmless(path)
    let names = try listFolder(path, name: name).filter { name in
      [".pem", ".crt", ".crl"].contains { name.hasSuffix($0) }
    }
    guard !names.isEmpty else {
      throw CloisterError(
        .inputMissing, "\(name): no .pem, .crt or .crl file in this folder", hint: "put the trusted certificates there")
    }
    files += names.map { "\(path)/\($0)" }
  }
  return try files.map { path throws(CloisterError) in
    (harmless(path), try readFile(path, name: harmless(path), limit: 1 << 20, refusal: .policyOrKeyWrong))
  }
}
