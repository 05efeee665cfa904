internal import Shared

/// Refuses a policy that asks for a protection which this version does not give: less than was approved must not leave.
///
/// - Throws: status 77, naming the key.
func requirePolicyIsWithinThisVersion(_ policy: Policy) throws(CloisterError) {
  let asked: [(key: String, isAsked: Bool)] = [
    ("approvals", policy.protection.approvals > 0)
  ]
  guard let first = asked.first(where: \.isAsked) else { return }
  throw CloisterError(
    .releaseRefused, "the policy asks for \(first.key), which cloister-extractor \(cloisterVersion) does not give",
    hint: "nothing leaves with less protection than the policy says; use a later version, or have a policy approved "
      + "that does not ask for it")
}
