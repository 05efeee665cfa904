internal import COpenSSL

/// Who made a signature that holds.
package struct Signer: Equatable, Sendable {
  package let name: String
  package let fingerprint: String
}

/// Checks a detached CMS signature (RFC 5652, DER) over exact bytes.
package enum DetachedSignature {
  /// Verifies with OpenSSL: digest, signature, certificate chain to one of `trustedFiles`, validity now. Then demands
  /// that the message has the one form that these parts can have, as a verifier overlooks changes in parts it does not need.
  ///
  /// - Throws: status 76 with the first reason.
  package static func verify(
    _ signature: [UInt8], over content: [UInt8], trustedFiles: [String]
  ) throws(CloisterError) -> Signer {
    let store = try TrustStore(files: trustedFiles)
    let input = MemoryBIO(reading: signature)
    guard let message = unsafe d2i_CMS_bio(input.raw, nil) else {
      _ = openSSLFailure()
      throw refusal("the signature is no CMS message in DER form")
    }
    defer { unsafe CMS_ContentInfo_free(message) }
    guard unsafe BIO_ctrl_pending(input.raw) == 0 else { throw refusal("there are bytes behind the signature") }
    guard unsafe cossl_signer_count(message) == 1 else { throw refusal("there is not exactly one signer") }
    let data = MemoryBIO(reading: content)
    guard unsafe CMS_verify(message, nil, store.raw, data.raw, nil, UInt32(CMS_BINARY)) == 1 else {
      throw refusal("the signature does not hold: \(openSSLFailure())")
    }
    guard let certificate = unsafe cossl_first_signer(message) else { throw refusal("the signer is not known") }
    unsafe X509_up_ref(certificate)
    let signer = unsafe Certificate(owning: certificate)
    guard unsafe canonicalMessage(message, signer) == signature else {
      throw refusal("the message holds more than one P-256 signature with its certificate, or not in its one DER form")
    }
    return Signer(name: signer.commonName ?? "(no name)", fingerprint: signer.fingerprint)
  }

  private static func refusal(_ what: String) -> CloisterError {
    CloisterError(
      .bundleRefused, "manifest.p7s: \(what)",
      hint:
        "get the bundle again from the hospital, and its certificate by another way than the bundle; do not use these files"
    )
  }
}

/// The certificates that a verifier was told to trust.
@safe private struct TrustStore: ~Copyable {
  let raw: OpaquePointer

  init(files: [String]) throws(CloisterError) {
    guard let store = unsafe X509_STORE_new() else { fatalError("out of memory") }
    unsafe raw = store
    for file in files {
      let certificate = try Certificate(file: file)
      unsafe X509_STORE_add_cert(raw, certificate.raw)
    }
    _ = openSSLFailure()
  }

  deinit { unsafe X509_STORE_free(raw) }
}
