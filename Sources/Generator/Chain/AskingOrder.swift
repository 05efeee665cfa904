internal import Shared

/// Admissions that are filled together, step by step: neighbours in the run's order.
struct AdmissionBlock: Equatable, Sendable {
  /// Its place in the run's order.
  let place: Int
  let numbers: [Int]
}

/// The order in which a run's admissions are begun: by main diagnosis and sex, so that neighbours are asked about in nearly the
/// same words, and the server's prefix cache works.
///
/// - Parameters:
///   - plan: what is settled beforehand; nil: what the sampler would draw first is a guess that only orders.
///   - size: admissions in a block.
func askingOrder(
  _ admissions: Int, _ sampler: Sampler, _ variant: Variant, _ plan: RunPlan?, size: Int, seed: UInt64
) -> [AdmissionBlock] {
  var keys: [(main: String, gender: String, number: Int)] = []
  keys.reserveCapacity(admissions)
  for number in 0..<admissions {
    let draft = plan?.categories(number) ?? firstDraws(number, sampler, variant, seed)
    keys.append((draft.categories[.mainDiagnosis] ?? "", draft.categories[.gender] ?? "", number))
  }
  keys.sort { ($0.main, $0.gender, $0.number) < ($1.main, $1.gender, $1.number) }
  return stride(from: 0, to: admissions, by: size).enumerated().map { place, start in
    AdmissionBlock(place: place, numbers: keys[start..<min(start + size, admissions)].map(\.number))
  }
}

/// Admissions that are offered the same candidates.
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
