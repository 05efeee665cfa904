import Shared
import TestSupport
import Testing

@testable import Extractor

/// Releases of one series whose tables count codes: what they tell together, if records are only added.
@Suite struct GrowthOfCodesTests {
  private let stays: [([Attribute], Int?, [([String], Int)])] = [
    ([.insurance], 200, [(["A"], 100), (["B"], 100)])
  ]

  private func release(
    _ policy: Policy, _ tables: [([Attribute], Int?, [([String], Int)])],
    stays: [([Attribute], Int?, [([String], Int)])]? = nil
  ) -> EarlierRelease {
    let tables = ((stays ?? self.stays) + tables).map { attributes, total, cells in
      PublishedTable(
        attributes: attributes, total: total, cells: cells.map { PublishedCell(key: $0, count: $1) }, suppressed: [])
    }
    return EarlierRelease(
      sequence: 1, policy: policy,
      statistics: Statistics(schema: .mimicIII, minimumPatients: 11, tables: tables, titles: CodeTitles()))
  }

  private func policy(_ more: String...) throws -> Policy {
    try Policy.test(["[insurance]", "[diagnosis, insurance]"] + more, protection: "minimum-patients: 11")
  }

  /// Insurance A had 20 admissions with the code, and B's were withheld. Now there are 29 in all, or 35.
  @Test(arguments: [(29, true), (35, false)]) func aLaterTotalBoundsAWithheldCell(_ total: Int, _ isTold: Bool) throws {
    let first = release(try policy(), [([.diagnosis, .insurance], nil, [(["4280", "A"], 20)])])
    let later = release(try policy("[diagnosis]"), [([.diagnosis], nil, [(["4280"], total)])]).statistics.tables
    let told = toldByTwoReleases(later, of: .empty, under: first.policy, with: [first])
    #expect((told != nil) == isTold)
    #expect(told?.error.what.hasSuffix(": diagnosis x insurance") ?? true, "\(told?.error.what ?? "")")
  }

  /// 100 admissions had the code, 40 of them with insurance A. Of 123 now, 80 have B: three were added with A.
  @Test(arguments: [true, false]) func theDifferenceOfTwoReleasesIsACountToo(_ isTold: Bool) throws {
    let policy = try policy("[diagnosis]")
    let first = release(
      policy, [([.diagnosis], nil, [(["4280"], 100)]), ([.diagnosis, .insurance], nil, [(["4280", "A"], 40)])])
    let later = release(
      policy,
      [([.diagnosis], nil, [(["4280"], 123)])]
        + (isTold ? [([.diagnosis, .insurance], nil, [(["4280", "B"], 80)])] : []),
      stays: [([.insurance], 280, [(["A"], 130), (["B"], 150)])]
    ).statistics.tables
    let told = toldByTwoReleases(later, of: .empty, under: first.policy, with: [first])
    #expect((told != nil) == isTold)
    #expect(told?.places.allSatisfy { $0.codes == [.diagnosis: "4280"] } ?? true)
  }

  /// 31 had the code, and 12 insurance A. Now 21 have the code and insurance B: at least 10 had it and A, at most 12.
  @Test func earlierStaysBoundTheirCodes() throws {
    let policy = try policy("[diagnosis]")
    let before = [([Attribute.insurance], Int?.some(72), [(["A"], 12), (["B"], 60)])]
    let first = release(
      policy, [([.diagnosis], nil, [(["4280"], 31)]), ([.diagnosis, .insurance], nil, [])], stays: before)
    let later = release(
      policy,
      [
        ([.diagnosis], nil, [(["4280"], 43)]),
        ([.diagnosis, .insurance], nil, [(["4280", "A"], 22), (["4280", "B"], 21)]),
      ],
      stays: [([.insurance], 120, [(["A"], 40), (["B"], 80)])]
    ).statistics.tables
    #expect(toldByTwoReleases(later, of: .empty, under: policy, with: [first])?.places.isEmpty == false)
  }

  /// Nobody with insurance B is admitted urgently, the second release says: so of 27 elective admissions 22 had it, and
  /// 5 had A.
  @Test(arguments: [true, false]) func whatIsEmptyLaterWasEmptyBefore(_ isTold: Bool) throws {
    let policy = try Policy.test(
      ["[insurance, diagnosis]", "[language, diagnosis]", "[insurance, language, diagnosis]", "[insurance, language]"],
      protection: "minimum-patients: 11")
    let first = release(
      policy,
      [
        ([.insurance, .diagnosis], 42, [(["A", "5849"], 20), (["B", "5849"], 22)]),
        ([.language, .diagnosis], 42, [(["X", "5849"], 27), (["Y", "5849"], 15)]),
        ([.insurance, .language, .diagnosis], nil, []),
      ], stays: [])
    let later = release(
      policy,
      [
        ([.insurance, .diagnosis], 57, [(["A", "5849"], 35), (["B", "5849"], 22)]),
        (
          [.insurance, .language], isTold ? 124 : nil,
          [(["A", "X"], 47), (["A", "Y"], 35), (["B", "X"], 42)]
        ),
      ], stays: []
    ).statistics.tables
    let told = toldByTwoReleases(later, of: .empty, under: policy, with: [first])
    #expect((told != nil) == isTold)
  }

  /// No policy counts the same pairs in two tables, but a series that another version of the program began may.
  @Test func aLaterCountOfAPairBoundsTheEarlierOne() throws {
    let both = try Policy.test(["[insurance]", "[diagnosis, drug, insurance]"], protection: "minimum-patients: 11")
    let first = release(both, [([.diagnosis, .drug, .insurance], nil, [(["4280", "Aspirin", "A"], 20)])])
    let later = release(both, [([.diagnosis, .drug], nil, [(["4280", "Aspirin"], 29)])]).statistics.tables
    let told = toldByTwoReleases(later, of: .empty, under: first.policy, with: [first])
    #expect(told?.error.what.contains(": diagnosis x drug x insurance") == true, "\(told?.error.what ?? "")")
  }

  /// A had 20 admissions with the code before, so at most 9 of 29 are B's now.
  @Test(arguments: [(29, true), (35, false)]) func whatWasPublishedBoundsWhatIsWithheldNow(
    _ total: Int, _ isTold: Bool
  ) throws {
    let first = release(try policy(), [([.diagnosis, .insurance], nil, [(["4280", "A"], 20)])])
    let now = release(try policy("[diagnosis]"), [([.diagnosis], nil, [(["4280"], total)])])
    // Both cells are withheld, but can be named.
    var statistics = now.statistics
    statistics.tables.append(
      PublishedTable(
        attributes: [.diagnosis, .insurance], total: nil, cells: [], suppressed: [["4280", "A"], ["4280", "B"]]))
    func exposures(_ known: @escaping (AttackedRelease) -> KnownSums) throws -> Int {
      try #require(attack(statistics, under: now.policy, knowing: known)).exposures.count
    }
    #expect(try exposures { _ in KnownSums() } == 0)
    let found = try exposures { release in
      var known = KnownSums()
      known.raise(by: first.statistics, roundTo: nil, in: release)
      return known
    }
    #expect((found > 0) == isTold)
  }
}
