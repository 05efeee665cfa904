internal import Shared

/// How close the synthetic rows are to the real ones in one attribute, or in the combinations of two.
struct RowFidelity: Sendable {
  let attributes: [Attribute]
  let pair: DistributionPair
  /// The distance that a perfect sample of the same size as the synthetic data would have.
  let perfect: Distance
}

/// Compares the rows of both data sets: the shares of every category and of every code, then the shares in the paper's
/// pairs of attributes.
func rowFidelity(_ data: EvaluationData) -> [RowFidelity] {
  let treatment: Attribute = data.real.records.schema.holds(.cpt) ? .cpt : .procedure
  let pairs: [[Attribute]] = [
    [.mainDiagnosis, treatment], [.mainDiagnosis, .diagnosis], [.diagnosis, treatment],
  ]
  return (FeatureVocabulary.sources.map { [$0] } + pairs).compactMap { attributes in
    let real = data.real.records.counts(of: attributes)
    let synthetic = data.synthetic.records.counts(of: attributes)
    let names = Set(real.keys).union(synthetic.keys).inByteOrder()
    guard names.count > 1 else { return nil }
    let pair = DistributionPair(
      names: names, published: names.map { Double(real[$0] ?? 0) }, made: names.map { Double(synthetic[$0] ?? 0) })
    return RowFidelity(
      attributes: attributes, pair: pair,
      perfect: .ofPerfectSample(pair.published, draws: synthetic.values.reduce(0, +)))
  }
}

/// How many combinations of an ethnicity and a diagnosis, main or other, occur in fewer than k patients. k-anonymity
/// forbids such combinations.
struct AnonymityViolations: Sendable {
  let k: Int
  let synthetic: Int
  /// The same number for equally many real admissions, chosen at random.
  let real: Int

  /// - Returns: the numbers for each k.
  static func count(_ data: EvaluationData, seed: UInt64, over limits: [Int] = [7, 15]) -> [AnonymityViolations] {
    let size = min(data.real.rows.count, data.synthetic.rows.count)
    let synthetic = data.synthetic.records.groupSizes(
      data.synthetic.choice(of: size, seed: seed, for: .syntheticViolations))
    let real = data.real.records.groupSizes(data.real.choice(of: size, seed: seed, for: .realViolations))
    return limits.map { k in
      AnonymityViolations(k: k, synthetic: synthetic.count { $0 < k }, real: real.count { $0 < k })
    }
  }
}

extension HospitalRecords {
  fileprivate func counts(of attributes: [Attribute]) -> [String: Int] {
    var counts: [[UInt32]: Int] = [:]
    for admission in 0..<admissionCount {
      for first in ids(attributes[0], admission) {
        guard attributes.count > 1 else {
          counts[[first], default: 0] += 1
          continue
        }
        for second in ids(attributes[1], admission) { counts[[first, second], default: 0] += 1 }
      }
    }
    let names = attributes.map { self.names(of: $0) }
    return counts.reduce(into: [:]) { named, cell in
      named[zip(names, cell.key).map { $0[Int($1)] }.joined(separator: ", ")] = cell.value
    }
  }

  private func ids(_ attribute: Attribute, _ admission: Int) -> ArraySlice<UInt32> {
    if let column = categories[attribute] { return column.ids[admission...admission] }
    return codes[attribute]?.codes(of: admission) ?? []
  }

  /// The number of patients with each combination of ethnicity and diagnosis that occurs.
  fileprivate func groupSizes(_ chosen: [Int]) -> [Int] {
    let (mains, others) = (names(of: .mainDiagnosis), names(of: .diagnosis))
    let ethnicity = values(of: .ethnicity)
    var patients: [String: Set<UInt32>] = [:]
    for admission in chosen {
      let codes =
        ids(.mainDiagnosis, admission).map { mains[Int($0)] } + ids(.diagnosis, admission).map { others[Int($0)] }
      for code in codes { patients["\(ethnicity[admission])|\(code)", default: []].insert(self.patients[admission]) }
    }
    return patients.values.map(\.count)
  }
}
