internal import Shared

/// Makes the sampler for a run.
///
/// - Throws: status 65 if the bundle holds the results of an evaluation, or no diagnosis to start a chain with.
func usableSampler(_ statistics: Statistics, prior: CodePrior = .builtIn) throws(CloisterError) -> Sampler {
  guard !statistics.tables.contains(where: { $0.attributes.contains(where: \.isEvaluated) }) else {
    throw CloisterError(
      .inputRefused, "statistics.json: holds the results of an evaluation, not statistics to make admissions from",
      hint: "use the bundle that the hospital made with extract")
  }
  let sampler = Sampler(statistics, GroupMembers(statistics, prior: prior))
  guard sampler.knows(.mainDiagnosis) else {
    throw CloisterError(
      .inputRefused, "statistics.json: no table publishes a diagnosis, so no admission can be made",
      hint: "ask the hospital to release main-diagnosis or diagnosis, from data with enough patients")
  }
  return sampler
}
