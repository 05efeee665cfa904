internal import Shared

/// A policy with all the approvals that it asks for. Only its initializer can make one, and only an approved policy can
/// be sealed into a bundle.
struct ApprovedPolicy: Sendable {
  let policy: Policy
  let approvals: Approvals
  /// The exact bytes of `policy.p7s`; nil if there are no approvals.
  let signatures: [UInt8]?

  /// - Parameters:
  ///   - signatures: the content of the approvals file; nil if there is none.
  ///   - approvers: paths of the approvers' certificates, or folders of them.
  ///   - certificate: the certificate of the bundle's signer.
  /// - Throws: status 76 if a signature is invalid; 77 if too few people approved; 78 if nobody's approval counts.
  init(
    _ policy: Policy, signatures: [UInt8]?, approvers: [String], certificate: borrowing Certificate
  ) throws(CloisterError) {
    guard signatures == nil || !approvers.isEmpty else {
      throw CloisterError(
        .policyOrKeyWrong, "the policy has been approved, but --approvers names nobody whose approval counts",
        hint: "pass the certificates of those who may approve policies, as files or in a folder, to --approvers")
    }
    let trust = try TrustStore(approvers)
    do throws(Approvals.Failure) {
      approvals = try Approvals(
        verifying: signatures, of: policy, trusting: trust, bundleSigner: certificate.keyFingerprint)
    } catch {
      switch error {
      case .signature(let what):
        throw CloisterError(
          .bundleRefused, "the policy's approvals: \(what)",
          hint:
            "pass the approvers' certificates to --approvers; approvals cover the policy's exact bytes, so a "
            + "changed policy needs new ones")
      case .tooFew(let what):
        throw CloisterError(
          .releaseRefused, what,
          hint:
            "have each approver run: cloister-extractor policy approve FILE --key K --cert C; the bundle's signer "
            + "can't be the only one"
        )
      }
    }
    self.policy = policy
    self.signatures = signatures
  }
}
