internal import Foundation
internal import Shared

/// The exact figures of an evaluation, for people inside the hospital. No policy protects them, so they must not leave
/// the hospital.
struct EvaluationReport: Sendable {
  let admissions: (real: Int, control: Int, synthetic: Int)
  let fidelity: [RowFidelity]
  let violations: [AnonymityViolations]
  let mortality: [UtilityScore]
  let phenotype: [UtilityScore]
  /// The median distance to the closest synthetic record and the share of copies, for real and for control admissions.
  let closest: (real: (median: Double, copies: Double), control: (median: Double, copies: Double))
  let membershipArea: Interval
  let inferenceGain: [Attribute: Interval]
  let adversarialAccuracy: (real: Interval, control: Interval, loss: Interval)

  init(
    _ data: EvaluationData, _ fidelity: [RowFidelity], _ violations: [AnonymityViolations], _ utility: Utility,
    _ attacks: PrivacyAttacks
  ) {
    self.violations = violations
    admissions = (data.real.rows.count, data.control.rows.count, data.synthetic.rows.count)
    self.fidelity = fidelity
    mortality = utility.mortality
    phenotype = utility.phenotype
    let size = attacks.distances.count / 2
    func summary(_ distances: ArraySlice<Double>) -> (median: Double, copies: Double) {
      let sorted = distances.sorted()
      let copies = sorted.filter { $0 == 0 }.count
      return (sorted[sorted.count / 2], Double(copies) / Double(max(sorted.count, 1)))
    }
    closest = (summary(attacks.distances[..<size]), summary(attacks.distances[size...]))
    membershipArea = attacks.membershipArea
    inferenceGain = attacks.inferenceGain
    adversarialAccuracy = attacks.adversarialAccuracy
  }

  /// The attacks, each with its figure and the figure that chance alone would give.
  var attacks: [(name: String, figure: Interval, chance: Double)] {
    [("membership, area under the ROC", membershipArea, 0.5)]
      + inferenceGain.sorted { $0.key.rawValue < $1.key.rawValue }.map {
        ("inference of \($0.key.rawValue), gain over the control", $0.value, 0)
      }
      + [("adversarial accuracy, loss against the control", adversarialAccuracy.loss, 0)]
  }

  /// Writes the report as JSON and as a page.
  func publish(in folder: consuming OutputFolder) throws(CloisterError) {
    try folder.write(Array(json.formatted().utf8), to: "evaluation.json")
    try folder.write(Array(html().utf8), to: "evaluation.html", permissions: 0o600)
    try folder.publish()
  }

  var json: JSONValue {
    [
      "stays-inside": true,
      "admissions": [
        "real": .integer(admissions.real), "control": .integer(admissions.control),
        "synthetic": .integer(admissions.synthetic),
      ],
      "fidelity": .array(
        fidelity.map { column in
          [
            "attributes": .array(column.attributes.map { .string($0.rawValue) }),
            "categories": .integer(column.pair.names.count),
            "kolmogorov-smirnov": .number(column.pair.distance.kolmogorovSmirnov),
            "total-variation": .number(column.pair.distance.totalVariation),
            "mean-discrepancy": .number(column.pair.distance.meanDiscrepancy),
            "perfect-kolmogorov-smirnov": .number(column.perfect.kolmogorovSmirnov),
            "perfect-mean-discrepancy": .number(column.perfect.meanDiscrepancy),
          ]
        }),
      "utility": ["mortality": .array(mortality.map(\.json)), "phenotype": .array(phenotype.map(\.json))],
      "privacy": [
        "k-anonymity-violations": .array(
          violations.map { ["k": .integer($0.k), "synthetic": .integer($0.synthetic), "real": .integer($0.real)] }),
        "closest-record": [
          "real": ["median": .number(closest.real.median), "copies": .number(closest.real.copies)],
          "control": ["median": .number(closest.control.median), "copies": .number(closest.control.copies)],
        ],
        "adversarial-accuracy": ["real": adversarialAccuracy.real.json, "control": adversarialAccuracy.control.json],
        "attacks": .array(
          attacks.map { attack in
            [
              "name": .string(attack.name), "figure": attack.figure.json, "chance": .number(attack.chance),
              "is-chance": .bool(attack.figure.contains(attack.chance)),
            ]
          }),
      ],
    ]
  }

  func html() -> String {
    HTML.page(
      title: "Comparison of synthetic and real admissions: must stay in the hospital",
      HTML.verdict(verdict)
        + HTML.paragraph(
          "This page holds exact figures about real admissions, which no policy protects. Only the signed bundle may "
            + "leave; it has its own page."
        )
        + HTML.facts([
          ("Real admissions", "\(admissions.real)"), ("Control admissions, of other patients", "\(admissions.control)"),
          ("Synthetic admissions", "\(admissions.synthetic)"),
        ])
        + HTML.section("Fidelity", fidelityTable) + HTML.section("Death in hospital", utilityTable(mortality))
        + HTML.section("Phenotype", utilityTable(phenotype)) + HTML.section("Privacy", privacyTables))
  }

  /// What a reader should know first.
  private var verdict: [String] {
    let better = attacks.filter { $0.figure.low > $0.chance }.map(\.name)
    let learned = [("death in hospital", mortality), ("the phenotype", phenotype)].compactMap { what, scores in
      scores.first { $0.training == .synthetic }.flatMap { made in
        scores.first { $0.training == .real }.map {
          "A forest that learned from synthetic admissions predicts \(what) with an area under the ROC of "
            + "\(threeDecimals(made.area.value)); one that learned from real admissions, "
            + "\(threeDecimals($0.area.value))."
        }
      }
    }
    return [
      better.isEmpty
        ? "None of the \(attacks.count) attacks does better than chance."
        : "\(better.count) of the \(attacks.count) attacks \(better.count == 1 ? "does" : "do") better than chance: "
          + "\(better.joined(separator: ", ")). The section on privacy has the figures."
    ] + learned
  }

  private var fidelityTable: String {
    HTML.paragraph(
      "K-S is the largest difference between the cumulative shares, TV is half the sum of all differences, and MMD is "
        + "the square root of the sum of their squares; 0 is best. The last column shows what a perfect sample of the "
        + "same size would have by chance.")
      + HTML.table(
        header: ["attributes", "categories", "K-S", "TV", "MMD", "K-S of a perfect sample"],
        rows: fidelity.map {
          [
            PublishedTable.name(of: $0.attributes), "\($0.pair.names.count)",
            threeDecimals($0.pair.distance.kolmogorovSmirnov), threeDecimals($0.pair.distance.totalVariation),
            threeDecimals($0.pair.distance.meanDiscrepancy), threeDecimals($0.perfect.kolmogorovSmirnov),
          ]
        })
  }

  private func utilityTable(_ scores: [UtilityScore]) -> String {
    HTML.paragraph(
      "A random forest learns from the admissions in the first column and predicts the control. Intervals are 95 %. "
        + "F1 is 0 if the forest never expects the rarer outcome.")
      + HTML.table(
        header: ["trained on", "accuracy", "area under the ROC", "F1"],
        rows: scores.map { [$0.training.rawValue, $0.accuracy.text, $0.area.text, $0.f1.text] })
  }

  private var privacyTables: String {
    HTML.paragraph(
      "Each attack is tried on members, who are in the statistics, and on the control. An attack that is no better "
        + "than chance reveals nothing about a member that it does not reveal about anyone.")
      + HTML.table(
        header: ["attack", "result", "chance", "no better than chance"],
        rows: attacks.map {
          [$0.name, $0.figure.text, threeDecimals($0.chance), $0.figure.contains($0.chance) ? "yes" : "no"]
        })
      + HTML.table(
        header: ["distance to the closest synthetic record", "median", "copies", "adversarial accuracy"],
        rows: [
          [
            "real", threeDecimals(closest.real.median), threeDecimals(closest.real.copies),
            adversarialAccuracy.real.text,
          ],
          [
            "control", threeDecimals(closest.control.median), threeDecimals(closest.control.copies),
            adversarialAccuracy.control.text,
          ],
        ])
      + HTML.table(
        header: ["combinations of ethnicity and diagnosis with fewer patients than", "synthetic", "equally many real"],
        rows: violations.map { ["\($0.k)", "\($0.synthetic)", "\($0.real)"] })
  }
}

extension UtilityScore {
  fileprivate var json: JSONValue {
    [
      "trained-on": .string(training.rawValue), "accuracy": accuracy.json, "area-under-roc": area.json, "f1": f1.json,
    ]
  }
}

extension Interval {
  var json: JSONValue { ["value": .number(value), "low": .number(low), "high": .number(high)] }
  var text: String { "\(threeDecimals(value)) (\(threeDecimals(low)) to \(threeDecimals(high)))" }
}

/// The number with three decimals.
func threeDecimals(_ number: Double) -> String { String(format: "%.3f", locale: Locale(identifier: "C"), number) }
