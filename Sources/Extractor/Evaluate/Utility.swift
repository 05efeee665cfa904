internal import Shared

/// The admissions that a model learns from: the synthetic ones, the real ones, or both.
enum TrainingSet: String, CaseIterable, Sendable {
  case synthetic, real, both

  var mortalityRisk: Attribute {
    switch self {
    case .synthetic: .mortalityRiskSynthetic
    case .real: .mortalityRiskReal
    case .both: .mortalityRiskBoth
    }
  }

  var phenotypeGuess: Attribute {
    switch self {
    case .synthetic: .phenotypeGuessSynthetic
    case .real: .phenotypeGuessReal
    case .both: .phenotypeGuessBoth
    }
  }
}

/// How well a model trained on one of the training sets predicts the control.
struct UtilityScore: Equatable, Sendable {
  let training: TrainingSet
  let accuracy: Interval
  /// The area under the ROC; for phenotypes, the mean over the classes that occur, each against all others.
  let area: Interval
  /// The F1 score for deaths; for phenotypes, the mean over all classes that occur. The likeliest class is predicted.
  let f1: Interval
}

/// Trains on synthetic admissions, on real ones, and on both; tests on real admissions that the forest has not seen.
struct Utility: Sendable {
  private(set) var mortality: [UtilityScore] = []
  private(set) var phenotype: [UtilityScore] = []
  /// For each training set, the risk of death for every counted admission, members first.
  private(set) var risks: [TrainingSet: [Double]] = [:]
  /// For each training set, the likeliest phenotype of every counted admission, members first.
  private(set) var guesses: [TrainingSet: [Int]] = [:]

  /// - Throws: status 70 if the library fails.
  init(_ data: EvaluationData, _ sample: TestedSample, _ forest: Forest) throws(CloisterError) {
    let bootstrap = Bootstrap(patients: sample.control.map { Int(data.control.records.patients[$0]) }, seed: 1)
    // The discharge location follows from a death, so it must not be used to predict one.
    let deaths = Prediction(
      classes: 2, mask: data.vocabulary.mask(without: [.dischargeLocation, .diedInHospital]), labels: { $0.deaths })
    let kinds = Prediction(
      classes: Attribute.phenotypes.count, mask: data.vocabulary.mask(without: [.mainDiagnosis]),
      labels: { $0.phenotypes })
    func labels(_ task: Prediction) -> [Int] { sample.control.map { task.labels(data.control)[$0] } }
    for training in TrainingSet.allCases {
      let first = try heldOut(data, sample, training, deaths, forest)
      mortality.append(Self.score(training, first.control, labels(deaths), [1], bootstrap))
      risks[training] = (first.members + first.control).map { $0[1] }
      let second = try heldOut(data, sample, training, kinds, forest)
      phenotype.append(
        Self.score(training, second.control, labels(kinds), Array(Attribute.phenotypes.indices), bootstrap))
      guesses[training] = (second.members + second.control).map(Self.likeliest)
    }
  }

  private static func likeliest(_ probabilities: [Double]) -> Int {
    probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
  }

  /// - Parameter judged: the classes over which area and F1 are averaged; a class that does not occur is skipped.
  private static func score(
    _ training: TrainingSet, _ probabilities: [[Double]], _ labels: [Int], _ judged: [Int], _ bootstrap: Bootstrap
  ) -> UtilityScore {
    let guesses = probabilities.map(likeliest)
    let occurring = judged.filter(labels.contains)
    let ranked = occurring.map { kind in
      RankedScores(probabilities.map { $0[kind] }, isPositive: labels.map { $0 == kind })
    }
    return UtilityScore(
      training: training,
      accuracy: bootstrap.interval { share($0) { guesses[$0] == labels[$0] } },
      area: bootstrap.interval { weights in mean(ranked.map { $0.area(weights) }, otherwise: 0.5) },
      f1: bootstrap.interval { weights in
        mean(occurring.map { kind in f1(weights, { guesses[$0] == kind }, { labels[$0] == kind }) }, otherwise: 0)
      })
  }

  private static func mean(_ values: [Double], otherwise: Double) -> Double {
    values.isEmpty ? otherwise : values.reduce(0, +) / Double(values.count)
  }

  private static func f1(_ weights: [Double], _ isGuessed: (Int) -> Bool, _ isTrue: (Int) -> Bool) -> Double {
    var both = 0.0
    var sum = 0.0
    for row in weights.indices {
      if isGuessed(row) { sum += weights[row] }
      if isTrue(row) { sum += weights[row] }
      if isGuessed(row), isTrue(row) { both += weights[row] }
    }
    return sum > 0 ? 2 * both / sum : 0
  }
}

/// What a forest predicts, and from which features.
private struct Prediction {
  let classes: Int
  let mask: FeatureBits
  let labels: (ComparedSet) -> [Int]
}

/// Predictions for every counted admission, by forests that have not seen it. A member's prediction comes from a forest
/// that has learned from no real patient in that member's fifth.
private func heldOut(
  _ data: EvaluationData, _ sample: TestedSample, _ training: TrainingSet, _ task: Prediction, _ forest: Forest
) throws(CloisterError) -> (members: [[Double]], control: [[Double]]) {
  func probabilities(
    leavingOut fold: Int?, _ set: ComparedSet, _ asked: [Int]
  ) throws(CloisterError) -> [[Double]] {
    var rows: [FeatureBits] = []
    var labels: [Int] = []
    for known in data.sets(of: training) {
      let truth = task.labels(known)
      let isReal = known.isReal
      for number in known.rows.indices where !(isReal && fold == known.fold(number)) {
        rows.append(known.rows[number])
        labels.append(truth[number])
      }
    }
    return try forest.probabilities(
      rows, labels, classes: task.classes, asked: asked.map { set.rows[$0] }, mask: task.mask)
  }
  let control = try probabilities(leavingOut: nil, data.control, sample.control)
  guard training != .synthetic else {
    return (try probabilities(leavingOut: nil, data.real, sample.members), control)
  }
  var members = [[Double]](repeating: [], count: sample.members.count)
  for fold in 0..<ComparedSet.folds {
    let places = sample.members.indices.filter { data.real.fold(sample.members[$0]) == fold }
    let found = try probabilities(leavingOut: fold, data.real, places.map { sample.members[$0] })
    for (place, value) in zip(places, found) { members[place] = value }
  }
  return (members, control)
}

/// The weighted share of the rows for which `isTrue` holds.
func share(_ weights: [Double], _ isTrue: (Int) -> Bool) -> Double {
  var hits = 0.0
  var all = 0.0
  for row in weights.indices {
    all += weights[row]
    if isTrue(row) { hits += weights[row] }
  }
  return all > 0 ? hits / all : 0
}
