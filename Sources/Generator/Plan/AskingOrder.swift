internal import Shared

/// The order in which a run's admissions are begun: by the main diagnosis that the sampler draws for them, and by sex, so
/// that neighbours are asked about in nearly the same words, and the server's prefix cache works.
///
/// - Returns: each admission once, with the rotation of its menus.
func askingOrder(_ admissions: Int, _ sampler: Sampler, _ variant: Variant, seed: UInt64) -> [AdmissionPlace] {
  var keys: [(main: String, gender: String, number: Int)] = []
  keys.reserveCapacity(admissions)
  for number in 0..<admissions {
    var draft = Draft(number: number)
    for (index, step) in [Step.demographics, .mainDiagnosis].enumerated() {
      var random = SeededRandom(seed: seed, stream: UInt64(number), 100 + UInt64(index))
      for attribute in step.drawn(variant) + step.asked(variant) where sampler.knows(attribute) {
        sampler.draw(attribute, &draft, &random)
      }
    }
    keys.append((draft.categories[.mainDiagnosis] ?? "", draft.categories[.gender] ?? "", number))
  }
  keys.sort { ($0.main, $0.gender, $0.number) < ($1.main, $1.gender, $1.number) }
  return keys.enumerated().map { AdmissionPlace(number: $1.number, rotation: $0 / neighbours) }
}

/// Admissions that are offered the same candidates.
private let neighbours = 64
