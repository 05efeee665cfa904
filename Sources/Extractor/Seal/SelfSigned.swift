internal import COpenSSL
internal import Shared

/// Makes a certificate for a hospital without its own certificate authority: P-256, self-signed, for signatures only.
///
/// - Parameters:
///   - name: the hospital's name, 1 to 64 printable characters; every bundle names it as the site.
///   - days: the number of days from now until the certificate expires.
/// - Returns: the certificate, in PEM form.
func selfSignedCertificate(
  _ key: borrowing SigningKey, name: String, days: Int
) throws(CloisterError) -> [UInt8] {
  try requireName(name)
  guard let raw = unsafe X509_new() else { throw keyFailure("the certificate can't be made") }
  let certificate = unsafe Certificate(owning: raw)
  guard let subject = unsafe X509_get_subject_name(raw) else { throw keyFailure("the certificate can't be made") }
  var serial = [UInt8](repeating: 0, count: 16)
  let steps: [Int32] = unsafe [
    unsafe X509_set_version(raw, 2),
    unsafe RAND_bytes(&serial, 16),
    setSerial(raw, serial),
    unsafe X509_gmtime_adj(X509_getm_notBefore(raw), 0) == nil ? 0 : 1,
    unsafe X509_gmtime_adj(X509_getm_notAfter(raw), days * 86_400) == nil ? 0 : 1,
    unsafe X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, Array(name.utf8), Int32(name.utf8.count), -1, 0),
    unsafe X509_set_issuer_name(raw, subject),
    unsafe X509_set_pubkey(raw, key.raw),
    addExtension(raw, NID_basic_constraints, "critical,CA:FALSE"),
    addExtension(raw, NID_key_usage, "critical,digitalSignature"),
    addExtension(raw, NID_subject_key_identifier, "hash"),
    // Python's cryptography requires these two.
    addExtension(raw, NID_authority_key_identifier, "keyid:always"), unsafe cossl_add_own_name(raw),
    unsafe X509_sign(raw, key.raw, EVP_sha256()),
  ]
  guard steps.allSatisfy({ $0 > 0 }) else { throw keyFailure("the certificate can't be made: \(openSSLFailure())") }
  let bio = MemoryBIO()
  guard unsafe PEM_write_bio_X509(bio.raw, certificate.raw) == 1 else {
    throw keyFailure("the certificate can't be written: \(openSSLFailure())")
  }
  return bio.bytes
}

/// Makes a request (PKCS #10, PEM, P-256) that asks the hospital's own authority for a certificate in the hospital's
/// name.
func certificateRequest(_ key: borrowing SigningKey, name: String) throws(CloisterError) -> [UInt8] {
  try requireName(name)
  guard let request = unsafe X509_REQ_new() else { throw keyFailure("the request can't be made") }
  defer { unsafe X509_REQ_free(request) }
  guard let subject = unsafe X509_REQ_get_subject_name(request) else { throw keyFailure("the request can't be made") }
  let bio = MemoryBIO()
  let steps: [Int32] = [
    unsafe X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, Array(name.utf8), Int32(name.utf8.count), -1, 0),
    unsafe X509_REQ_set_pubkey(request, key.raw),
    unsafe X509_REQ_sign(request, key.raw, EVP_sha256()),
    unsafe PEM_write_bio_X509_REQ(bio.raw, request),
  ]
  guard steps.allSatisfy({ $0 > 0 }) else { throw keyFailure("the request can't be made: \(openSSLFailure())") }
  return bio.bytes
}

private func requireName(_ name: String) throws(CloisterError) {
  guard (1...64).contains(name.unicodeScalars.count), isPrintable(name) else {
    throw CloisterError(
      .wrongArguments, "--name must be 1 to 64 printable characters",
      hint: "give the hospital's name, such as \"Example Hospital\"")
  }
}

private func setSerial(_ certificate: OpaquePointer, _ random: [UInt8]) -> Int32 {
  let positive = [random[0] & 0x7F | 0x40] + random.dropFirst()
  guard let number = unsafe BN_bin2bn(positive, Int32(positive.count), nil) else { return 0 }
  defer { unsafe BN_free(number) }
  return unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) == nil ? 0 : 1
}

private func addExtension(_ certificate: OpaquePointer, _ kind: Int32, _ value: String) -> Int32 {
  var context = unsafe X509V3_CTX()
  unsafe X509V3_set_ctx(&context, certificate, certificate, nil, nil, 0)
  guard let part = unsafe X509V3_EXT_conf_nid(nil, &context, kind, value) else { return 0 }
  defer { unsafe X509_EXTENSION_free(part) }
  return unsafe X509_add_ext(certificate, part, -1)
}
