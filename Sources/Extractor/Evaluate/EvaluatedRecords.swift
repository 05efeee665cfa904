internal import Shared

extension EvaluationData {
  /// The real admissions and the control's, one behind the other, with what was found out about each: what the policy's tables count.
  func evaluatedRecords(
    _ utility: Utility, _ attacks: PrivacyAttacks, counting attributes: Set<Attribute>
  ) -> HospitalRecords {
    var categories: [Attribute: CategoryColumn] = [:]
    var codes: [Attribute: CodeColumn] = [:]
    let found = findings(utility, attacks)
    for attribute in attributes {
      if let values = found[attribute] {
        let names = attribute.evaluationCategories ?? []
        let numbers = Dictionary(uniqueKeysWithValues: zip(names, names.indices.map(UInt32.init)))
        categories[attribute] = CategoryColumn(ids: values.map { numbers[$0] ?? 0 }, names: names)
      } else if attribute.isMultiValued {
        codes[attribute] = joinedCodes(attribute)
      } else {
        categories[attribute] = joinedCategories(attribute)
      }
    }
    let patients = UInt32(real.records.subjects.count)
    return HospitalRecords(
      schema: real.records.schema, patients: real.records.patients + control.records.patients.map { $0 + patients },
      subjects: real.records.subjects + control.records.subjects, categories: categories, codes: codes,
      titles: real.records.titles)
  }

  /// For each attribute that only an evaluation fills, the category of each admission, the control behind the real ones.
  private func findings(_ utility: Utility, _ attacks: PrivacyAttacks) -> [Attribute: [String]] {
    let (first, others) = (real.rows.count, control.rows.count)
    func tested(_ values: [String]) -> [String] {
      [String](repeating: notTestedCategory, count: first) + values
    }
    func attacked<Value>(_ values: [Value], _ category: (Value) -> String) -> [String] {
      var all = [String](repeating: notTestedCategory, count: first + others)
      let places = attacks.real + attacks.control.map { $0 + first }
      for (place, value) in zip(places, values) { all[place] = category(value) }
      return all
    }
    let sets = [String](repeating: "real", count: first) + [String](repeating: "control", count: others)
    var found: [Attribute: [String]] = [
      .evaluationSet: sets, .phenotype: (real.phenotypes + control.phenotypes).map { Attribute.phenotypes[$0] },
      .closestRecordBand: attacked(attacks.distances) { band(of: $0, Attribute.distanceBands) },
      .closestRecord: attacked(attacks.closer) { $0 },
      .membershipGuess: attacked(attacks.isGuessedMember) { $0 ? "member" : "not-member" },
      .ethnicityInference: attacked(attacks.isInferred[.ethnicity] ?? []) { $0 ? "right" : "wrong" },
      .mainDiagnosisInference: attacked(attacks.isInferred[.mainDiagnosis] ?? []) { $0 ? "right" : "wrong" },
    ]
    for training in TrainingSet.allCases {
      found[training.mortalityRisk] = tested(
        (utility.risks[training] ?? []).map { band(of: $0, Attribute.riskBands) })
      found[training.phenotypeGuess] = tested(
        (utility.guesses[training] ?? []).map { Attribute.phenotypes[$0] })
    }
    return found
  }

  private func joinedCategories(_ attribute: Attribute) -> CategoryColumn {
    var interner = CategoryInterner()
    let ids = [real, control].flatMap { set in
      let numbers = set.records.names(of: attribute).map { interner.number(of: $0) }
      return set.records.categories[attribute]?.ids.map { numbers[Int($0)] }
        ?? set.rows.map { _ in interner.number(of: missingCategory) }
    }
    return CategoryColumn(ids: ids, names: interner.names)
  }

  private func joinedCodes(_ attribute: Attribute) -> CodeColumn {
    var interner = CategoryInterner()
    let codes = [real, control].flatMap { set in
      let numbers = set.records.names(of: attribute).map { interner.number(of: $0) }
      return set.rows.indices.map { admission in
        set.records.codes[attribute]?.codes(of: admission).map { numbers[Int($0)] } ?? []
      }
    }
    return CodeColumn(codes, names: interner.names)
  }
}

/// The band that a share between 0 and 1 falls into, in whole per cent, rounded down.
private func band(of share: Double, _ bands: [Band]) -> String {
  let percent = Int((share * 100).rounded(.down))
  return (bands.first { $0.contains(percent) } ?? bands[bands.count - 1]).label
}
