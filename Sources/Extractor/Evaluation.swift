internal import Shared

/// Runs an evaluation: read → compare → tally → protect → seal. The bundle holds the policy's tables of the findings
/// about real admissions, under the same protection as every release. The report with the exact figures stays inside
/// the hospital.
func evaluate(
  _ input: EvaluationInput, _ release: consuming PreparedRelease, _ progress: @escaping Progress
) throws(CloisterError) -> SealedRelease {
  let policy = release.policy
  let past = try PastReleases(release.ledgerFile, site: release.seal.site, isSealing: true, for: policy)
  let counted = try policy.counting(past.releases)
  let attributes = Set(counted.release.flatMap(\.attributes))
  let data = try EvaluationData(input, policy, counting: attributes, progress)
  let sample = TestedSample(data, most: input.sample, seed: input.seed)
  let utility = try Utility(data, sample, Forest(threads: input.threads, seed: UInt32(truncatingIfNeeded: input.seed)))
  let attacks = PrivacyAttacks(data, sample, threads: input.threads)
  let result = EvaluationReport(
    data, rowFidelity(data), AnonymityViolations.count(data, seed: input.seed), utility, attacks)
  let records = data.evaluatedRecords(sample, utility, attacks, counting: attributes)
  let protected = try protect(
    groupedTally(
      records, policy: counted, keeping: past.releases.codeCategories(for: policy)[records.schema] ?? .none,
      threads: input.threads), under: policy, after: past.releases,
    drawnWith: release.secret, threads: input.threads, progress)
  try requireKnownSets(protected.statistics)
  let summary = ReleaseSummary(protected, policy)
  if let report = release.takeReport() { try result.publish(in: report) }
  return SealedRelease(
    summary: summary, ending: try sealBundle(protected, release, after: past), number: past.ledger?.next.sequence)
}

/// Requires that the table of `evaluation-set`, if it is released, has no withheld cell. Anyone can know that both
/// groups have the same size, but the attack can learn this only from that table.
///
/// - Throws: status 77 if a cell of that table is withheld.
private func requireKnownSets(_ statistics: Statistics) throws(CloisterError) {
  guard let sets = statistics.tables.first(where: { $0.attributes == [.evaluationSet] }) else { return }
  guard sets.cells.count == 2 else {
    throw CloisterError(
      .releaseRefused,
      "too few admissions were compared: the equal size of both groups would reveal withheld cells of evaluation-set",
      hint: "compare more patients, or use a policy with fewer tables")
  }
}

/// Refuses a policy without tables for evaluations.
///
/// - Throws: status 78.
func requireEvaluation(_ policy: Policy) throws(CloisterError) {
  guard policy.isForEvaluation else {
    throw CloisterError(
      .policyOrKeyWrong, "the policy has no table of evaluation results",
      hint: "start from policies/evaluation.yaml; docs/evaluation.md explains each attribute")
  }
}
