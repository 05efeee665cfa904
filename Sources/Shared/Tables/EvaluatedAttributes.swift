/// Attributes that are in no source table: `evaluate` computes them for the real admissions that it compares with
/// synthetic ones.
///
/// None may follow from other attributes in the same release: the attack treats every combination as possible, so it
/// would miss counts that a rule between two attributes reveals. Each attribute therefore has a value for every
/// admission that is counted, with no category for "not tried". `phenotype` follows from the main diagnosis, so no
/// policy may have both.
extension Attribute {
  /// The categories of an attribute that only `evaluate` fills, all of them public; nil for other attributes.
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

  /// Whether only `evaluate` fills this attribute.
  package var isEvaluated: Bool { evaluationCategories != nil }

  /// The paper's phenotypes, derived from the main diagnosis.
  package static let phenotypes = [
    "acute-myocardial-infarction", "respiratory-failure", "gastrointestinal-haemorrhage", "other",
  ]

  /// Predicted risks in whole per cent. The bands are fixed; no edge is taken from data.
  package static let riskBands = Band.list(startingAt: [0, 1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90])

  /// Distances to the closest record in whole per cent; 0 is a copy.
  package static let distanceBands = Band.list(startingAt: [0, 1, 10, 20, 30, 40, 50, 60, 70, 80, 90])
}
