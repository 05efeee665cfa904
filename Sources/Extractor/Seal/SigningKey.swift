internal import COpenSSL
internal import Shared

/// A P-256 private key. When the value is destroyed, OpenSSL wipes and frees the key.
@safe struct SigningKey: ~Copyable {
  let raw: OpaquePointer

  /// Makes a new key with OpenSSL's random source.
  init() throws(CloisterError) {
    guard let key = unsafe cossl_new_p256_key() else { throw keyFailure("the key can't be made: \(openSSLFailure())") }
    unsafe raw = key
  }

  /// Opens a key file in PEM form.
  ///
  /// - Parameter passphrase: called only if the file is encrypted.
  /// - Throws: status 66 if the file is missing; 78 if other users may read it, or if the file or the passphrase is
  ///   wrong.
  init(file path: String, passphrase: () throws(CloisterError) -> Passphrase) throws(CloisterError) {
    let name = harmless(path)
    if let bytes = try? readFile(path, name: name, limit: 1 << 16, refusal: .policyOrKeyWrong),
      bytes.starts(with: Array("-----BEGIN CERTIFICATE-----".utf8))
    {
      throw CloisterError(
        .policyOrKeyWrong, "\(name): this is a certificate, not a key", hint: "are --key and --cert swapped?")
    }
    let bytes = try readFile(path, name: name, limit: 1 << 16, isSecret: true, refusal: .policyOrKeyWrong)
    try self.init(pem: bytes, name: name, passphrase: passphrase)
  }

  /// Opens the content of a key file.
  init(
    pem bytes: [UInt8], name: String, passphrase: () throws(CloisterError) -> Passphrase
  ) throws(CloisterError) {
    let isEncrypted = String(decoding: bytes, as: UTF8.self).contains("ENCRYPTED")
    let secret = isEncrypted ? try passphrase() : Passphrase.none()
    let bio = MemoryBIO(reading: bytes)
    let key = unsafe secret.withText { unsafe PEM_read_bio_PrivateKey(bio.raw, nil, nil, $0) }
    guard let key = unsafe key else {
      _ = openSSLFailure()
      throw CloisterError(
        .policyOrKeyWrong,
        "\(name): \(isEncrypted ? "the passphrase does not open this key" : "there is no private key in PEM form")",
        hint: "use the signer.key.pem that keygen made; if it is encrypted, give the passphrase chosen then")
    }
    guard unsafe cossl_is_p256(key) == 1 else {
      unsafe EVP_PKEY_free(key)
      throw keyFailure("\(name): the key is not a P-256 key")
    }
    // OpenSSL even accepts a key whose private and public parts do not belong together.
    let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key, nil)
    defer { unsafe EVP_PKEY_CTX_free(context) }
    guard unsafe EVP_PKEY_check(context) == 1 else {
      _ = openSSLFailure()
      unsafe EVP_PKEY_free(key)
      throw keyFailure("\(name): the key is damaged: its private part does not belong to its public part")
    }
    unsafe raw = key
  }

  /// Opens a key file with a passphrase from an open file descriptor, or from the terminal if there is no descriptor.
  init(file path: String, passphraseDescriptor: Int32?) throws(CloisterError) {
    try self.init(file: path) { () throws(CloisterError) in
      if let passphraseDescriptor { return try Passphrase.read(fromDescriptor: passphraseDescriptor) }
      return try Passphrase.ask("Passphrase of the key \(harmless(path)): ")
    }
  }

  deinit { unsafe EVP_PKEY_free(raw) }

  /// The key as PKCS#8 in PEM form. If there is a passphrase, the key is encrypted with AES-256, using PBKDF2 with
  /// 600,000 rounds.
  func pem(_ passphrase: borrowing Passphrase) throws(CloisterError) -> [UInt8] {
    let bio = MemoryBIO()
    guard let plain = unsafe EVP_PKEY2PKCS8(raw) else {
      throw keyFailure("the key can't be written: \(openSSLFailure())")
    }
    defer { unsafe PKCS8_PRIV_KEY_INFO_free(plain) }
    if passphrase.isEmpty {
      guard unsafe PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio.raw, plain) == 1 else {
        throw keyFailure("the key can't be written: \(openSSLFailure())")
      }
      return bio.bytes
    }
    let encrypted = unsafe passphrase.withText { text in
      unsafe PKCS8_encrypt(-1, EVP_aes_256_cbc(), text, Int32(passphrase.count), nil, 16, 600_000, plain)
    }
    guard let encrypted = unsafe encrypted else { throw keyFailure("the key can't be encrypted: \(openSSLFailure())") }
    defer { unsafe X509_SIG_free(encrypted) }
    guard unsafe PEM_write_bio_PKCS8(bio.raw, encrypted) == 1 else {
      throw keyFailure("the key can't be written: \(openSSLFailure())")
    }
    return bio.bytes
  }

  /// Makes a detached CMS signature, in DER form, over exactly these bytes. The signature includes the certificate.
  func sign(_ content: [UInt8], _ certificate: borrowing Certificate) throws(CloisterError) -> [UInt8] {
    guard unsafe X509_check_private_key(certificate.raw, raw) == 1 else {
      _ = openSSLFailure()
      throw CloisterError(
        .policyOrKeyWrong,
        "the key does not belong to the certificate of \(certificate.commonName ?? "(no name)"), "
          + "SHA-256 \(certificate.fingerprint)",
        hint: "give a --key and a --cert that belong together")
    }
    let input = MemoryBIO(reading: content)
    let flags = UInt32(CMS_DETACHED | CMS_BINARY | CMS_NOSMIMECAP)
    guard let message = unsafe CMS_sign(certificate.raw, raw, nil, input.raw, flags) else {
      throw keyFailure("the content can't be signed: \(openSSLFailure())")
    }
    defer { unsafe CMS_ContentInfo_free(message) }
    let output = MemoryBIO()
    guard unsafe i2d_CMS_bio(output.raw, message) == 1 else {
      throw keyFailure("the signature can't be written: \(openSSLFailure())")
    }
    return output.bytes
  }
}

func keyFailure(_ what: String) -> CloisterError {
  CloisterError(
    .policyOrKeyWrong, what, hint: "use a P-256 key with its X.509 certificate; see keygen --help")
}
