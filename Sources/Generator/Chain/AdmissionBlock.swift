internal import Shared

/// Admissions that are filled together, step by step; they are neighbours in the run's order.
struct AdmissionBlock: Equatable, Sendable {
  /// The block's place in the run's order.
  let place: Int
  let numbers: [Int]
}

/// The order in which a run fills its admissions: by main diagnosis and sex. Neighbours then get nearly the same
/// prompts, so the server can reuse its prefix cache.
///
/// - Parameters:
///   - plan: the run's plan; if nil, the sampler's first draws are used as a guess, which affects only the order.
///   - size: the number of admissions per block.
func askingOrder(
  _ admissions: Int, _ sampler: Sampler, _ variant: Variant, _ plan: RunPlan?, size: Int, seed: UInt64
) -> [AdmissionBlock] {
  var keys: [(main: ByteOrdered, gender: ByteOrdered, number: Int)] = []
  keys.reserveCapacity(admissions)
  for number in 0..<admissions {
    let draft = plan?.categories(number) ?? firstDraws(number, sampler, variant, seed)
    func key(_ attribute: Attribute) -> ByteOrdered { ByteOrdered(draft.categories[attribute] ?? "") }
    keys.append((key(.mainDiagnosis), key(.gender), number))
  }
  keys.sort { ($0.main, $0.gender, $0.number) < ($1.main, $1.gender, $1.number) }
  return stride(from: 0, to: admissions, by: size).enumerated().map { place, start in
    AdmissionBlock(place: place, numbers: keys[start..<min(start + size, admissions)].map(\.number))
  }
}

/// How many neighbouring admissions share the random ranks by which `menu` draws their candidates.
let neighbours = 64

private func firstDraws(_ number: Int, _ sampler: Sampler, _ variant: Variant, _ seed: UInt64) -> Draft {
  var draft = Draft(number: number)
  for (index, step) in [Step.demographics, .mainDiagnosis].enumerated() {
    var random = SeededRandom(seed: seed, .step(index), of: number)
    for attribute in step.drawn(variant) + step.asked(variant) where sampler.knows(attribute) {
      sampler.draw(attribute, &draft, &random)
    }
  }
  return draft
}
