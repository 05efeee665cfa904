/// What a compliance officer approved: whom to count, how to protect the counts, which tables may leave.
///
/// A value exists only if the file says it without a doubt: see `Policy(parsing:file:)`.
package struct Policy: Equatable, Sendable {
  package let title: String
  package let owner: String
  package let cohort: Cohort
  package let protection: Protection
  package let release: [TableRequest]
  /// Bins of laboratory items; items without bins are counted by their flag.
  package let labBins: [LabBins]
  /// The exact bytes of the file, which travel in the bundle.
  package let bytes: [UInt8]

  /// Which admissions are counted.
  package struct Cohort: Equatable, Sendable {
    package let minimumAge: Int
    package let excludedAdmissionTypes: [String]
  }

  /// How counts are protected.
  package struct Protection: Equatable, Sendable {
    /// A cell with fewer distinct patients does not leave.
    package let minimumPatients: Int
    /// Published counts are multiples of this; nil: exact.
    package let roundTo: Int?
    /// Ages from here on are one band.
    package let topCodeAge: Int
    package let rollsUpCodes: Bool
    package let publishesZeroCells: Bool
    package let noise: Noise?
    /// How many signatures over the policy `extract` demands.
    package let approvals: Int
    package let lowKReason: String
  }

  /// Discrete Laplace noise, per patient.
  package struct Noise: Equatable, Sendable {
    /// What this release may cost in privacy, all its tables together.
    package let epsilon: Epsilon
    /// What all releases of a ledger together may cost.
    package let budget: Epsilon
    package let admissionsPerPatient: Int
    package let codesPerAdmission: Int
    /// The categories of attributes of which the schema names none.
    package let categories: [Attribute: PublicCategories]
  }

  /// Where an attribute's categories are known from, so that noise can be put on those that nobody has.
  package enum PublicCategories: Equatable, Sendable {
    case listed([String])
    /// The source's table of codes and titles, which the policy declares to be public.
    case dictionary
  }

  /// One table that may leave.
  package struct TableRequest: Equatable, Sendable {
    package let attributes: [Attribute]
    /// Only this many codes of each code attribute, the most frequent ones; nil: all.
    package let top: Int?
    /// The table's part of epsilon, against the other tables' weights.
    package let weight: Int

    package init(attributes: [Attribute], top: Int? = nil, weight: Int = 1) {
      self.attributes = attributes
      self.top = top
      self.weight = weight
    }

    package var name: String { PublishedTable.name(of: attributes) }
  }

  /// The same with other tables.
  package func releasing(_ release: [TableRequest]) -> Policy {
    Policy(
      title: title, owner: owner, cohort: cohort, protection: protection, release: release, labBins: labBins,
      bytes: bytes)
  }

  /// Whether its tables count what only `evaluate` finds out.
  package var isForEvaluation: Bool { release.contains { $0.attributes.contains(where: \.isEvaluated) } }

  /// The policy's age bands.
  package var ageBands: [Band] { Band.ages(minimum: cohort.minimumAge, topCode: protection.topCodeAge) }

  /// The categories that the schema or the policy names, so that knowing them tells nothing about the data; nil where
  /// the data name them.
  package func publicCategories(of attribute: Attribute) -> [String]? {
    attribute == .ageBand ? ageBands.map(\.label) : Self.schemaCategories(of: attribute)
  }

  /// The same where no policy is needed to tell.
  static func schemaCategories(of attribute: Attribute) -> [String]? {
    switch attribute {
    case .gender: ["F", "M"]
    case .diedInHospital: ["0", "1"]
    default: attribute.evaluationCategories ?? attribute.fixedBands.map { $0.map(\.label) }
    }
  }
}
