internal import Shared

/// Splits epsilon by weight among the tables that the source can fill; each part is rounded down to a millionth.
///
/// Claim: the parts add up to no more than the policy's epsilon, so by composition all tables together are
/// epsilon-differentially private per patient (adding or removing one patient with all admissions).
struct NoisePlan: Sendable {
  let parts: [Part]

  struct Part: Sendable {
    let request: Policy.TableRequest
    let epsilon: Epsilon
    /// The most by which one patient can change all cells of the table together.
    let sensitivity: Int

    var noise: DiscreteLaplace { DiscreteLaplace(scale: sensitivity * 1_000_000, over: epsilon.millionths) }
  }

  /// - Throws: status 78 if a table's part is under a millionth.
  init(_ policy: Policy, _ noise: Policy.Noise, schema: SourceSchema) throws(CloisterError) {
    let requests = policy.requests(in: schema)
    let weights = requests.reduce(0) { $0 + $1.weight }
    parts = requests.map { request in
      Part(
        request: request, epsilon: Epsilon(millionths: noise.epsilon.millionths * request.weight / weights),
        sensitivity: noise.sensitivity(of: request.attributes))
    }
    if let part = parts.first(where: { $0.epsilon == .zero }) {
      throw CloisterError(
        .policyOrKeyWrong, "the policy gives the table \(part.request.name) an epsilon of less than a millionth",
        hint: "release fewer tables, raise epsilon, or raise the table's weight")
    }
  }
}
