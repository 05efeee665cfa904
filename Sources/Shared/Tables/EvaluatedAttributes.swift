/// The attributes that no table of the source holds: what `evaluate` finds out about the real admissions, by the synthetic ones.
///
/// None may follow from others in the same release: the attack takes every combination for possible, and what it does not know would be a way
/// around it. So each holds for every admission that is counted, with no category for "not tried", and `phenotype`, which follows from the main
/// diagnosis, stands in no policy with it.
extension Attribute {
  /// The categories of an attribute that only `evaluate` fills, all of them public; nil for the others.
  package var evaluationCategories: [String]? {
    switch self {
    case .evaluationSet: ["real", "control"]
    case .phenotype: Self.phenotypes
    case .mortalityRiskSynthetic, .mortalityRiskReal, .mortalityRiskBoth:
      Self.riskBands.map(\.label)
    case .phenotypeGuessSynthetic, .phenotypeGuessReal, .phenotypeGuessBoth: Self.phenotypes
    case .closestRecordBand: Self.distanceBands.map(\.label)
    case .closestRecord: ["real", "synthetic", "both"]
    case .ethnicityInference, .mainDiagnosisInference: ["right", "wrong"]
    default: nil
    }
  }

  /// Only `evaluate` fills it.
  package var isEvaluated: Bool { evaluationCategories != nil }

  /// The paper's phenotypes, by the main diagnosis.
  package static let phenotypes = [
    "acute-myocardial-infarction", "respiratory-failure", "gastrointestinal-haemorrhage", "other",
  ]

  /// Predicted risks in whole per cent. The bands are fixed: none of their ends is taken from data.
  package static let riskBands = Band.list(startingAt: [0, 1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90])

  /// Distances to the closest record in whole per cent; 0 is a copy.
  package static let distanceBands = Band.list(startingAt: [0, 1, 10, 20, 30, 40, 50, 60, 70, 80, 90])
}
