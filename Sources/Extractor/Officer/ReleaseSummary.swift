internal import Shared

/// The summary of a release for people at the hospital.
struct ReleaseSummary: Sendable {
  let guarantee: String
  let schema: SourceSchema
  let losses: [TableLoss]
  /// Whether a main or another diagnosis would be published, without which no synthetic admissions can be made.
  let tellsDiagnoses: Bool
  /// Names of the policy's tables that the source can't fill.
  let tablesLeftOut: [String]
  /// What a person should know about the input.
  let notes: [String]
  /// What was found in the input; nil for an evaluation. It stays inside the hospital.
  let report: DataReport?
  /// The withheld cells for which the attack found the narrowest bounds; only `plan` shows them.
  let narrowest: [Findings.BoundedCell]

  init(
    _ protected: borrowing ProtectedStatistics, _ policy: Policy, report: DataReport? = nil, notes: [String] = []
  ) {
    self.report = report
    let schema = protected.statistics.schema
    self.schema = schema
    self.notes = notes
    guarantee = protected.guarantee
    losses = protected.losses
    narrowest = protected.narrowest
    tellsDiagnoses = protected.statistics.tables.contains { table in
      !table.cells.isEmpty && (table.attributes.contains(.mainDiagnosis) || table.attributes.contains(.diagnosis))
    }
    tablesLeftOut = policy.release.filter { !$0.attributes.allSatisfy(schema.holds) }
      .map { PublishedTable.name(of: $0.attributes) }
  }
}
