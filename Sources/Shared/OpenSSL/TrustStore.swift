internal import COpenSSL

/// The certificates that a verifier was told to trust, with revocation lists.
///
/// Each of these certificates is trusted, no matter who issued it, and so is every certificate issued by an authority
/// among them. If there is a revocation list, every certificate that is not self-signed must be covered by a list that
/// does not revoke it.
@safe package struct TrustStore: ~Copyable {
  let raw: OpaquePointer
  /// The certificates' names, as errors show them.
  package let names: [String]

  /// - Parameters:
  ///   - paths: PEM files, each with any number of certificates and revocation lists, or folders of such files.
  ///   - seconds: the time as of which validity is checked, in seconds since 1970; nil for now.
  /// - Throws: status 66 if a path is missing; 78 if a file contains neither a certificate nor a revocation list.
  package init(_ paths: [String], asOf seconds: Int64? = nil) throws(CloisterError) {
    var files: [(name: String, bytes: [UInt8])] = []
    for path in try pemFiles(paths) {
      let name = harmless(path)
      files.append((name, try readFile(path, name: name, limit: 1 << 20, refusal: .policyOrKeyWrong)))
    }
    try self.init(files: files)
    if let seconds { unsafe cossl_judge_at(raw, seconds) }
  }

  /// - Parameter files: the content of PEM files.
  /// - Throws: status 78 if one contains neither a certificate nor a revocation list.
  package init(files: [(name: String, bytes: [UInt8])]) throws(CloisterError) {
    guard let store = unsafe X509_STORE_new() else { fatalError("out of memory") }
    unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    do {
      names = try unsafe fill(store, files)
    } catch {
      unsafe X509_STORE_free(store)
      throw error
    }
    unsafe raw = store
  }

  deinit { unsafe X509_STORE_free(raw) }
}

/// - Returns: the names of the certificates.
@unsafe private func fill(
  _ store: OpaquePointer, _ files: [(name: String, bytes: [UInt8])]
) throws(CloisterError) -> [String] {
  var found = CertificateNames()
  var lists = 0
  for (name, bytes) in files {
    let bio = MemoryBIO(reading: bytes)
    let added = unsafe withUnsafeMutablePointer(to: &found) { context in
      unsafe cossl_add_pem(
        store, bio.raw,
        { certificate, context in
          unsafe context?.assumingMemoryBound(to: CertificateNames.self).pointee.add(certificate)
        }, context)
    }
    _ = openSSLFailure()
    guard added >= 0 else {
      throw CloisterError(
        .policyOrKeyWrong, "\(name): no X.509 certificate in PEM format",
        hint: "use a file with -----BEGIN CERTIFICATE----- in it, not a key or a DER file")
    }
    lists += Int(added)
  }
  if lists > 0 { unsafe cossl_demand_lists(store) }
  return found.names
}

private struct CertificateNames {
  var names: [String] = []

  mutating func add(_ certificate: OpaquePointer?) {
    guard let certificate = unsafe certificate else { return }
    let shared = unsafe Certificate(sharing: certificate)
    names.append("\(shared.commonName ?? "(no name)"), SHA-256 \(shared.fingerprint)")
  }
}

/// The given files, and the .pem, .crt and .crl files in each given folder.
private func pemFiles(_ paths: [String]) throws(CloisterError) -> [String] {
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
  return files
}
