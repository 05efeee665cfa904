import Shared
import TestSupport
import Testing

@testable import Extractor

/// Relations between releases that once gave a withheld count away, each as small as possible. None may pass.
@Suite struct HiddenFromTwoReleasesTests {
  typealias Table = (attributes: [Attribute], total: Int?, cells: [String: Int])

  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let earlier: [[Table]]
    let now: [Table]
    let isTold: Bool
  }

  private static let gender: [Attribute] = [.gender]
  private static let both: [Attribute] = [.gender, .insurance]

  static let cases: [Case] = [
    // 19 women were Private or Medicaid; now 11 at most are of either.
    Case(
      testDescription: "what a whole table doesn't list was never there",
      earlier: [
        [(gender, 99, ["F": 59, "M": 40]), (both, nil, ["F,Medicare": 40, "M,Medicare": 20, "M,Self Pay": 20])]
      ],
      now: [
        (
          both, 114,
          ["F,Medicare": 52, "F,Private": 11, "F,Medicaid": 11, "M,Medicare": 20, "M,Self Pay": 20]
        )
      ], isTold: true),
    Case(
      testDescription: "the same, but the table withholds something",
      earlier: [
        [(gender, 99, ["F": 59, "M": 40]), (both, nil, ["F,Medicare": 40, "M,Medicare": 20, "M,Self Pay": 20])]
      ],
      now: [(both, nil, ["F,Medicare": 52, "M,Medicare": 20, "M,Self Pay": 20])], isTold: false),
    // 20 women in two bands; the second release bounds one of them, the third the other.
    Case(
      testDescription: "several later releases bound one earlier",
      earlier: [
        [(gender, 80, ["F": 60, "M": 20]), (both, nil, ["F,A": 40, "M,A": 20])],
        [(both, nil, ["F,A": 80, "F,B": 12, "M,A": 20])],
      ], now: [(both, 123, ["F,A": 80, "F,B": 12, "F,C": 11, "M,A": 20])], isTold: true),
    Case(
      testDescription: "two earlier releases of the same records",
      earlier: [[(both, nil, ["F,A": 40, "M,A": 20])], [(gender, 80, ["F": 60, "M": 20])]],
      now: [(both, 123, ["F,A": 80, "F,B": 12, "F,C": 11, "M,A": 20])], isTold: true),
    // Every part of a sum that didn't grow is as it was.
    Case(
      testDescription: "an unchanged sum fixes its parts",
      earlier: [[(gender, 85, ["F": 62, "M": 23]), ([.insurance], 85, ["A": 40, "B": 45]), (both, nil, [:])]],
      now: [(gender, nil, ["F": 62]), (both, nil, ["F,B": 40])], isTold: true),
    Case(
      testDescription: "three more in all",
      earlier: [[(gender, 80, ["F": 60, "M": 20])]], now: [([.insurance], 83, ["A": 43, "B": 40])], isTold: true),
    Case(
      testDescription: "three more women",
      earlier: [[(gender, 80, ["F": 60, "M": 20])]], now: [(both, nil, ["F,A": 31, "F,B": 32, "M,A": 20])],
      isTold: false),
    Case(
      testDescription: "three more women, and no other insurances",
      earlier: [[(gender, 80, ["F": 60, "M": 20])]], now: [(both, 83, ["F,A": 31, "F,B": 32, "M,A": 20])],
      isTold: true),
  ]

  private func tables(_ tables: [Table]) -> [PublishedTable] {
    tables.map { table in
      PublishedTable(
        attributes: table.attributes, total: table.total,
        cells: table.cells.map { PublishedCell(key: $0.key.split(separator: ",").map(String.init), count: $0.value) }
          .sorted { byteOrder($0.key, $1.key) }, suppressed: [])
    }
  }

  @Test(arguments: cases) func whatReleasesTellTogetherIsHidden(_ attempt: Case) throws {
    let policy = try Policy.test(
      ["[gender]", "[insurance]", "[gender, insurance]"], protection: "minimum-patients: 11")
    let earlier = attempt.earlier.enumerated().map { number, tables in
      EarlierRelease(
        sequence: number + 1, policy: policy,
        statistics: Statistics(
          schema: .mimicIII, minimumPatients: 11, tables: self.tables(tables), titles: CodeTitles()))
    }
    let told = toldByTwoReleases(tables(attempt.now), of: .empty, under: policy, with: earlier)
    #expect((told != nil) == attempt.isTold)
    #expect(told?.error.what.contains("this release would tell a count of fewer than 11 admissions") ?? true)
  }
}

extension Tally {
  /// For what depends on no counts but only on their source.
  static let empty = Tally(schema: .mimicIII, admissions: 0, tables: [], titles: CodeTitles())
}
