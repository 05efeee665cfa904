internal import Shared

/// What an attacker who holds the synthetic records could tell of real patients: what holds for the control as well is not learned
/// from anybody's record.
struct PrivacyAttacks: Sendable {
  /// The admissions that were attacked, as many of the real folder as of the control, by number.
  let real: [Int]
  let control: [Int]
  /// For each of them, the real ones first: the distance to the closest synthetic record.
  private(set) var distances: [Double] = []
  /// Which is closer, another record of its own folder or a synthetic one: a category of closest-record.
  private(set) var closer: [String] = []
  /// Whether the attacker takes it for a member.
  private(set) var isGuessedMember: [Bool] = []
  /// Whether the closest synthetic record, by all else, has the right category.
  private(set) var isInferred: [Attribute: [Bool]] = [:]
  /// How well distances tell members from the control; 0.5 is chance.
  private(set) var membershipArea: Interval
  /// How much more often the inference is right for members than for the control; 0 is chance.
  private(set) var inferenceGain: [Attribute: Interval] = [:]
  /// Nearest-neighbour adversarial accuracy (Yale et al. 2020) of the real folder and of the control, and the difference: the privacy loss.
  private(set) var adversarialAccuracy: (real: Interval, control: Interval, loss: Interval)

  /// - Parameter sample: at most so many admissions of each folder, chosen by chance.
  init(_ data: EvaluationData, sample: Int, seed: UInt64, threads: Int) {
    let size = min(sample, data.real.rows.count, data.control.rows.count)
    real = Self.choice(of: size, from: data.real.rows.count, seed: seed, 1)
    control = Self.choice(of: size, from: data.control.rows.count, seed: seed, 2)
    let synthetic = Self.choice(
      of: min(sample, data.synthetic.rows.count), from: data.synthetic.rows.count, seed: seed, 3
    ).map { data.synthetic.rows[$0] }
    let all = data.vocabulary.mask(without: [])
    let members = real.map { data.real.rows[$0] }
    let others = control.map { data.control.rows[$0] }
    let targets = members + others
    let found = closestRecords(to: targets, among: synthetic, mask: all, threads: threads)
    distances = found.map(\.distance)
    let bootstrap = Self.bootstrap(data, real, control)
    let isMember = targets.indices.map { $0 < size }
    let median = distances.sorted()[size]
    isGuessedMember = distances.map { $0 < median }
    let ranked = RankedScores(distances.map { -$0 }, isPositive: isMember)
    membershipArea = bootstrap.interval(ranked.area)
    let (first, second) = (data.real.records.patients, data.control.records.patients)
    let adversary = Adversary(
      members: Attacked(rows: members, patients: real.map { first[$0] }),
      control: Attacked(rows: others, patients: control.map { second[$0] }), synthetic: synthetic, mask: all,
      threads: threads)
    closer = adversary.closer
    adversarialAccuracy = (adversary.real, adversary.control, adversary.loss)
    let chosen = Self.choice(
      of: synthetic.count, from: data.synthetic.rows.count, seed: seed, 3)
    for attribute in [Attribute.ethnicity, .mainDiagnosis] {
      let guesses = closestRecords(
        to: targets, among: synthetic, mask: data.vocabulary.mask(without: [attribute]), threads: threads)
      let known = data.synthetic.records.values(of: attribute)
      let truth =
        real.map { [values = data.real.records.values(of: attribute)] in values[$0] }
        + control.map { [values = data.control.records.values(of: attribute)] in values[$0] }
      let isRight = zip(guesses, truth).map { $0.place >= 0 && known[chosen[$0.place]] == $1 }
      isInferred[attribute] = isRight
      inferenceGain[attribute] = bootstrap.interval { weights in
        gain(weights, isRight.map { $0 ? 1 : 0 }, members: size)
      }
    }
  }

  /// Different numbers under `count`, rising.
  private static func choice(of size: Int, from count: Int, seed: UInt64, _ stream: UInt64) -> [Int] {
    var random = SeededRandom(seed: seed, stream: stream)
    return Array((0..<count).shuffled(using: &random).prefix(size)).sorted()
  }

  private static func bootstrap(_ data: EvaluationData, _ real: [Int], _ control: [Int]) -> Bootstrap {
    let first = real.map { Int(data.real.records.patients[$0]) }
    let others = control.map { data.real.records.subjects.count + Int(data.control.records.patients[$0]) }
    return Bootstrap(patients: first + others, seed: 2)
  }
}

/// The weighted mean over the members less that over the others.
private func gain(_ weights: [Double], _ values: [Double], members: Int) -> Double {
  func mean(_ rows: Range<Int>) -> Double {
    let all = rows.reduce(0) { $0 + weights[$1] }
    return all > 0 ? rows.reduce(0) { $0 + weights[$1] * values[$1] } / all : 0
  }
  return mean(0..<members) - mean(members..<values.count)
}
