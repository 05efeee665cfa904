internal import Shared

/// A policy that as many people approved as it asks for. Only this file makes one, and a bundle is sealed under nothing else.
struct ApprovedPolicy: Sendable {
  let policy: Policy
  let approvals: Approvals
  /// The exact bytes of `policy.p7s`; nil where nobody was asked.
  let signatures: [UInt8]?

  /// - Parameters:
  ///   - signatures: the content of the approvals' file; nil where there is none.
  ///   - approvers: paths of the approvers' certificates, or folders of them.
  ///   - certificate: whose signature the bundle will bear.
  /// - Throws: status 76 where a signature does not hold; 77 where too few people approved.
  init(
    _ policy: Policy, signatures: [UInt8]?, approvers: [String], certificate: borrowing Certificate
  ) throws(CloisterError) {
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
            "name the approvers' certificates with --approvers; approvals are of the policy's exact bytes, so that a changed policy "
            + "needs new ones")
      case .tooFew(let what):
        throw CloisterError(
          .releaseRefused, what,
          hint:
            "each approver runs: cloister-extractor policy approve FILE --key K --cert C; the signer of the bundle can't be the only one"
        )
      }
    }
    self.policy = policy
    self.signatures = signatures
  }
}
