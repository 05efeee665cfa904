internal import Shared

/// Makes the sampler that plans every admission.
///
/// - Throws: status 65 where the bundle has no diagnosis to begin a chain with.
func usableSampler(_ statistics: Statistics) throws(CloisterError) -> Sampler {
  guard !statistics.tables.contains(where: { $0.attributes.contains(where: \.isEvaluated) }) else {
    throw CloisterError(
      .inputRefused, "statistics.json: holds the results of an evaluation, and no statistics to make admissions from",
      hint: "use the bundle that the hospital's extract made")
  }
  let sampler = Sampler(statistics)
  guard sampler.knows(.mainDiagnosis) else {
    throw CloisterError(
      .inputRefused, "statistics.json: no table publishes a diagnosis, so that no chain can begin",
      hint: "ask the hospital for a policy that releases main-diagnosis or diagnosis, over enough patients")
  }
  return sampler
}
