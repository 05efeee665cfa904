internal import COpenSSL
internal import Shared

/// Approves a policy: a CMS signature over its exact bytes, beside those that others gave.
///
/// - Parameter earlier: `FILE.p7s`; nil where nobody has approved yet.
/// - Returns: the new content of `FILE.p7s`.
/// - Throws: status 76 where an earlier approval is not one of these bytes; 78 where this key has approved already.
func approval(
  of policy: Policy, besides earlier: [UInt8]?, _ key: borrowing SigningKey, _ certificate: borrowing Certificate
) throws(CloisterError) -> [UInt8] {
  let first = try key.sign(policy.bytes, certificate)
  guard let earlier else { return first }
  do throws(SignatureFailure) {
    let message = try CMSMessage(earlier)
    // Before anything is added: the digest of the signatures that are there is taken over.
    let signers = try message.verifyContent(policy.bytes)
    guard !signers.contains(where: { $0.key == certificate.keyFingerprint }) else {
      throw SignatureFailure(what: "\(certificate.commonName ?? "this key") has approved this policy already")
    }
    let flags = UInt32(CMS_BINARY | CMS_NOSMIMECAP) | UInt32(CMS_REUSE_DIGEST)
    let output = MemoryBIO()
    guard unsafe CMS_add1_signer(message.raw, certificate.raw, key.raw, EVP_sha256(), flags) != nil,
      unsafe i2d_CMS_bio(output.raw, message.raw) == 1
    else { throw SignatureFailure(what: "the approval can't be added: \(openSSLFailure())") }
    return output.bytes
  } catch {
    throw CloisterError(
      .bundleRefused, "the approvals so far: \(error.what)",
      hint:
        "approvals are of a file's exact bytes: where the policy was changed, remove the .p7s and have it approved anew"
    )
  }
}
