internal import COpenSSL
internal import Shared

/// Approves a policy: adds a CMS signature over its exact bytes to the signatures of earlier approvers.
///
/// - Parameter earlier: the content of `FILE.p7s`; nil if nobody has approved yet.
/// - Returns: the new content of `FILE.p7s`.
/// - Throws: status 76 if an earlier approval does not cover these bytes, or this key has already approved them; 78
///   if the key does not belong to the certificate, or nobody would accept the certificate.
func approval(
  of policy: Policy, besides earlier: [UInt8]?, _ key: borrowing SigningKey, _ certificate: borrowing Certificate
) throws(CloisterError) -> [UInt8] {
  try requireAcceptable(key, certificate)
  let first = try key.sign(policy.bytes, certificate)
  guard let earlier else { return first }
  do throws(SignatureFailure) {
    let message = try CMSMessage(earlier)
    // Checked before anything is added, because the new signature reuses the digest of the existing ones.
    let signers = try message.verifyContent(policy.bytes)
    if !signers.contains(where: { $0.key == certificate.keyFingerprint }) {
      return try message.bytes(addingSigner: key, certificate)
    }
  } catch {
    throw CloisterError(
      .bundleRefused, "the existing approvals: \(error.what)",
      hint:
        "if the policy was changed, remove the .p7s and have the policy approved again: approvals cover exact bytes"
    )
  }
  throw CloisterError(
    .bundleRefused, "the existing approvals: \(certificate.commonName ?? "this key") has already approved this policy",
    hint: "nothing is left for you to do; another approval needs another person's key")
}

extension CMSMessage {
  /// The message with one more signature, which reuses the digest of the existing ones.
  fileprivate func bytes(
    addingSigner key: borrowing SigningKey, _ certificate: borrowing Certificate
  ) throws(SignatureFailure) -> [UInt8] {
    let flags = UInt32(CMS_BINARY | CMS_NOSMIMECAP) | UInt32(CMS_REUSE_DIGEST)
    let output = MemoryBIO()
    guard unsafe CMS_add1_signer(raw, certificate.raw, key.raw, EVP_sha256(), flags) != nil,
      unsafe i2d_CMS_bio(output.raw, raw) == 1
    else { throw SignatureFailure(what: "the approval can't be added: \(openSSLFailure())") }
    return output.bytes
  }
}
