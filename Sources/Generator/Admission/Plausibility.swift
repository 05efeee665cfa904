internal import Shared

/// Why a category contradicts the settled part of the draft; nil if it does not. The sampler follows this rule when it
/// draws, and the model's answers are checked against it.
func implausibility(of category: String, _ attribute: Attribute, in draft: Draft) -> String? {
  var age: Band? { draft.categories[.ageBand].flatMap(Band.init) }
  switch attribute {
  case .dischargeLocation:
    guard let died = draft.categories[.diedInHospital] else { return nil }
    if died == "1" { return isDeath(category) ? nil : "means a discharge alive, but the patient dies" }
    return isDeath(category) ? "means death, but the patient leaves alive" : nil
  case .diedInHospital:
    guard let location = draft.categories[.dischargeLocation] else { return nil }
    return isDeath(location) == (category == "1") ? nil : "does not agree with the discharge location"
  case .insurance:
    guard let age, let oldest = age.upper, oldest < 18 else { return nil }
    return category.uppercased() == "MEDICARE" ? "does not insure children" : nil
  case .ageBand:
    guard let age = Band(category), let oldest = age.upper, oldest < 18 else { return nil }
    return draft.categories[.insurance]?.uppercased() == "MEDICARE" ? "does not go with the insurance" : nil
  case .gender, .admissionType, .admissionLocation, .language, .religion, .maritalStatus, .ethnicity,
    .lengthOfStayBand, .admissionNumberBand, .diagnosisCountBand, .procedureCountBand, .drugCountBand, .drug, .lab,
    .evaluationSet, .phenotype, .mortalityRiskSynthetic, .mortalityRiskReal, .mortalityRiskBoth,
    .phenotypeGuessSynthetic, .phenotypeGuessReal, .phenotypeGuessBoth, .closestRecordBand, .closestRecord,
    .ethnicityInference, .mainDiagnosisInference, .seenIn:
    return nil
  case .mainDiagnosis, .diagnosis, .procedure, .cpt:
    let limits = CodeLimits(of: category, attribute)
    // Most codes can belong to anyone. They get a quick answer, because this runs for every candidate of every
    // question.
    return limits == .none ? nil : limits.breach(gender: draft.categories[.gender], age: age)
  }
}

/// Whether a discharge location means death, in the words of MIMIC-III and MIMIC-IV.
func isDeath(_ location: String) -> Bool { ["DEAD/EXPIRED", "DIED", "EXPIRED"].contains(location.uppercased()) }
