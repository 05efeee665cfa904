internal import Shared

/// The quality of a run, measured against its bundle alone.
struct RunScore: Sendable {
  let settings: RunSettings
  let counts: RunCounts
  let validity: Validity
  let tables: [TableScore]
  /// Violations of k-anonymity by ethnicity and main diagnosis, for k = 7 and 15: in the run, in the same number of
  /// draws from the margins alone, and in the same number of draws from the bundle's table of both attributes (nil if
  /// the bundle publishes no cell of that table).
  let violations: [(k: Int, made: Int, independent: Int, perfect: Int?)]
}

/// Scores a finished run against its bundle.
///
/// - Throws: status 65 if the run is not finished.
func score(_ run: RunFolder, _ progress: Progress) throws -> RunScore {
  let parts = try RunParts(run, plans: false)
  try run.requireFinished()
  let statistics = run.bundle.statistics
  var counts = RunCounts(statistics, under: run.bundle.policy, parts.sampler.members)
  var linker = PatientLinker(statistics, seed: run.settings.seed)
  for numbers in PatientLinker.windows(of: run.settings.admissions) {
    counts.add(linker.stays(try run.journal.drafts(numbers)))
    progress("scored: \(numbers.upperBound) of \(run.settings.admissions) admissions")
  }
  progress(nil)
  let tables = zip(statistics.tables, counts.tables)
    .compactMap { score($0, $1, statistics.admissions, counts.admissions, parts.sampler.members) }
  let patients = counts.quasi.values.reduce(0) { $0 + $1.count }
  let independent = independentGroups(patients, parts.sampler)
  let perfect = perfectGroups(patients, statistics)
  return RunScore(
    settings: run.settings, counts: counts, validity: try validate(run, parts), tables: tables,
    violations: [7, 15].map { k in
      (k, counts.violations(k), independent.count { $0 < k }, perfect.map { $0.count { $0 < k } })
    })
}

/// The number of patients with each combination, if ethnicity and main diagnosis are drawn independently for each
/// patient.
private func independentGroups(_ patients: Int, _ sampler: Sampler) -> [Int] {
  let ethnicities = sampler.weights(of: .ethnicity, given: Draft(number: 0)).map(\.weight)
  let mains = sampler.weights(of: .mainDiagnosis, given: Draft(number: 0)).map(\.weight)
  return groups(patients, .independentDraws) { [$0.index(weights: ethnicities) ?? 0, $0.index(weights: mains) ?? 0] }
}

/// The same, if both are drawn together from the bundle's table; nil if the bundle publishes no cell of that table.
private func perfectGroups(_ patients: Int, _ statistics: Statistics) -> [Int]? {
  guard let table = statistics.table(over: [.ethnicity, .mainDiagnosis]), !table.cells.isEmpty else { return nil }
  let weights = table.cells.map { Double($0.count) }
  return groups(patients, .perfectDraws) { [$0.index(weights: weights) ?? 0] }
}

private func groups(_ patients: Int, _ purpose: RandomPurpose, _ draw: (inout SeededRandom) -> [Int]) -> [Int] {
  var random = SeededRandom(seed: 0, purpose)
  var sizes: [[Int]: Int] = [:]
  for _ in 0..<patients { sizes[draw(&random), default: 0] += 1 }
  return Array(sizes.values)
}

extension RunScore {
  func json() -> String {
    JSONValue.object([
      JSONMember("admissions", .integer(counts.admissions)), JSONMember("variant", .string(settings.variant.rawValue)),
      JSONMember("model", .string(settings.model.name)), JSONMember("bundle", .string(settings.bundle)),
      JSONMember("verdict", .array(verdict.map { .string($0) })),
      JSONMember("validity", validity.json),
      JSONMember(
        "contradictions",
        .object([
          JSONMember("choices", .integer(counts.choices)),
          JSONMember("found", .integer(counts.contradictions.values.reduce(0, +))),
        ])),
      JSONMember("doubled-admissions", .integer(counts.doubles)),
      JSONMember(
        "k-anonymity-violations",
        .array(
          violations.map {
            [
              "k": .integer($0.k), "made": .integer($0.made), "independent-draws": .integer($0.independent),
              "perfect-sample": .optional($0.perfect) { .integer($0) },
            ]
          })),
      JSONMember("tables", .array(tables.map(\.json))),
    ]).formatted()
  }

  var lines: [String] {
    func worst(_ value: (TableScore) -> Double, _ kept: [TableScore]) -> String {
      kept.max { value($0) < value($1) }.map { "\(Self.figure(value($0))) (\($0.name))" } ?? "none"
    }
    let columns = tables.filter { $0.attributes.count == 1 }
    let pairs = tables.filter { $0.attributes.count > 1 }
    return verdict + coverageLines + [
      "validity: \(validity.rows) rows, "
        + (validity.isWhole ? "no faults" : "\(validity.faults.values.reduce(0, +)) faults"),
      "largest K-S of a column: \(worst({ $0.distance.kolmogorovSmirnov }, columns))",
      "largest MMD of a pair: \(worst({ $0.distance.meanDiscrepancy }, pairs))",
      "contradictions: \(counts.contradictions.values.reduce(0, +)) of \(counts.choices) categories and codes",
      "duplicate admissions: \(counts.doubles) of \(counts.admissions)",
    ]
      + violations.map {
        "combinations of ethnicity and main diagnosis with fewer than \($0.k) patients: \($0.made); independent draws: "
          + "\($0.independent)\($0.perfect.map { "; perfect sample: \($0)" } ?? "")"
      }
  }

  /// What a reader should know first: whether the run is as close to its bundle as chance allows, and where it isn't.
  var verdict: [String] {
    let far = tables.filter { !$0.isClose }
      .sorted { ($1.excess, $0.name) < ($0.excess, $1.name) }
    let close = tables.count - far.count
    var lines = ["\(close) of \(tables.count) tables are as close to the bundle as chance allows"]
    if far.isEmpty { lines = ["all \(tables.count) tables are as close to the bundle as chance allows"] }
    if tables.isEmpty { lines = ["the bundle publishes no count to compare the run with"] }
    if !far.isEmpty {
      let named = far.prefix(3).map { table in
        "\(table.name) (total variation \(Self.figure(table.distance.totalVariation)), a perfect sample's "
          + "\(Self.figure(table.perfect.totalVariation)))"
      }
      lines.append("look first at: \(named.joined(separator: "; "))")
    }
    // The counts are those of the run's choices, so they don't show what was changed in the files.
    let faults = "the tables have faults, listed below, so the figures are not about what they hold"
    return (validity.isWhole ? [] : [faults]) + lines
  }

  /// Says which tables withhold so much that the run can't be like the hospital in them.
  var coverageLines: [String] {
    let poor = tables.filter { $0.coverage ?? 1 < Self.fairCoverage }
      .sorted { ($0.coverage ?? 1, $0.name) < ($1.coverage ?? 1, $1.name) }
    if poor.isEmpty { return [] }
    let named = poor.prefix(3).map { "\($0.name) (\(Int((100 * ($0.coverage ?? 0)).rounded())) %)" }
    return [
      "warning: \(poor.count == 1 ? "1 table of the bundle covers" : "\(poor.count) tables of the bundle cover") less "
        + "than 80 % of the admissions, so the rest is guessed: "
        + named.joined(separator: ", ") + (poor.count > 3 ? ", …" : "")
    ]
  }

  /// Below this share of the admissions, what a table withholds is worth a warning.
  static let fairCoverage = 0.8

  /// A number with four decimals. R² can be negative.
  static func figure(_ number: Double) -> String {
    let parts = Int((abs(number) * 10_000).rounded())
    let rest = "\(parts % 10_000)"
    let sign = number < 0 && parts > 0 ? "-" : ""
    return "\(sign)\(parts / 10_000)." + String(repeating: "0", count: 4 - rest.count) + rest
  }
}

extension TableScore {
  fileprivate var excess: Double { distance.totalVariation - perfect.totalVariation }

  fileprivate var json: JSONValue {
    .object([
      JSONMember("name", .string(name)), JSONMember("cells", .integer(pair.names.count)),
      JSONMember("as-close-as-chance-allows", .bool(isClose)),
      JSONMember("coverage", .optional(coverage) { .number($0) }),
      JSONMember("prevalence-r2", .optional(prevalenceFit) { .number($0) }),
      JSONMember("ks", .number(distance.kolmogorovSmirnov)), JSONMember("tv", .number(distance.totalVariation)),
      JSONMember("mmd", .number(distance.meanDiscrepancy)),
      JSONMember("perfect-sample", perfect.json), JSONMember("independent-draws", .optional(independent) { $0.json }),
      JSONMember(
        "prevalences",
        .array(
          prevalences.map {
            .object([
              JSONMember("code", .string($0.code)), JSONMember("published", .number($0.published)),
              JSONMember("made", .number($0.made)), JSONMember("error", .number($0.error)),
            ])
          })),
    ])
  }
}

extension Distance {
  fileprivate var json: JSONValue {
    ["ks": .number(kolmogorovSmirnov), "tv": .number(totalVariation), "mmd": .number(meanDiscrepancy)]
  }
}
