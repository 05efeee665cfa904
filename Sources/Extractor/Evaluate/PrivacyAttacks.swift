internal import Shared

/// What an attacker with the synthetic records could infer about real patients. An inference that works equally well on
/// the control was not learned from anybody's record.
struct PrivacyAttacks: Sendable {
  /// The distance from each counted admission to the closest synthetic record; members come first.
  private(set) var distances: [Double] = []
  /// For each counted admission, the category of `closest-record`: whether a record of its own folder or a synthetic
  /// record is closer.
  private(set) var closer: [String] = []
  /// For each attribute, whether the synthetic record that is closest in all other attributes has the right category.
  private(set) var isInferred: [Attribute: [Bool]] = [:]
  /// How well the distances distinguish members from the control; 0.5 is chance.
  private(set) var membershipArea: Interval
  /// How much more often the inference is right for members than for the control; 0 is chance.
  private(set) var inferenceGain: [Attribute: Interval] = [:]
  /// Nearest-neighbour adversarial accuracy (Yale et al. 2020) for the real folder and for the control, and the
  /// difference: the privacy loss.
  private(set) var adversarialAccuracy: (real: Interval, control: Interval, loss: Interval)

  init(_ data: EvaluationData, _ sample: TestedSample, threads: Int) {
    let size = sample.members.count
    let synthetic = sample.synthetic.map { data.synthetic.rows[$0] }
    let all = data.vocabulary.mask(without: [])
    let members = sample.members.map { data.real.rows[$0] }
    let others = sample.control.map { data.control.rows[$0] }
    let targets = members + others
    let found = closestRecords(to: targets, among: synthetic, mask: all, threads: threads)
    distances = found.map(\.distance)
    let bootstrap = Bootstrap(patients: sample.patients(data).map(Int.init), seed: 2)
    let isMember = targets.indices.map { $0 < size }
    let ranked = RankedScores(distances.map { -$0 }, isPositive: isMember)
    membershipArea = bootstrap.interval(ranked.area)
    let (first, second) = (data.real.records.patients, data.control.records.patients)
    let adversary = Adversary(
      members: Attacked(rows: members, patients: sample.members.map { first[$0] }),
      control: Attacked(rows: others, patients: sample.control.map { second[$0] }), synthetic: synthetic, mask: all,
      threads: threads)
    closer = adversary.closer
    adversarialAccuracy = (adversary.real, adversary.control, adversary.loss)
    for attribute in [Attribute.ethnicity, .mainDiagnosis] {
      let guesses = closestRecords(
        to: targets, among: synthetic, mask: data.vocabulary.mask(without: [attribute]), threads: threads)
      let known = data.synthetic.records.values(of: attribute)
      let truth =
        sample.members.map { [values = data.real.records.values(of: attribute)] in values[$0] }
        + sample.control.map { [values = data.control.records.values(of: attribute)] in values[$0] }
      let isRight = zip(guesses, truth).map { $0.place >= 0 && known[sample.synthetic[$0.place]] == $1 }
      isInferred[attribute] = isRight
      inferenceGain[attribute] = bootstrap.interval { weights in
        gain(weights, isRight.map { $0 ? 1 : 0 }, members: size)
      }
    }
  }
}

/// The weighted mean over the members minus the weighted mean over the control.
private func gain(_ weights: [Double], _ values: [Double], members: Int) -> Double {
  func mean(_ rows: Range<Int>) -> Double {
    let all = rows.reduce(0) { $0 + weights[$1] }
    return all > 0 ? rows.reduce(0) { $0 + weights[$1] * values[$1] } / all : 0
  }
  return mean(0..<members) - mean(members..<values.count)
}
