internal import COpenSSL

/// An X.509 certificate. Its memory is freed when the value is destroyed.
@safe package struct Certificate: ~Copyable {
  package let raw: OpaquePointer

  /// Takes ownership of one reference.
  package init(owning raw: OpaquePointer) { unsafe self.raw = raw }

  /// Shares a certificate that someone else owns.
  package init(sharing raw: OpaquePointer) {
    unsafe X509_up_ref(raw)
    unsafe self.init(owning: raw)
  }

  /// Reads the first certificate of a PEM file.
  ///
  /// - Throws: status 66 if the file is missing; 78 if it contains no certificate.
  package init(file path: String) throws(CloisterError) {
    let name = harmless(path)
    let bytes = try readFile(path, name: name, limit: 1 << 20, refusal: .policyOrKeyWrong)
    let bio = MemoryBIO(reading: bytes)
    guard let raw = unsafe PEM_read_bio_X509(bio.raw, nil, nil, nil) else {
      _ = openSSLFailure()
      throw CloisterError(
        .policyOrKeyWrong, "\(name): no X.509 certificate in PEM format",
        hint: "use a file with -----BEGIN CERTIFICATE----- in it, not a key or a DER file")
    }
    unsafe self.raw = raw
  }

  deinit { unsafe X509_free(raw) }

  /// The subject's common name; nil if the subject has none, or several, or if the name has characters that can't be
  /// seen or spaces at an end: programs and people would then disagree about whom it names.
  package var commonName: String? {
    guard let subject = unsafe X509_get_subject_name(raw) else { return nil }
    let index = unsafe X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
    guard index >= 0, unsafe X509_NAME_get_index_by_NID(subject, NID_commonName, index) < 0,
      let entry = unsafe X509_NAME_get_entry(subject, index),
      let value = unsafe X509_NAME_ENTRY_get_data(entry)
    else { return nil }
    var utf8: UnsafeMutablePointer<UInt8>?
    let count = unsafe ASN1_STRING_to_UTF8(&utf8, value)
    guard count >= 0, let utf8 = unsafe utf8 else { return nil }
    defer { unsafe CRYPTO_free(utf8, "Certificate.swift", 0) }
    let bytes = unsafe Array(UnsafeBufferPointer(start: utf8, count: Int(count)))
    guard let name = String(validating: bytes, as: UTF8.self), isPrintable(name, limit: 200),
      name.first?.isWhitespace == false, name.last?.isWhitespace == false
    else { return nil }
    return name
  }

  /// The certificate in PEM form.
  package var pem: [UInt8] {
    let bio = MemoryBIO()
    unsafe PEM_write_bio_X509(bio.raw, raw)
    return bio.bytes
  }

  /// SHA-256 of the certificate's DER form, in lower-case hexadecimal. People use it to compare certificates.
  package var fingerprint: String {
    let bio = MemoryBIO()
    unsafe i2d_X509_bio(bio.raw, raw)
    return SHA256.hexadecimal(bio.bytes)
  }

  /// SHA-256 of the public key's DER form.
  package var keyFingerprint: String {
    let bio = MemoryBIO()
    unsafe i2d_PUBKEY_bio(bio.raw, X509_get0_pubkey(raw))
    return SHA256.hexadecimal(bio.bytes)
  }

  /// Whether the public key is on the curve P-256.
  package var isP256: Bool { unsafe cossl_is_p256(X509_get0_pubkey(raw)) == 1 }

  /// Whether the certificate's validity period has begun and has not ended.
  package var isValidNow: Bool {
    unsafe X509_cmp_current_time(X509_get0_notBefore(raw)) < 0 && X509_cmp_current_time(X509_get0_notAfter(raw)) > 0
  }
}
