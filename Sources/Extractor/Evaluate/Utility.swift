internal import Shared

/// What a model learns from: the synthetic admissions, the real ones, or both.
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

/// How well a model that learned from some admissions predicts the control's.
struct UtilityScore: Equatable, Sendable {
  let training: TrainingSet
  let accuracy: Interval
  /// The area under the ROC; for phenotypes the mean of each against the others.
  let area: Interval
  /// Of deaths; for phenotypes the mean of all that occur. A class is predicted where it is the likeliest.
  let f1: Interval
}

/// Train on synthetic, on real, on both; test on real admissions that neither has seen.
struct Utility: Sendable {
  private(set) var mortality: [UtilityScore] = []
  private(set) var phenotype: [UtilityScore] = []
  /// For each training set and admission of the control: the risk of death, and the likeliest phenotype.
  private(set) var risks: [TrainingSet: [Double]] = [:]
  private(set) var guesses: [TrainingSet: [Int]] = [:]

  /// - Throws: status 70 where the library fails.
  init(_ data: EvaluationData, _ forest: Forest) throws(CloisterError) {
    let bootstrap = Bootstrap(patients: data.control.records.patients.map(Int.init), seed: 1)
    // What follows from a death is no predictor of it.
    let known = data.vocabulary.mask(without: [.dischargeLocation, .diedInHospital])
    let notMain = data.vocabulary.mask(without: [.mainDiagnosis])
    for training in TrainingSet.allCases {
      let sets = data.sets(of: training)
      let rows = sets.flatMap(\.rows)
      let deaths = try forest.probabilities(
        rows, sets.flatMap(\.deaths), classes: 2, asked: data.control.rows, mask: known)
      mortality.append(Self.score(training, deaths, data.control.deaths, [1], bootstrap))
      risks[training] = deaths.map { $0[1] }
      let kinds = try forest.probabilities(
        rows, sets.flatMap(\.phenotypes), classes: 4, asked: data.control.rows, mask: notMain)
      phenotype.append(Self.score(training, kinds, data.control.phenotypes, Array(0..<4), bootstrap))
      guesses[training] = kinds.map(Self.likeliest)
    }
  }

  private static func likeliest(_ probabilities: [Double]) -> Int {
    probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
  }

  /// - Parameter judged: the classes over which area and F1 are taken, of those that occur.
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

/// The weighted share of the rows of which something is true.
func share(_ weights: [Double], _ isTrue: (Int) -> Bool) -> Double {
  var hits = 0.0
  var all = 0.0
  for row in weights.indices {
    all += weights[row]
    if isTrue(row) { hits += weights[row] }
  }
  return all > 0 ? hits / all : 0
}
