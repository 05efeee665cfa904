/// The rules of a compliance officer: whom to count, how to protect the counts, and which tables may leave the
/// hospital.
///
/// A value exists only if its file leaves no doubt: see `Policy(parsing:file:)`.
package struct Policy: Equatable, Sendable {
  package let title: String
  package let owner: String
  package let cohort: Cohort
  package let protection: Protection
  package let release: [TableRequest]
  /// The bins of laboratory items; items without bins are counted by flag.
  package let labBins: [LabBins]
  /// For attributes with fixed bands, the number at which each band starts, in place of the program's own.
  package let bandStarts: [Attribute: [Int]]
  /// For attributes of texts, words that are real categories there, although they usually stand for a missing value,
  /// such as `None` as a religion.
  package let realCategories: [Attribute: [String]]
  /// Why the policy's releases begin a new series, which is not compared with earlier releases; nil if they don't.
  package let newSeries: String?
  /// The exact bytes of the file, which every bundle includes.
  package let bytes: [UInt8]

  /// Which admissions are counted.
  package struct Cohort: Equatable, Sendable {
    package let minimumAge: Int
    package let excludedAdmissionTypes: [String]
  }

  /// How counts are protected.
  package struct Protection: Equatable, Sendable {
    /// A cell with fewer distinct patients is withheld.
    package let minimumPatients: Int
    /// Published counts are rounded to multiples of this; nil if they are not rounded.
    package let roundTo: Int?
    /// This age and all higher ones form one band.
    package let topCodeAge: Int
    package let rollsUpCodes: Bool
    package let publishesZeroCells: Bool
    package let noise: Noise?
    /// How many signatures over the policy `extract` requires.
    package let approvals: Int
    package let lowKReason: String
  }

  /// Discrete Laplace noise. Its privacy cost is per patient.
  package struct Noise: Equatable, Sendable {
    /// The privacy cost of this release, for all its tables together.
    package let epsilon: Epsilon
    /// The most that all releases of a ledger may cost together.
    package let budget: Epsilon
    package let admissionsPerPatient: Int
    package let codesPerAdmission: Int
    /// The public categories of those attributes for which the schema names none.
    package let categories: [Attribute: PublicCategories]
  }

  /// The source of an attribute's public categories. Noise is then added even to categories that nobody has.
  package enum PublicCategories: Equatable, Sendable {
    case listed([String])
    /// The source's table of codes and titles, which the policy declares to be public.
    case dictionary
  }

  /// One table that may leave the hospital.
  package struct TableRequest: Equatable, Sendable {
    package let attributes: [Attribute]
    /// How many of the most frequent codes of each code attribute may be published; nil for all.
    package let top: Int?
    /// The table's share of epsilon, relative to the other tables' weights.
    package let weight: Int

    package init(attributes: [Attribute], top: Int? = nil, weight: Int = 1) {
      self.attributes = attributes
      self.top = top
      self.weight = weight
    }

    package var name: String { PublishedTable.name(of: attributes) }
  }

  /// The tables that a source of the schema can give: those by attributes that it has.
  package func requests(in schema: SourceSchema) -> [TableRequest] {
    release.filter { $0.attributes.allSatisfy(schema.holds) }
  }

  /// The same policy with other tables.
  package func releasing(_ release: [TableRequest]) -> Policy {
    Policy(
      title: title, owner: owner, cohort: cohort, protection: protection, release: release, labBins: labBins,
      bandStarts: bandStarts, realCategories: realCategories, newSeries: newSeries, bytes: bytes)
  }

  /// The words in capital letters that are real categories of an attribute, although they look like missing values.
  package func realCategories(of attribute: Attribute) -> Set<String> {
    Set((realCategories[attribute] ?? []).map { $0.uppercased() })
  }

  /// Whether any table has an attribute that only `evaluate` fills.
  package var isForEvaluation: Bool { release.contains { $0.attributes.contains(where: \.isEvaluated) } }

  /// The bands that form an attribute's categories; nil if it has none.
  package func bands(of attribute: Attribute) -> [Band]? {
    attribute == .ageBand ? ageBands : bandStarts[attribute].map(Band.list) ?? attribute.fixedBands
  }

  /// The policy's age bands.
  package var ageBands: [Band] { Band.ages(minimum: cohort.minimumAge, topCode: protection.topCodeAge) }

  /// The categories that the schema or the policy names, which therefore reveal nothing about the data; nil if only
  /// the data name them.
  package func publicCategories(of attribute: Attribute) -> [String]? {
    bands(of: attribute)?.map(\.label) ?? Self.schemaCategories(of: attribute)
  }

  /// The public categories that do not depend on a policy.
  static func schemaCategories(of attribute: Attribute) -> [String]? {
    switch attribute {
    case .gender: ["F", "M"]
    case .diedInHospital: ["0", "1"]
    case .seenIn: SeenIn.allCases.map(\.rawValue)
    default: attribute.evaluationCategories ?? attribute.fixedBands.map { $0.map(\.label) }
    }
  }
}
