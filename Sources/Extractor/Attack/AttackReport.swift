internal import CountSolver
internal import Shared

/// What an auditor's attack on a finished bundle found.
struct AttackReport: Sendable {
  let tables: Int
  let cells: Int
  let minimumPatients: Int
  /// Counts that can be computed or bounded too closely, the closest first.
  let exposures: [Exposure]
  /// Of the counts that are hidden well enough, those with the narrowest bounds.
  let weakest: [Findings.Weakest]
  /// Where noise protects the counts, what it costs: sums and differences of them then give no true count away.
  let epsilon: Epsilon?

  var json: JSONValue {
    .object([
      JSONMember("tables", .integer(tables)), JSONMember("cells", .integer(cells)),
      JSONMember("minimum-patients", .integer(minimumPatients)),
      JSONMember("epsilon", .optional(epsilon) { .string($0.text) }),
      JSONMember(
        "exposures",
        .array(
          exposures.map { exposure in
            .object([
              JSONMember("what", .string(exposure.what)), JSONMember("low", .integer(exposure.low)),
              JSONMember("high", .integer(exposure.high)),
            ])
          })),
      JSONMember(
        "weakest",
        .array(
          weakest.map { weakest in
            .object([
              JSONMember("what", .string(weakest.what)), JSONMember("low", .integer(weakest.low)),
              JSONMember("high", .optional(weakest.highest) { .integer($0) }),
            ])
          })),
    ])
  }
}

extension Findings.Weakest {
  /// nil where nothing published limits it.
  var highest: Int? { high < CountSystem.unlimited ? high : nil }
}
