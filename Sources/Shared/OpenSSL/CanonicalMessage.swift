internal import COpenSSL

/// The canonical DER encoding of a CMS message (RFC 5652) with one signer, one certificate, SHA-256 and ECDSA, rebuilt
/// from the parts that were verified; nil if a part is missing.
///
/// OpenSSL also accepts version numbers, algorithm identifiers and letter cases of names that differ from those that
/// were signed. A message that equals its canonical encoding has none of these differences.
func canonicalMessage(_ message: OpaquePointer) -> [UInt8]? {
  guard let info = unsafe cossl_signer_info(message, 0), let attributes = unsafe signedAttributes(info),
    let signature = unsafe CMS_SignerInfo_get0_signature(info), let raw = unsafe cossl_signer(info)
  else { return nil }
  let certificate = unsafe Certificate(sharing: raw)
  let signatureBytes = unsafe Array(
    UnsafeBufferPointer(start: ASN1_STRING_get0_data(signature), count: Int(ASN1_STRING_length(signature))))
  let issuer = unsafe encoded { unsafe i2d_X509_NAME(X509_get_issuer_name(certificate.raw), $0) }
  let serial = unsafe encoded { unsafe i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate.raw), $0) }
  let signerInfo = sequence([
    integerOne, sequence([issuer, serial]), sequence([sha256]), tagged(0xA0, attributes), sequence([ecdsaWithSHA256]),
    tagged(0x04, [signatureBytes]),
  ])
  let signedData = sequence([
    integerOne, tagged(0x31, [sequence([sha256])]), sequence([plainData]),
    tagged(0xA0, [unsafe encoded { unsafe i2d_X509(certificate.raw, $0) }]), tagged(0x31, [signerInfo]),
  ])
  return sequence([signedDataType, tagged(0xA0, [signedData])])
}

private func signedAttributes(_ info: OpaquePointer) -> [[UInt8]]? {
  let count = unsafe CMS_signed_get_attr_count(info)
  guard count > 0 else { return nil }
  return (0..<count).map { index in
    unsafe encoded { unsafe i2d_X509_ATTRIBUTE(CMS_signed_get_attr(info, index), $0) }
  }
}

/// The bytes that one of OpenSSL's `i2d` functions writes.
private func encoded(
  _ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
) -> [UInt8] {
  let count = Int(write(nil))
  guard count > 0 else { return [] }
  return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
    var start = buffer.baseAddress
    written = Int(unsafe write(&start))
  }
}

private func tagged(_ tag: UInt8, _ parts: [[UInt8]]) -> [UInt8] {
  let content = parts.flatMap { $0 }
  if content.count < 0x80 { return [tag, UInt8(content.count)] + content }
  var length: [UInt8] = []
  var rest = content.count
  while rest > 0 {
    length.insert(UInt8(rest & 0xFF), at: 0)
    rest >>= 8
  }
  return [tag, 0x80 | UInt8(length.count)] + length + content
}

private func sequence(_ parts: [[UInt8]]) -> [UInt8] { tagged(0x30, parts) }

private let integerOne: [UInt8] = [0x02, 0x01, 0x01]
/// 1.2.840.113549.1.7.2, 1.2.840.113549.1.7.1, 2.16.840.1.101.3.4.2.1 and 1.2.840.10045.4.3.2, each with its tag and
/// length.
private let signedDataType: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]
private let plainData: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01]
private let sha256: [UInt8] = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]
private let ecdsaWithSHA256: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]
