internal import Shared

extension EvaluationData {
  /// The counted admissions as records, members first, with the findings about each. The policy's tables count these
  /// records.
  func evaluatedRecords(
    _ sample: TestedSample, _ utility: Utility, _ attacks: PrivacyAttacks, counting attributes: Set<Attribute>
  ) -> HospitalRecords {
    var categories: [Attribute: CategoryColumn] = [:]
    var codes: [Attribute: CodeColumn] = [:]
    let found = findings(sample, utility, attacks)
    for attribute in attributes {
      if let values = found[attribute] {
        let names = attribute.evaluationCategories ?? []
        let numbers = Dictionary(uniqueKeysWithValues: zip(names, names.indices.map(UInt32.init)))
        categories[attribute] = CategoryColumn(ids: values.map { numbers[$0] ?? 0 }, names: names)
      } else if attribute.isMultiValued {
        codes[attribute] = joinedCodes(attribute, sample)
      } else {
        categories[attribute] = joinedCategories(attribute, sample)
      }
    }
    return HospitalRecords(
      schema: real.records.schema, patients: sample.patients(self), categories: categories, codes: codes,
      titles: real.records.titles)
  }

  /// For each attribute that only an evaluation fills, the category of each counted admission.
  private func findings(
    _ sample: TestedSample, _ utility: Utility, _ attacks: PrivacyAttacks
  ) -> [Attribute: [String]] {
    let sets = sample.members.map { _ in "real" } + sample.control.map { _ in "control" }
    let phenotypes = sample.members.map { real.phenotypes[$0] } + sample.control.map { control.phenotypes[$0] }
    func inferred(_ attribute: Attribute) -> [String] {
      (attacks.isInferred[attribute] ?? []).map { $0 ? "right" : "wrong" }
    }
    var found: [Attribute: [String]] = [
      .evaluationSet: sets, .phenotype: phenotypes.map { Attribute.phenotypes[$0] },
      .closestRecordBand: attacks.distances.map { band(of: $0, Attribute.distanceBands) },
      .closestRecord: attacks.closer, .ethnicityInference: inferred(.ethnicity),
      .mainDiagnosisInference: inferred(.mainDiagnosis),
    ]
    for training in TrainingSet.allCases {
      found[training.mortalityRisk] = (utility.risks[training] ?? []).map { band(of: $0, Attribute.riskBands) }
      found[training.phenotypeGuess] = (utility.guesses[training] ?? []).map { Attribute.phenotypes[$0] }
    }
    return found
  }

  private func joinedCategories(_ attribute: Attribute, _ sample: TestedSample) -> CategoryColumn {
    var interner = CategoryInterner()
    let ids = [(real, sample.members), (control, sample.control)].flatMap { set, chosen in
      let numbers = set.records.names(of: attribute).map { interner.number(of: $0) }
      let ids = set.records.categories[attribute]?.ids
      return chosen.map { number in
        ids.map { numbers[Int($0[number])] } ?? interner.number(of: missingCategory)
      }
    }
    return CategoryColumn(ids: ids, names: interner.names)
  }

  private func joinedCodes(_ attribute: Attribute, _ sample: TestedSample) -> CodeColumn {
    var interner = CategoryInterner()
    let codes = [(real, sample.members), (control, sample.control)].flatMap { set, chosen in
      let numbers = set.records.names(of: attribute).map { interner.number(of: $0) }
      return chosen.map { admission in
        set.records.codes[attribute]?.codes(of: admission).map { numbers[Int($0)] } ?? []
      }
    }
    return CodeColumn(codes, names: interner.names)
  }
}

/// The band of a share between 0 and 1, in whole per cent, rounded down.
private func band(of share: Double, _ bands: [Band]) -> String {
  let percent = Int((share * 100).rounded(.down))
  return (bands.first { $0.contains(percent) } ?? bands[bands.count - 1]).label
}
