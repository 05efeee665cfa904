internal import CountSolver
internal import Shared

/// What an auditor's attack on a finished bundle found.
struct AttackReport: Sendable {
  let tables: Int
  let cells: Int
  let minimumPatients: Int
  /// The counts that can be computed exactly or bounded too closely, those with the narrowest bounds first.
  let exposures: [Exposure]
  /// The counts with the narrowest bounds among those that are hidden well enough.
  let narrowest: [Findings.BoundedCell]
  /// The privacy cost, if the counts carry noise; sums and differences of such counts reveal no true count.
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
        "narrowest",
        .array(narrowest.map(\.json))),
    ])
  }
}

extension Findings.BoundedCell {
  /// The upper bound; nil if nothing published limits the count.
  private var highest: Int? { high < CountSystem.unlimited / 2 ? high : nil }

  /// For example `drug: Aspirin: 0 to 14`.
  var line: String { "\(harmless(what)): \(low) \(highest.map { "to \($0)" } ?? "or more")" }

  var json: JSONValue {
    .object([
      JSONMember("what", .string(what)), JSONMember("low", .integer(low)),
      JSONMember("high", .optional(highest) { .integer($0) }),
    ])
  }
}
