import Shared
import TestSupport
import Testing

@testable import Extractor

/// What anyone can add up, and what an empty band tells, without any relation between the tables.
@Suite struct ToldSumsTests {
  private func policy(_ rest: String) throws -> Policy {
    let text = """
      cloister-policy: 1
      title: T
      owner: O
      cohort: {minimum-age: 18}
      protection: {minimum-patients: 11}
      \(rest)
      """
    return try Policy(parsing: Array(text.utf8), file: "p.yaml")
  }

  /// No table counts by age alone. But gender by age is complete, so everybody knows that 122 admissions are of
  /// patients from 30 to 39, and 112 of these are published. The other 10 are those of too few patients.
  @Test func aCompleteTableTellsTheSumsOfAnother() throws {
    let policy = try policy(
      """
      release:
        - table: [gender, age-band]
        - table: [insurance, admission-number-band, age-band]
      """)
    let release = TieTests().release(
      policy,
      [
        (
          [.gender, .ageBand], 242,
          [(["F", "18-29"], 60), (["M", "18-29"], 60), (["F", "30-39"], 60), (["M", "30-39"], 62)]
        ),
        (
          [.insurance, .admissionNumberBand, .ageBand], nil,
          [
            (["Medicare", "1", "18-29"], 70), (["Private", "1", "18-29"], 50), (["Medicare", "1", "30-39"], 60),
            (["Private", "1", "30-39"], 52),
          ]
        ),
      ])
    let found = try #require(attack(release)).exposures
    #expect(found.contains { $0.low == 10 && $0.high == 10 }, "\(found.map { ($0.what, $0.low, $0.high) })")
  }

  /// Whoever has no drug has no insulin: of 17 emergencies with it, 10 have two drugs or more, so 7 have it alone.
  @Test func nobodyHasACodeInTheBandWithoutAny() throws {
    let policy = try policy(
      """
      bands: {drug-count-band: [0, 1, 2]}
      release:
        - table: [drug, gender]
        - table: [drug, drug-count-band, gender]
      """)
    let release = TieTests().release(
      policy,
      [
        ([.drug, .gender], nil, [(["Insulin", "F"], 40)]),
        ([.drug, .drugCountBand, .gender], nil, [(["Insulin", "2+", "F"], 33)]),
      ])
    let found = try #require(attack(release)).exposures
    #expect(found.contains { $0.low == 7 && $0.high == 7 }, "\(found.map { ($0.what, $0.low, $0.high) })")
  }

  /// In band 1, a procedure has one pair with a drug for each of its admissions with drugs.
  @Test func pairsBesideTheBandOfTheirKindAreRefused() {
    let tables = "release:\n  - table: [drug, procedure]\n  - table: [procedure, drug-count-band]\n  - table: [drug]\n"
    do {
      _ = try policy(tables)
      Issue.record("the policy was not refused")
    } catch { #expect("\(error)".contains("leave one of the two tables out"), "\(error)") }
  }
}
