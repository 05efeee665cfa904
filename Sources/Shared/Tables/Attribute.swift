/// A property that a table counts admissions by. The raw value is its name in policies and bundles.
package enum Attribute: String, CaseIterable, Sendable {
  case gender
  case ageBand = "age-band"
  case admissionType = "admission-type"
  case admissionLocation = "admission-location"
  case dischargeLocation = "discharge-location"
  case insurance
  case language
  case religion
  case maritalStatus = "marital-status"
  case ethnicity
  case diedInHospital = "died-in-hospital"
  case lengthOfStayBand = "length-of-stay-band"
  case admissionNumberBand = "admission-number-band"
  case mainDiagnosis = "main-diagnosis"
  case diagnosisCountBand = "diagnosis-count-band"
  case procedureCountBand = "procedure-count-band"
  case drugCountBand = "drug-count-band"
  case diagnosis
  case procedure
  case cpt
  case drug
  case lab
  // Computed by `evaluate`: see EvaluatedAttributes.
  case evaluationSet = "evaluation-set"
  case phenotype
  case mortalityRiskSynthetic = "mortality-risk-synthetic"
  case mortalityRiskReal = "mortality-risk-real"
  case mortalityRiskBoth = "mortality-risk-both"
  case phenotypeGuessSynthetic = "phenotype-guess-synthetic"
  case phenotypeGuessReal = "phenotype-guess-real"
  case phenotypeGuessBoth = "phenotype-guess-both"
  case closestRecordBand = "closest-record-band"
  case closestRecord = "closest-record"
  case ethnicityInference = "ethnicity-inference"
  case mainDiagnosisInference = "main-diagnosis-inference"
  /// Whether an admission was counted in an earlier release already; only the attack on several releases uses it.
  case seenIn = "seen-in"

  /// The attributes that policies and bundles can name.
  package static let published = allCases.filter { $0 != .seenIn }

  /// The attribute of that name in a policy or a bundle; nil if there is none.
  package init?(published name: String) {
    guard let attribute = Attribute(rawValue: name), attribute != .seenIn else { return nil }
    self = attribute
  }

  /// Whether an admission can have any number of the attribute's categories, each counted once; otherwise every
  /// admission has exactly one.
  package var isMultiValued: Bool {
    switch self {
    case .diagnosis, .procedure, .cpt, .drug, .lab: true
    default: false
    }
  }

  /// Whether the attribute's categories are codes from a long list, to which `top` applies.
  package var isCode: Bool { self == .mainDiagnosis || isMultiValued }

  /// Whether the categories are texts as the source's tables have them, rather than codes, bands or flags.
  package var isText: Bool {
    switch self {
    case .admissionType, .admissionLocation, .dischargeLocation, .insurance, .language, .religion, .maritalStatus,
      .ethnicity, .drug:
      true
    default: false
    }
  }

  /// The group of titles for the attribute's codes; nil if its categories need no titles.
  package var titleGroup: String? {
    switch self {
    case .mainDiagnosis, .diagnosis: "diagnosis"
    case .procedure: "procedure"
    case .cpt: "cpt"
    case .lab: "lab"
    default: nil
    }
  }

  /// The code under which a category's title is listed: the category itself, or the item of a laboratory value.
  package func titledCode(_ category: String) -> String {
    self == .lab ? LabCategory.item(of: category) : category
  }

  /// The single-valued attribute that counts an admission's codes of this attribute.
  package var countBand: Attribute? {
    switch self {
    case .diagnosis: .diagnosisCountBand
    case .procedure: .procedureCountBand
    case .drug: .drugCountBand
    default: nil
    }
  }

  /// The fixed bands that form the attribute's categories; nil if it has none. Age bands depend on the policy: see
  /// `Band.ages`.
  package var fixedBands: [Band]? {
    switch self {
    case .lengthOfStayBand: Band.list(startingAt: [0, 1, 2, 3, 4, 7, 14, 30])
    case .admissionNumberBand: Band.list(startingAt: [1, 2, 3, 4, 5])
    case .diagnosisCountBand: Band.list(startingAt: [0, 1, 5, 10, 15, 20, 25])
    case .procedureCountBand: Band.list(startingAt: [0, 1, 2, 3, 4, 5, 10])
    case .drugCountBand: Band.list(startingAt: [0, 1, 10, 20, 30, 40, 60, 100])
    default: nil
    }
  }
}

/// The categories of `Attribute.seenIn`.
package enum SeenIn: String, CaseIterable, Sendable {
  /// Counted in this release, but not in the earlier one.
  case added
  case earlier
}

extension Sequence<Attribute> {
  /// The distinct attributes, in the order of their declaration.
  package func sorted() -> [Attribute] {
    let wanted = Set(self)
    return Attribute.allCases.filter(wanted.contains)
  }
}

/// The shape of the source tables.
package enum SourceSchema: String, CaseIterable, Sendable {
  case mimicIII = "mimic-iii"
  case mimicIV = "mimic-iv"

  /// Whether the source's tables have this attribute at all.
  package func holds(_ attribute: Attribute) -> Bool {
    switch (self, attribute) {
    case (.mimicIV, .religion), (.mimicIV, .cpt): false
    default: true
    }
  }

  /// The name that people know the source by.
  package var title: String { self == .mimicIII ? "MIMIC-III" : "MIMIC-IV" }
}

/// The category of a value that is empty or is one of the source's spellings of "unknown".
package let missingCategory = "missing"

/// The category of rare codes and, with noise, of values that no public list names.
package let otherCategory = "other"
