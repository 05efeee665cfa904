import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

/// Measures whether the noise hides each patient's contribution, as claimed: an attacker sees many releases of two
/// hospitals that differ in one patient.
@Suite struct NoiseTests {
  private static let text = """
    cloister-policy: 1
    title: T
    owner: O
    protection:
      minimum-patients: 2
      low-k-reason: a test of small tables only
      noise: {epsilon: 1.0, budget: 1.0, admissions-per-patient: 2, codes-per-admission: 3}
    categories: {drug: [A, B, C, D, E]}
    release:
    """

  private func policy(_ tables: String...) throws -> Policy {
    let release = tables.map { "\n  - table: \($0)" }.joined()
    return try Policy(parsing: Array((Self.text + release).utf8), file: "p.yaml")
  }

  /// - Parameter patients: each patient's admissions, with the number of the gender (F, M) and the numbers of the drugs
  ///   (A to E, then one that is on no list).
  private func records(_ patients: [[(gender: UInt32, drugs: [UInt32])]]) -> HospitalRecords {
    let admissions = patients.flatMap { $0 }
    return HospitalRecords(
      schema: .mimicIII, patients: patients.enumerated().flatMap { number, all in all.map { _ in UInt32(number) } },
      hadmIDs: Array(admissions.indices),
      categories: [.gender: CategoryColumn(ids: admissions.map(\.gender), names: ["F", "M"])],
      codes: [.drug: CodeColumn(admissions.map(\.drugs), names: ["A", "B", "C", "D", "E", "F"])], titles: CodeTitles())
  }

  private func counts(_ tally: Tally, _ table: Int) -> [[String]: Int] {
    Dictionary(uniqueKeysWithValues: tally.tables[table].cells.map { (tally.tables[table].key($0), $0.admissions) })
  }

  /// A patient with 16 admissions, each with every drug.
  private static let extreme = (0..<16).map { (gender: UInt32($0 % 2), drugs: [0, 1, 2, 3, 4, 5] as [UInt32]) }
  private static let plain = (0..<4).map { [(gender: UInt32($0 % 2), drugs: [UInt32($0)])] }

  @Test func aPatientChangesTheCellsByNoMoreThanTheSensitivity() throws {
    let policy = try policy("[gender]", "[drug]", "[gender, drug]")
    let noise = try #require(policy.protection.noise)
    for seed in 1...50 as ClosedRange<UInt64> {
      // The extreme patient comes last, so that the others' lots are the same in both hospitals.
      var (with, without) = (RepeatableRandom(seed: seed), RepeatableRandom(seed: seed))
      let one = try boundedTally(records(Self.plain + [Self.extreme]), policy, noise, Lots(&with), threads: 1).tally
      let other = try boundedTally(records(Self.plain), policy, noise, Lots(&without), threads: 1).tally
      for (number, expected) in [2, 6, 6].enumerated() {
        #expect(noise.sensitivity(of: policy.release[number].attributes) == expected)
        let (more, less) = (counts(one, number), counts(other, number))
        #expect(Set(more.keys).union(less.keys).reduce(0) { $0 + abs((more[$1] ?? 0) - (less[$1] ?? 0)) } <= expected)
      }
      #expect(one.tables[1].categories == [["A", "B", "C", "D", "E"]], "a drug that is on no list appears nowhere")
    }
  }

  @Test func eachAdmissionIsAsLikelyAsAnother() throws {
    let policy = try policy("[gender]")
    let noise = try #require(policy.protection.noise)
    var random = RepeatableRandom(seed: 3)
    var chosen = [0, 0]
    for _ in 0..<4_000 {
      let tally = try boundedTally(records([Self.extreme]), policy, noise, Lots(&random), threads: 1).tally
      chosen[0] += counts(tally, 0)[["F"]] ?? 0
      chosen[1] += counts(tally, 0)[["M"]] ?? 0
    }
    // Binomial with 8,000 tries: 5 standard deviations are 224.
    #expect(chosen[0] + chosen[1] == 8_000)
    #expect(abs(chosen[0] - 4_000) < 224)
  }

  @Test func epsilonIsSplitByWeightAndRoundedDown() throws {
    let text = Self.text + "\n  - table: [gender]\n  - table: [drug]\n    weight: 2\n  - table: [religion, gender]"
    let policy = try Policy(
      parsing: Array(text.replacingOccurrences(of: "drug:", with: "religion: [X], drug:").utf8), file: "p.yaml")
    let noise = try #require(policy.protection.noise)
    let third = try NoisePlan(policy, noise, schema: .mimicIII)
    #expect(third.parts.map(\.epsilon.millionths) == [250_000, 500_000, 250_000])
    #expect(third.parts.map(\.sensitivity) == [2, 6, 2])
    let fourth = try NoisePlan(policy, noise, schema: .mimicIV)
    #expect(fourth.parts.map(\.epsilon.millionths) == [333_333, 666_666])
  }

  /// How often each event occurs in many releases of two hospitals that differ in one patient.
  private struct Trial {
    static let releases = 100_000
    let with: [Int]
    let without: [Int]

    /// A lower bound on the privacy loss, wrong in one run in 10,000 per event (4 standard deviations on each side).
    var loss: Double {
      zip(with, without).map { max(Self.loss($0, $1), Self.loss($1, $0)) }.max() ?? 0
    }

    private static func loss(_ left: Int, _ right: Int) -> Double {
      let (likely, rare) = (Double(left), Double(right))
      return log(max(1e-9, likely - 4 * likely.squareRoot()) / (rare + 4 * rare.squareRoot() + 16))
    }
  }

  /// - Parameter release: gives the published counts of a small hospital's cells; nil for a cell that is not published.
  private func trial(
    _ with: [Int], _ without: [Int], _ release: ([Int], inout RepeatableRandom) -> [Int?]
  ) -> Trial {
    var random = RepeatableRandom(seed: 9)
    func count(_ exact: [Int]) -> [Int] {
      var events = [Int](repeating: 0, count: 60)
      for _ in 0..<Trial.releases {
        let published = release(exact, &random)
        let sum = published.reduce(0) { $0 + ($1 ?? 0) }
        events[min(29, max(0, sum))] += 1
        events[30 + min(29, published.count { $0 != nil })] += 1
      }
      return events
    }
    return Trial(with: count(with), without: count(without))
  }

  /// Adds noise to a table's exact counts, and drops counts that are then under 2.
  private func release(_ exact: [Int], _ noise: DiscreteLaplace, _ random: inout RepeatableRandom) -> [Int?] {
    exact.map { count in
      let noised = count + noise.draw(&random)
      return noised >= 2 ? noised : nil
    }
  }

  /// Measures the program itself: 100,000 releases with a patient and 100,000 without. The patient has 16 admissions,
  /// all of one gender and each with every drug.
  @Test(arguments: ["[gender]", "[drug]"]) func theMeasuredPrivacyLossIsUnderEpsilon(_ table: String) throws {
    let policy = try policy(table)
    let noise = try #require(policy.protection.noise)
    let plan = try NoisePlan(policy, noise, schema: .mimicIII)
    let sameGender = Self.extreme.map { (gender: UInt32(0), drugs: $0.drugs) }
    var random = RepeatableRandom(seed: 17)
    func events(_ patients: [[(gender: UInt32, drugs: [UInt32])]]) throws -> [Int] {
      let records = records(patients)
      var events = [Int](repeating: 0, count: 60)
      for _ in 0..<Trial.releases {
        let tally = try boundedTally(records, policy, noise, Lots(&random), threads: 1).tally
        let cells = try noisedTables(tally, plan, minimum: 2, &random)[0].cells
        events[min(29, max(0, cells.reduce(0) { $0 + $1.count }))] += 1
        events[30 + min(29, cells.count)] += 1
      }
      return events
    }
    let trial = Trial(with: try events(Self.plain + [sameGender]), without: try events(Self.plain))
    #expect(trial.loss <= 1, "measured: \(trial.loss)")
    #expect(trial.loss > 0.2, "the measurement sees nothing at all")
  }

  /// The measurement would catch wrong mechanisms.
  @Test func wrongMechanismsAreCaught() throws {
    let right = DiscreteLaplace(scale: 2, over: 1)
    let good = trial([4, 1], [2, 1]) { release($0, right, &$1) }
    #expect(good.loss <= 1)
    let half = trial([4, 1], [2, 1]) { release($0, DiscreteLaplace(scale: 1, over: 1), &$1) }
    #expect(half.loss > 1, "half the sensitivity")
    let skipping = trial([2, 1], [0, 1]) { exact, random in
      exact.map { $0 == 0 ? nil : max(0, $0 + right.draw(&random)) }
    }
    #expect(skipping.loss > 1, "no noise on empty cells")
    let raw = trial([2, 1], [0, 1]) { exact, random in
      exact.map { $0 < 2 ? nil : $0 + right.draw(&random) }
    }
    #expect(raw.loss > 1, "raw counts compared with the minimum")
  }

  @Test func everyPossibleCellGetsNoise() throws {
    let policy = try policy("[gender, drug]")
    let noise = try #require(policy.protection.noise)
    let plan = try NoisePlan(policy, noise, schema: .mimicIII)
    var random = RepeatableRandom(seed: 5)
    let tally = try boundedTally(records([]), policy, noise, Lots(&random), threads: 1).tally
    var seen: Set<[String]> = []
    for _ in 0..<200 { seen.formUnion(try noisedTables(tally, plan, minimum: 2, &random)[0].cells.map(\.key)) }
    // F, M, missing and other, by five drugs.
    #expect(seen.count == 20)
  }

  @Test func pairsAreCountedOverThePublishedCodesOfTheirSingleTables() throws {
    let policy = try policy("[gender, drug]", "[drug]")
    let noise = try #require(policy.protection.noise)
    let plan = try NoisePlan(policy, noise, schema: .mimicIII)
    var random = RepeatableRandom(seed: 6)
    for _ in 0..<50 {
      let tally = try boundedTally(records(Self.plain), policy, noise, Lots(&random), threads: 1).tally
      let tables = try noisedTables(tally, plan, minimum: 10, &random)
      let published = Set(tables[1].cells.map { $0.key[0] })
      #expect(Set(tables[0].cells.map { $0.key[1] }).isSubset(of: published))
    }
  }

  @Test func admissionsBeyondTheTopCountAsWithheld() throws {
    let policy = try policy("[drug]\n    top: 1")
    let noise = try #require(policy.protection.noise)
    let plan = try NoisePlan(policy, noise, schema: .mimicIII)
    var random = RepeatableRandom(seed: 7)
    let tally = try boundedTally(records(Self.plain), policy, noise, Lots(&random), threads: 1).tally
    let table = try noisedTables(tally, plan, minimum: 2, &random)[0]
    #expect(table.cells.count == 1 && table.cellsBeyondTop > 0)
    let counts = tally.tables[0].cells.map { (tally.tables[0].key($0), $0.admissions) }
    #expect(table.admissionsPublished == counts.first { $0.0 == table.cells[0].key }?.1 ?? 0)
    #expect(table.admissionsPublished < table.admissions)
  }
}
