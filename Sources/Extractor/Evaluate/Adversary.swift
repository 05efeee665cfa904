internal import Shared

/// Admissions of one folder with their patients.
struct Attacked: Sendable {
  let rows: [FeatureBits]
  let patients: [UInt32]

  fileprivate func part(_ number: Int, of count: Int) -> Attacked {
    let range = rows.count * number / count..<rows.count * (number + 1) / count
    return Attacked(rows: Array(rows[range]), patients: Array(patients[range]))
  }
}

/// An adversary who sees real and synthetic records together, and guesses that each record is of the same kind as the
/// closest other record. This measures nearest-neighbour adversarial accuracy (Yale et al. 2020): at 0.5, real and
/// synthetic records can't be told apart; at 0, the synthetic records are copies.
///
/// The game has ten rounds with different records, and the intervals come from the differences between rounds
/// (Student's t). The distance to the closest record depends on all records of a round, so a single round does not show
/// how much of its figure is chance.
struct Adversary: Sendable {
  /// For each member, then each control admission: whether another record of its folder or a synthetic one is closer.
  let closer: [String]
  let real: Interval
  let control: Interval
  /// How much lower the adversary's accuracy is for members than for the control: the privacy loss.
  let loss: Interval

  private static let rounds = 10

  /// With fewer synthetic records than members, the figures are too high, because synthetic records are then farther
  /// away.
  init(members: Attacked, control: Attacked, synthetic: [FeatureBits], mask: FeatureBits, threads: Int) {
    let made = Attacked(rows: synthetic, patients: synthetic.indices.map(UInt32.init))
    var closer: (members: [String], control: [String]) = ([], [])
    var figures: [(real: Double, control: Double)] = []
    for round in 0..<Self.rounds {
      let made = made.part(round, of: Self.rounds)
      let first = Game(members.part(round, of: Self.rounds), made, mask, threads)
      let second = Game(control.part(round, of: Self.rounds), made, mask, threads)
      closer.members += first.closer
      closer.control += second.closer
      figures.append((first.accuracy, second.accuracy))
    }
    self.closer = closer.members + closer.control
    real = Self.interval(figures.map(\.real))
    self.control = Self.interval(figures.map(\.control))
    loss = Self.interval(figures.map { $0.control - $0.real })
  }

  /// The mean, with its 95 % interval by Student's t with nine degrees of freedom.
  private static func interval(_ values: [Double]) -> Interval {
    let mean = values.reduce(0, +) / Double(rounds)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rounds - 1)
    let width = 2.262 * (variance / Double(rounds)).squareRoot()
    return Interval(value: mean, low: mean - width, high: mean + width)
  }
}

/// One round: equal numbers of real and synthetic records, if there are enough.
private struct Game {
  let closer: [String]
  let accuracy: Double

  init(_ real: Attacked, _ made: Attacked, _ mask: FeatureBits, _ threads: Int) {
    func distances(_ set: Attacked, to others: Attacked, isSame: Bool) -> [Double] {
      closestRecords(to: set.rows, among: others.rows, mask: mask, threads: threads) { row, other in
        isSame && set.patients[row] == others.patients[other]
      }.map(\.distance)
    }
    let ofReal = zip(distances(real, to: real, isSame: true), distances(real, to: made, isSame: false))
    let ofMade = zip(distances(made, to: made, isSame: true), distances(made, to: real, isSame: false))
    closer = ofReal.map { own, other in own == other ? "both" : own < other ? "real" : "synthetic" }
    func right(_ pairs: [(Double, Double)]) -> Double {
      pairs.reduce(0) { $0 + ($1.0 < $1.1 ? 1 : $1.0 == $1.1 ? 0.5 : 0) } / Double(max(pairs.count, 1))
    }
    accuracy = (right(Array(ofReal)) + right(Array(ofMade))) / 2
  }
}
