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

/// An adversary who is shown real and synthetic records together and takes the kind of the closest other record for a record's own kind:
/// nearest-neighbour adversarial accuracy (Yale et al. 2020). 0.5: real and synthetic can't be told apart; 0: the synthetic ones are copies.
///
/// The game is played in ten rounds with different records, from whose differences the intervals are (Student's t): the distance to the
/// closest record depends on all records of a round, so that no single round tells how much chance there is in it.
struct Adversary: Sendable {
  /// For each member, then each admission of the control: which is closer, another record of its folder or a synthetic one.
  let closer: [String]
  let real: Interval
  let control: Interval
  /// How much less the adversary gets right about members than about the control: what it owes to their records.
  let loss: Interval

  private static let rounds = 10

  /// With fewer synthetic records than members the figures are not those of equal numbers: synthetic ones are farther away.
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

  /// The mean, with the 95 % interval of Student's t with nine degrees of freedom.
  private static func interval(_ values: [Double]) -> Interval {
    let mean = values.reduce(0, +) / Double(rounds)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rounds - 1)
    let width = 2.262 * (variance / Double(rounds)).squareRoot()
    return Interval(value: mean, low: mean - width, high: mean + width)
  }
}

/// One round: as many real as synthetic records.
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
