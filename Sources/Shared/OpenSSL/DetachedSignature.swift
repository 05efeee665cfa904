internal import COpenSSL

/// The person who made a valid signature, and the time at which they claim to have made it.
package struct Signer: Equatable, Sendable {
  package let name: String
  /// SHA-256 of the certificate.
  package let fingerprint: String
  /// SHA-256 of the public key, which stays the same if the certificate is renewed for that key.
  package let key: String
  /// UTC, `2026-01-31T12:00:00Z`, by the signer's own clock; nil if the signature does not state it.
  package let signedAt: String?
}

/// Why a signature is not valid.
package struct SignatureFailure: Error, Equatable, Sendable {
  package let what: String

  package init(what: String) { self.what = what }
}

/// Checks detached CMS signatures (RFC 5652, DER) over exact bytes.
package enum DetachedSignature {
  /// Verifies one signature with OpenSSL: its digest, signature, certificate chain, revocation and validity period.
  /// Then requires the message to be in canonical form, because OpenSSL overlooks changes to the parts of a message
  /// that it does not need.
  package static func verify(
    _ signature: [UInt8], over content: [UInt8], trusting trust: borrowing TrustStore
  ) throws(SignatureFailure) -> Signer {
    let message = try CMSMessage(signature)
    guard unsafe cossl_signer_count(message.raw) == 1 else {
      throw SignatureFailure(what: "the message does not have exactly one signer")
    }
    let signers = try message.verified(over: content, trust)
    guard unsafe canonicalMessage(message.raw) == signature else {
      throw SignatureFailure(
        what: "the message is not one P-256 signature with its certificate in canonical DER form")
    }
    return signers[0]
  }

  /// Verifies every signature in a message that carries several people's signatures of the same bytes.
  ///
  /// - Returns: the signers, in byte order of their names; at least one.
  package static func verifyAll(
    _ signatures: [UInt8], over content: [UInt8], trusting trust: borrowing TrustStore
  ) throws(SignatureFailure) -> [Signer] {
    try CMSMessage(signatures).verified(over: content, trust).sorted { ($0.name, $0.key) < ($1.name, $1.key) }
  }
}

/// A CMS message of signed data. Its memory is freed when the value is destroyed.
@safe package struct CMSMessage: ~Copyable {
  package let raw: OpaquePointer

  package init(_ bytes: [UInt8]) throws(SignatureFailure) {
    let input = MemoryBIO(reading: bytes)
    guard let message = unsafe d2i_CMS_bio(input.raw, nil) else {
      _ = openSSLFailure()
      throw SignatureFailure(what: "the signature is not a CMS message in DER form")
    }
    let isWhole = unsafe BIO_ctrl_pending(input.raw) == 0
    guard unsafe isWhole && cossl_signer_count(message) >= 1 else {
      unsafe CMS_ContentInfo_free(message)
      throw SignatureFailure(what: isWhole ? "the message has no signer" : "there are extra bytes after the signature")
    }
    unsafe raw = message
  }

  deinit { unsafe CMS_ContentInfo_free(raw) }

  fileprivate func verified(
    over content: [UInt8], _ trust: borrowing TrustStore
  ) throws(SignatureFailure) -> [Signer] {
    let data = MemoryBIO(reading: content)
    guard unsafe CMS_verify(raw, nil, trust.raw, data.raw, nil, UInt32(CMS_BINARY)) == 1 else {
      throw SignatureFailure(what: "the signature is not valid: \(openSSLFailure())\(comparison(trust))")
    }
    return try signers { owner throws(SignatureFailure) in
      guard unsafe trust.trusts(owner, of: raw) else {
        throw SignatureFailure(
          what: "the certificate of \(owner.commonName ?? "(no name)"), SHA-256 \(owner.fingerprint), is not among the "
            + "trusted ones, and the one that issued it is trusted only for itself, not as an authority")
      }
    }
  }

  /// Verifies that every signature covers the content, no matter who signed.
  package func verifyContent(_ content: [UInt8]) throws(SignatureFailure) -> [Signer] {
    let data = MemoryBIO(reading: content)
    let flags = UInt32(CMS_BINARY) | UInt32(CMS_NO_SIGNER_CERT_VERIFY)
    guard unsafe CMS_verify(raw, nil, nil, data.raw, nil, flags) == 1 else {
      throw SignatureFailure(what: "the signature is not valid: \(openSSLFailure())")
    }
    return try signers()
  }

  /// - Parameter check: called with each signer's certificate.
  private func signers(
    _ check: (borrowing Certificate) throws(SignatureFailure) -> Void = { _ in }
  ) throws(SignatureFailure) -> [Signer] {
    var signers: [Signer] = []
    let count = unsafe cossl_signer_count(raw)
    for index in 0..<count {
      guard let info = unsafe cossl_signer_info(raw, index), let certificate = unsafe cossl_signer(info) else {
        throw SignatureFailure(what: "a signer is unknown")
      }
      let owner = unsafe Certificate(sharing: certificate)
      guard let name = owner.commonName, !name.isEmpty else {
        throw SignatureFailure(what: "the signer's certificate has no common name that can be read in just one way")
      }
      guard owner.isP256 else {
        throw SignatureFailure(what: "the signer's key is not a P-256 key")
      }
      try check(owner)
      let seconds = unsafe cossl_signing_time(info)
      signers.append(
        Signer(
          name: name, fingerprint: owner.fingerprint, key: owner.keyFingerprint,
          signedAt: seconds < 0 ? nil : utcText(seconds)))
    }
    return signers
  }

  /// Text for an error message: the certificate in the CMS message and the certificates that were expected.
  private func comparison(_ trust: borrowing TrustStore) -> String {
    guard let first = unsafe cossl_first_certificate(raw) else { return "" }
    let found = unsafe Certificate(owning: first)
    let expected = trust.names.isEmpty ? "none" : trust.names.joined(separator: "; ")
    return
      "; it was made with the certificate of \(found.commonName ?? "(no name)"), SHA-256 \(found.fingerprint); "
      + "expected: \(expected)"
  }
}

/// A time stamp by an authority (RFC 3161), which states a time at which some bytes existed.
package enum Timestamp {
  /// - Parameter response: the authority's whole response, DER.
  /// - Returns: seconds since 1970.
  package static func verify(
    _ response: [UInt8], over content: [UInt8], trusting trust: borrowing TrustStore
  ) throws(SignatureFailure) -> Int64 {
    let input = MemoryBIO(reading: response)
    let data = MemoryBIO(reading: content)
    let seconds = unsafe cossl_timestamp(input.raw, data.raw, trust.raw)
    guard seconds >= 0, unsafe BIO_ctrl_pending(input.raw) == 0 else {
      throw SignatureFailure(what: "the time stamp is not valid: \(openSSLFailure())")
    }
    return seconds
  }
}
