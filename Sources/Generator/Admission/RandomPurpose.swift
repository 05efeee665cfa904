internal import Shared

/// A purpose for which random numbers are drawn. Two purposes never share a stream, so a new draw in one place leaves
/// all other draws unchanged.
enum RandomPurpose: Sendable {
  case lengthOfStay, linking, laboratoryValues, times, drugTimes, pool, plan, codeOrder, exchanges, furtherCodes,
    groupMembers
  case independentDraws, perfectDraws
  /// A step of the chain, identified by its place.
  case step(Int)

  /// The number of the purpose's stream. It never changes, because the same seed must give the same records.
  fileprivate var stream: UInt64 {
    switch self {
    case .lengthOfStay: 2
    case .linking: 3
    case .laboratoryValues: 4
    case .times: 5
    case .drugTimes: 6
    case .pool: 7
    case .plan: 8
    case .codeOrder: 10
    case .exchanges: 17
    case .furtherCodes: 18
    case .groupMembers: 19
    case .independentDraws: 15
    case .perfectDraws: 16
    case .step(let place): 100 + UInt64(place)
    }
  }
}

extension SeededRandom {
  /// Random numbers for one purpose.
  init(seed: UInt64, _ purpose: RandomPurpose) { self.init(seed: seed, stream: purpose.stream) }

  /// Random numbers for one purpose and one numbered thing, such as an admission.
  init(seed: UInt64, _ purpose: RandomPurpose, of number: Int) { self.init(seed: seed, purpose, of: UInt64(number)) }

  init(seed: UInt64, _ purpose: RandomPurpose, of number: UInt64) {
    self.init(seed: seed, stream: number, purpose.stream)
  }
}
