internal import Shared

/// How near the synthetic rows are to the real ones in one attribute.
struct RowFidelity: Sendable {
  let attribute: Attribute
  let pair: DistributionPair
  /// What a perfect sample of as many admissions as the synthetic ones would have.
  let perfect: Distance
}

/// Compares the shares of every category, and of every code among an admission's codes, on rows.
func rowFidelity(_ data: EvaluationData) -> [RowFidelity] {
  FeatureVocabulary.sources.compactMap { attribute in
    let real = data.real.records.counts(of: attribute)
    let synthetic = data.synthetic.records.counts(of: attribute)
    let names = Set(real.keys).union(synthetic.keys).sorted()
    guard names.count > 1 else { return nil }
    let pair = DistributionPair(
      names: names, published: names.map { Double(real[$0] ?? 0) }, made: names.map { Double(synthetic[$0] ?? 0) })
    return RowFidelity(
      attribute: attribute, pair: pair,
      perfect: .ofPerfectSample(pair.published, draws: synthetic.values.reduce(0, +)))
  }
}

extension HospitalRecords {
  fileprivate func counts(of attribute: Attribute) -> [String: Int] {
    let names = names(of: attribute)
    let ids = categories[attribute]?.ids ?? codes[attribute]?.ids ?? []
    var counts = [Int](repeating: 0, count: names.count)
    for id in ids { counts[Int(id)] += 1 }
    return Dictionary(uniqueKeysWithValues: zip(names, counts)).filter { $0.value > 0 }
  }
}
