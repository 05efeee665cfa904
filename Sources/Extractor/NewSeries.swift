internal import Shared

/// Begins a new series in a site's ledger. Releases of the new series are not compared with earlier ones, so what the
/// two tell together is not checked: the policy, which its officers have approved, must say why.
///
/// - Parameters:
///   - site: the name in the site's certificate.
///   - created: UTC, `2026-01-31T12:00:00Z`.
///   - onWaiting: called if a release is being made with the ledger, which is waited for.
/// - Throws: status 78 if the policy does not begin a series; 66 if there is no ledger; 77 if the ledger is refused, or
///   its present series has no release.
func beginSeries(
  _ approved: ApprovedPolicy, inLedger path: String, site: String, created: String, onWaiting: () -> Void
) throws(CloisterError) -> SeriesEntry {
  let policy = approved.policy
  guard let reason = policy.newSeries else {
    throw CloisterError(
      .policyOrKeyWrong, "the policy does not begin a new series",
      hint: "add a line new-series: REASON to the policy; approving the policy then approves the reason")
  }
  let name = harmless(path)
  guard FileStatus(of: path) != nil else {
    throw CloisterError(.inputMissing, "\(name): no such file", hint: "pass the site's ledger to --ledger")
  }
  let begun = try BegunLedger(path, onWaiting: onWaiting)
  defer { withExtendedLifetime(begun) {} }
  let ledger = try Ledger(path, site: site)
  let place = ledger.next
  guard ledger.releases.last?.series == place.series else {
    throw CloisterError(
      .releaseRefused, "\(name): its present series has no release yet, so a new one changes nothing",
      hint: "extract with this policy")
  }
  let digest = SHA256.hexadecimal(policy.bytes)
  guard !ledger.series.contains(where: { $0.policySHA256 == digest || $0.reason == reason }) else {
    throw CloisterError(
      .releaseRefused, "\(name): this policy, or its reason, began a series before",
      hint: "each new series needs a reason of its own, and approvals of the policy that gives it")
  }
  let entry = SeriesEntry(
    site: site, series: place.series + 1, after: ledger.releases.count, previousLine: place.previousLine,
    created: created, policySHA256: digest, reason: reason,
    approvals: approved.approvals.lines)
  try ledger.append(entry)
  return entry
}
