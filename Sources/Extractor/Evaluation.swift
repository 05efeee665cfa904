internal import Shared

/// The way of an evaluation: read → compare → tally → protect → seal. What is published are the policy's tables of what was found out
/// about the real admissions, under the same protection as every release; the report with the exact figures stays inside.
func evaluate(
  _ input: EvaluationInput, _ release: consuming PreparedRelease, _ progress: @escaping Progress
) throws(CloisterError) -> SealedRelease {
  let policy = release.policy
  let past = try PastReleases(release.ledgerFile, site: release.seal.site, isSealing: true, for: policy)
  let counted = policy.counting(past.releases)
  let attributes = Set(counted.release.flatMap(\.attributes))
  let data = try EvaluationData(input, policy, counting: attributes, progress)
  let sample = TestedSample(data, most: input.sample, seed: input.seed)
  let utility = try Utility(data, sample, Forest(threads: input.threads, seed: UInt32(truncatingIfNeeded: input.seed)))
  let attacks = PrivacyAttacks(data, sample, threads: input.threads)
  let result = EvaluationReport(
    data, rowFidelity(data), AnonymityViolations.count(data, seed: input.seed), utility, attacks)
  let records = data.evaluatedRecords(sample, utility, attacks, counting: attributes)
  let protected = try protect(
    groupedTally(records, policy: counted, threads: input.threads), under: policy, after: past.releases,
    threads: input.threads)
  try requireKnownSets(protected.statistics)
  let summary = ReleaseSummary(protected, policy, notes: [])
  if let report = release.takeReport() { try result.publish(in: report) }
  return SealedRelease(summary: summary, ending: try sealBundle(protected, release, after: past))
}

/// As many real admissions as of the control are counted, which anybody knows: the attack knows it only by the table that says so.
///
/// - Throws: status 77 where that table does not leave whole.
private func requireKnownSets(_ statistics: Statistics) throws(CloisterError) {
  guard let sets = statistics.tables.first(where: { $0.attributes == [.evaluationSet] }) else { return }
  guard sets.cells.count == 2 else {
    throw CloisterError(
      .releaseRefused, "too few admissions were compared: how many they are would tell about withheld cells",
      hint: "compare more patients, or use a policy with fewer tables")
  }
}

/// Refuses a policy that says nothing about evaluations.
///
/// - Throws: status 78.
func requireEvaluation(_ policy: Policy) throws(CloisterError) {
  guard policy.isForEvaluation else {
    throw CloisterError(
      .policyOrKeyWrong, "no table of the policy counts what an evaluation finds out",
      hint: "start from policies/evaluation.yaml; policies/README.md says what each attribute means")
  }
}
