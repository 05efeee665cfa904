/// Who approved a policy: what `policy.p7s` says.
package struct Approvals: Equatable, Sendable {
  /// In byte order of their names.
  package let approvers: [Signer]

  package static let none = Approvals(approvers: [])

  /// Why a policy does not count as approved.
  package enum Failure: Error, Equatable, Sendable {
    /// A signature or the trust in it.
    case signature(String)
    /// Fewer people than the policy asks for.
    case tooFew(String)
  }

  /// Verifies the approvals of a policy.
  ///
  /// Claim: every signature is one over the policy's exact bytes by a trusted approver, each by another key; they are as many as the
  /// policy asks for; and where it asks for 2 or more, one of them is not who signs the bundle.
  ///
  /// - Parameters:
  ///   - signatures: `policy.p7s`; nil where there is none.
  ///   - bundleSigner: SHA-256 of the public key that signs the bundle.
  package init(
    verifying signatures: [UInt8]?, of policy: Policy, trusting trust: borrowing TrustStore, bundleSigner: String
  ) throws(Failure) {
    let asked = policy.protection.approvals
    guard let signatures else {
      guard asked == 0 else { throw .tooFew("the policy asks for \(asked) approvals, and there is none") }
      self = .none
      return
    }
    let approvers: [Signer]
    do {
      approvers = try DetachedSignature.verifyAll(signatures, over: policy.bytes, trusting: trust)
    } catch { throw .signature(error.what) }
    let keys = Set(approvers.map(\.key))
    guard keys.count == approvers.count else { throw .signature("one key approved the policy twice") }
    guard keys.count >= asked else {
      throw .tooFew("the policy asks for \(asked) approvals, and there are \(keys.count)")
    }
    guard asked < 2 || keys.contains(where: { $0 != bundleSigner }) else {
      throw .tooFew("nobody but the signer of the bundle approved the policy")
    }
    self.approvers = approvers
  }

  private init(approvers: [Signer]) { self.approvers = approvers }

  /// One line for each approver.
  package var lines: [String] {
    approvers.map {
      "\($0.name), certificate SHA-256 \($0.fingerprint), \($0.signedAt.map { "on \($0)" } ?? "at a time that the signature does not say")"
    }
  }
}
