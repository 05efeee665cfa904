/// The people who approved a policy, from `policy.p7s`.
package struct Approvals: Equatable, Sendable {
  /// In byte order of their names.
  package let approvers: [Signer]

  package static let none = Approvals(approvers: [])

  /// Why a policy does not count as approved.
  package enum Failure: Error, Equatable, Sendable {
    /// A signature is invalid, untrusted or repeated.
    case signature(String)
    /// Fewer people approved the policy than it requires, or it requires at least 2 and only the bundle's signer
    /// approved it.
    case tooFew(String)
  }

  /// Verifies the approvals of a policy.
  ///
  /// Claim: every signature covers the policy's exact bytes and was made by a trusted approver with a key that no other
  /// signature uses. There are at least as many signatures as the policy requires; if it requires 2 or more, at least
  /// one is not by the bundle's signer.
  ///
  /// - Parameters:
  ///   - signatures: `policy.p7s`; nil if there is none.
  ///   - bundleSigner: SHA-256 of the public key that signs the bundle.
  package init(
    verifying signatures: [UInt8]?, of policy: Policy, trusting trust: borrowing TrustStore, bundleSigner: String
  ) throws(Failure) {
    let asked = policy.protection.approvals
    guard let signatures else {
      guard asked == 0 else { throw .tooFew("the policy requires \(asked) approvals but has none") }
      self = .none
      return
    }
    let approvers: [Signer]
    do {
      approvers = try DetachedSignature.verifyAll(signatures, over: policy.bytes, trusting: trust)
    } catch { throw .signature(Self.reason(error, signatures, policy, trust)) }
    let keys = Set(approvers.map(\.key))
    guard keys.count == approvers.count else { throw .signature("one key approved the policy twice") }
    guard keys.count >= asked else {
      throw .tooFew("the policy requires \(asked) approvals but has \(keys.count)")
    }
    guard asked < 2 || keys.contains(where: { $0 != bundleSigner }) else {
      throw .tooFew("only the signer of the bundle approved the policy")
    }
    self.approvers = approvers
  }

  /// Why the approvals are refused: the policy was changed, or somebody's certificate was not given.
  private static func reason(
    _ failure: SignatureFailure, _ signatures: [UInt8], _ policy: Policy, _ trust: borrowing TrustStore
  ) -> String {
    guard let message = try? CMSMessage(signatures) else { return failure.what }
    guard let signers = try? message.verifyContent(policy.bytes) else {
      return "they don't cover this text, so it was changed after somebody approved it; \(failure.what)"
    }
    let names = trust.names
    let unknown = signers.filter { signer in !names.contains { $0.contains(signer.fingerprint) } }
    if unknown.isEmpty { return failure.what }
    let people = unknown.map { "\($0.name), SHA-256 \($0.fingerprint)" }.joined(separator: "; ")
    return "no certificate was given of \(people); \(failure.what)"
  }

  private init(approvers: [Signer]) { self.approvers = approvers }

  /// One line for each approver.
  package var lines: [String] {
    approvers.map {
      "\($0.name), certificate SHA-256 \($0.fingerprint), "
        + ($0.signedAt.map { "on \($0)" } ?? "at a time that the signature does not state")
    }
  }
}
