import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

/// Successive releases: everything that an earlier release published counts as known.
@Suite struct EarlierReleaseTests {
  private func policy(_ tables: String..., protection: String = "") throws -> Policy {
    try Policy.test(tables, protection: "minimum-patients: 11\(protection)")
  }

  private let names: [Attribute: [String]] = [.insurance: ["A", "B"], .language: ["X", "Y"]]

  /// - Parameter counts: insurance by language, with one patient per admission.
  private func tally(_ policy: Policy, _ counts: [Int]) -> Tally {
    let tables = policy.release.map { request in
      let size = request.attributes.count == 2 ? 4 : 2
      let cells = (0..<size).map { place in
        switch request.attributes {
        case [.insurance]: counts[2 * place] + counts[2 * place + 1]
        case [.language]: counts[place] + counts[place + 2]
        default: counts[place]
        }
      }
      return TalliedTable(request, request.attributes.map { names[$0] ?? [] }, counts: cells)
    }
    return Tally(schema: .mimicIII, admissions: counts.reduce(0, +), tables: tables, titles: CodeTitles())
  }

  private func release(_ policy: Policy, _ counts: [Int], after earlier: [EarlierRelease] = []) throws -> EarlierRelease
  {
    let protected = try protect(
      tally(try policy.counting(earlier), counts), under: policy, after: earlier, drawnWith: .test(), threads: 1)
    return EarlierRelease(sequence: earlier.count + 1, policy: policy, statistics: protected.statistics)
  }

  private func cells(_ release: EarlierRelease, _ attributes: Set<Attribute>) -> [[String]: Int] {
    let table = release.statistics.table(over: attributes)
    return Dictionary(uniqueKeysWithValues: (table?.cells ?? []).map { ($0.key, $0.count) })
  }

  @Test func aSmallDifferenceIsHeldBack() throws {
    let policy = try policy("[insurance]")
    let first = try release(policy, [20, 20, 30, 30])
    #expect(cells(try release(policy, [20, 23, 30, 30], after: [first]), [.insurance]) == [["B"]: 60])
    let grown = try release(policy, [20, 31, 30, 30], after: [first])
    #expect(cells(grown, [.insurance]) == [["A"]: 51, ["B"]: 60])
  }

  /// A policy with another cohort counts three admissions fewer in one cell.
  @Test func aCohortThatDiffersByFewIsHeldBackToo() throws {
    let first = try release(try policy("[insurance]"), [20, 20, 30, 30])
    let other = try Policy(
      parsing: Array(
        String(decoding: try policy("[insurance]").bytes, as: UTF8.self)
          .replacingOccurrences(of: "minimum-age: 18", with: "minimum-age: 19").utf8), file: "p")
    #expect(other.cohort.minimumAge == 19)
    #expect(throws: CloisterError.self) { try release(other, [20, 17, 30, 30], after: [first]) }
  }

  /// Two ways of counting the same records tell what neither tells alone.
  @Test(arguments: [
    ("minimum-age: 18", "minimum-age: 19", "cohort"),
    ("minimum-patients: 11", "minimum-patients: 12", "minimum-patients"),
    ("minimum-patients: 11", "minimum-patients: 11, top-code-age: 80", "top-code-age"),
    ("minimum-patients: 11", "minimum-patients: 11, zero-cells: publish", "zero-cells"),
    ("minimum-patients: 11", "minimum-patients: 11, round-to: 5", "round-to"),
    ("minimum-patients: 11", "minimum-patients: 11, roll-up-codes: true", "roll-up-codes"),
  ]) func recordsAreCountedAndProtectedInOneWay(_ old: String, _ new: String, _ name: String) throws {
    let policy = try policy("[insurance]")
    let first = try release(policy, [40, 40, 50, 50])
    let text = String(decoding: policy.bytes, as: UTF8.self)
    #expect(text.contains(old))
    let other = try Policy(parsing: Array(text.replacing(old, with: new).utf8), file: "p")
    let error = #expect(throws: CloisterError.self) { try release(other, [40, 40, 50, 50], after: [first]) }
    #expect(error?.status == .releaseRefused)
    #expect(error?.what.hasSuffix("its policy has another \(name)") == true, "\(error?.what ?? "")")
  }

  @Test func anUnchangedReleaseIsTheSameAgain() throws {
    let policy = try policy("[insurance, language]", "[insurance]", "[language]")
    let first = try release(policy, [20, 5, 30, 30])
    #expect(try release(policy, [20, 5, 30, 30], after: [first]).statistics == first.statistics)
  }

  /// Insurance by language has a small cell. The margins follow in the next release and would give the cell away.
  @Test func whatIsKnownFromBeforeIsPartOfTheAttack() throws {
    let counts = [20, 5, 30, 30]
    let table = try policy("[insurance, language]")
    let sums = try policy("[insurance]", "[language]")
    let first = try release(table, counts)
    #expect(cells(first, [.insurance, .language]).count == 3, "the small cell alone is withheld")
    let alone = try release(sums, counts)
    #expect(cells(alone, [.insurance]).count == 2, "without the first release, all margins are published")
    let second = try release(sums, counts, after: [first])
    #expect(cells(second, [.insurance])[["A"]] == nil, "25 minus 20 is the withheld cell")
    #expect(cells(second, [.language])[["Y"]] == nil, "35 minus 30 is the withheld cell")
  }

  @Test func aPublishedCellIsNeverTakenBackToProtectAnother() throws {
    let counts = [20, 5, 30, 30]
    let first = try release(try policy("[insurance, language]"), counts)
    let all = try policy("[insurance, language]", "[insurance]", "[language]")
    let second = try release(all, counts, after: [first])
    for (key, count) in cells(first, [.insurance, .language]) {
      #expect(cells(second, [.insurance, .language])[key] == count)
    }
  }

  @Test func roundedCountsAreCompared() throws {
    let policy = try policy("[insurance]", protection: ", round-to: 5")
    let first = try release(policy, [20, 20, 30, 30])
    #expect(cells(try release(policy, [20, 23, 30, 30], after: [first]), [.insurance]) == [["B"]: 60])
    let same = try release(policy, [20, 21, 30, 30], after: [first])
    #expect(same.statistics == first.statistics, "the rounded counts are the same")
  }

  /// The first release implies 50 admissions for A, and the second one would publish 52.
  @Test func sumsThatWereOnlyImpliedAreComparedToo() throws {
    let first = try release(try policy("[insurance, language]"), [20, 30, 30, 30])
    let sums = try policy("[insurance]")
    #expect(cells(try release(sums, [21, 31, 30, 30], after: [first]), [.insurance]) == [["B"]: 60])
    #expect(
      cells(try release(try policy("[language]"), [22, 30, 30, 30], after: [first]), [.language]) == [["Y"]: 60])
    let grown = try release(sums, [31, 41, 50, 50], after: [first])
    #expect(cells(grown, [.insurance]) == [["A"]: 72, ["B"]: 100])
    let unchanged = try release(sums, [20, 30, 30, 30], after: [first])
    #expect(cells(unchanged, [.insurance]) == [["A"]: 50, ["B"]: 60])
  }

  /// A x X was published with 20 admissions, and A x Y was withheld. Now A has 29. If records are only added, at most 9
  /// of these were in A x Y.
  @Test func growthTellsNothingAboutWhatWasWithheld() throws {
    let first = try release(try policy("[insurance, language]"), [20, 8, 30, 30])
    #expect(cells(first, [.insurance, .language]).count == 3)
    let sums = try policy("[insurance]")
    #expect(cells(try release(sums, [21, 8, 45, 45], after: [first]), [.insurance]) == [["B"]: 90])
    let later = try release(sums, [31, 19, 45, 45], after: [first])
    #expect(cells(later, [.insurance]) == [["A"]: 50, ["B"]: 90])
    // Records were removed, but nobody can see that, so everybody may count on growth.
    let error = #expect(throws: CloisterError.self) { try release(sums, [21, 8, 45, 15], after: [first]) }
    #expect(error?.what.hasPrefix("no cell of any table can be published") == true, "\(error?.what ?? "")")
    // The number for B shows that records were removed, so nobody can count on growth.
    let changed = try release(sums, [21, 8, 45, 4], after: [first])
    #expect(cells(changed, [.insurance]) == [["A"]: 29, ["B"]: 49])
  }

  /// 20 of 100 admissions have a gender that is on no public list. An outsider concludes that, and goes on.
  @Test func growthIsAttackedThoughAPublicListIsNotComplete() throws {
    let policy = try policy("[gender]", "[died-in-hospital]", "[insurance, language]")
    let tables: [([Attribute], Int?, [([String], Int)])] = [
      ([.gender], nil, [(["F"], 40), (["M"], 40)]), ([.diedInHospital], 100, [(["0"], 60), (["1"], 40)]),
      ([.insurance, .language], nil, [(["A", "X"], 20), (["B", "Y"], 30)]),
    ]
    func statistics(_ tables: [([Attribute], Int?, [([String], Int)])]) -> Statistics {
      Statistics(
        schema: .mimicIII, minimumPatients: 11,
        tables: tables.map { attributes, total, cells in
          PublishedTable(
            attributes: attributes, total: total, cells: cells.map { PublishedCell(key: $0, count: $1) },
            suppressed: [])
        }, titles: CodeTitles())
    }
    let first = EarlierRelease(sequence: 1, policy: policy, statistics: statistics(tables))
    let later = statistics([([.insurance], nil, [(["A"], 25)])]).tables
    let told = toldByTwoReleases(later, of: .empty, under: first.policy, with: [first])
    #expect(told?.error.what.hasSuffix(": insurance x language") == true, "\(told?.error.what ?? "")")
  }

  /// A x X had 20 admissions, so it still has at least as many: 31 in all leave 11 at most for A x Y.
  @Test func whatWasPublishedBoundsWhatIsWithheldNow() throws {
    let first = try release(try policy("[insurance, language]"), [20, 20, 30, 30])
    let all = try policy("[insurance, language]", "[insurance]", "[language]")
    let second = try release(all, [31, 31, 60, 60], after: [first])
    #expect(cells(second, [.insurance, .language]).count == 4)
  }

  private func earlier(_ policy: Policy) -> EarlierRelease {
    let tables = policy.release.map { PublishedTable(attributes: $0.attributes, total: nil, cells: [], suppressed: []) }
    return EarlierRelease(
      sequence: 1, policy: policy,
      statistics: Statistics(schema: .mimicIII, minimumPatients: 11, tables: tables, titles: CodeTitles()))
  }

  /// What one policy may not release is not released by two either.
  @Test(arguments: [
    (["[diagnosis, procedure]", "[procedure, drug]"], "[diagnosis, drug]"),
    (["[main-diagnosis, diagnosis-count-band]"], "[diagnosis]"),
  ]) func tablesOfTwoReleasesAreNotConnectedByWhatNoTieDescribes(_ old: [String], _ new: String) throws {
    let first = earlier(try Policy.test(old, protection: "minimum-patients: 11"))
    let second = try policy(new)
    let error = #expect(throws: CloisterError.self) { try second.counting([first]) }
    #expect(error?.status == .releaseRefused)
    #expect(error?.what.contains("together with the tables of earlier releases") == true)
  }

  /// With a larger top, fewer codes would be in groups, and the difference would be a count of a few codes.
  @Test func groupsHoldTheSameCodesInAllReleases() throws {
    let grouped = "minimum-patients: 11, roll-up-codes: true"
    let codes = Array(repeating: "4280", count: 30) + Array(repeating: "4281", count: 20) + ["4282", "4283"]
    func release(
      _ table: String, _ codes: [String], after earlier: [EarlierRelease]
    ) throws -> (EarlierRelease, [String: Int]) {
      let policy = try Policy.test([table], protection: grouped)
      let names = Set(codes).sorted()
      let ids = codes.map { UInt32(names.firstIndex(of: $0) ?? 0) }
      let records = HospitalRecords(
        schema: .mimicIII, patients: codes.indices.map { UInt32($0) },
        categories: [.mainDiagnosis: CategoryColumn(ids: ids, names: names)], codes: [:], titles: CodeTitles())
      let counted = groupedTally(
        records, policy: try policy.counting(earlier),
        keeping: earlier.codeCategories(for: policy)[.mimicIII] ?? .none, threads: 1)
      let protected = try protect(counted, under: policy, after: earlier, drawnWith: .test(), threads: 1)
      let release = EarlierRelease(
        sequence: earlier.count + 1, policy: policy, statistics: protected.statistics,
        codeCategories: protected.codeCategories)
      let cells = protected.statistics.tables[0].cells.map { ($0.key[0], $0.count) }
      return (release, Dictionary(uniqueKeysWithValues: cells))
    }
    let (first, before) = try release("[main-diagnosis]\n    top: 1", codes, after: [])
    #expect(before == ["4280": 30, "428*": 22])
    #expect(first.codeCategories[.mainDiagnosis] == ["428*", "4280"])
    let (_, few) = try release(
      "[main-diagnosis]\n    top: 1", codes + Array(repeating: "4280", count: 6), after: [first])
    #expect(few == ["428*": 22], "six more")
    let (_, more) = try release(
      "[main-diagnosis]\n    top: 1", codes + Array(repeating: "4281", count: 30), after: [first])
    #expect(more == ["4280": 30, "428*": 52], "the group still holds 4281")
  }

  /// A release of fewer tables than before, of which no cell can be published.
  @Test func aReleaseOfFewerTablesEnds() throws {
    let first = try policy("[insurance, language]", "[language, gender]", "[insurance, gender]")
    let column = CategoryColumn(ids: [0, 0, 0], names: ["A"])
    let records = HospitalRecords(
      schema: .mimicIII, patients: [0, 1, 2], categories: [.insurance: column, .language: column, .gender: column],
      codes: [:], titles: CodeTitles())
    let second = try policy("[insurance, language]")
    let error = #expect(throws: CloisterError.self) {
      _ = try protect(
        Extractor.tally(records, policy: try second.counting([earlier(first)]), threads: 1), under: second,
        after: [earlier(first)], drawnWith: .test(), threads: 1)
    }
    #expect(error?.status == .releaseRefused)
  }

  /// The bundle of the real part tells that 20 of its admissions are at 80 or older. If the evaluation told that 24
  /// are, in both parts, 4 would be of the control.
  @Test func anEvaluationTakesTheRealPartToBeKnown() throws {
    let policy = try Policy.test(
      ["[evaluation-set]", "[age-band, gender]", "[evaluation-set, closest-record]"],
      protection: "minimum-patients: 5, low-k-reason: a test of small hospitals only")
    func column(_ names: [String], _ counts: [Int]) -> CategoryColumn {
      CategoryColumn(ids: counts.enumerated().flatMap { Array(repeating: UInt32($0), count: $1) }, names: names)
    }
    let ages =
      column(["60-69", "70-79", "80+"], [60, 20, 20]).ids + column(["60-69", "70-79", "80+"], [76, 20, 4]).ids
    let records = HospitalRecords(
      schema: .mimicIII, patients: (0..<200).map { UInt32($0) },
      categories: [
        .evaluationSet: column(["real", "control"], [100, 100]),
        .ageBand: CategoryColumn(ids: ages, names: ["60-69", "70-79", "80+"]),
        .gender: CategoryColumn(ids: (0..<200).map { UInt32($0 % 2) }, names: ["F", "M"]),
        .closestRecord: CategoryColumn(ids: (0..<200).map { UInt32($0 / 2 % 2) }, names: ["real", "synthetic"]),
      ], codes: [:], titles: CodeTitles())
    let counted = try policy.counting([])
    let protected = try protect(
      Extractor.tally(records, policy: counted, threads: 1), under: policy, drawnWith: .test(), threads: 1)
    #expect(protected.statistics.tables.map(\.attributes) == policy.release.map(\.attributes))
    let published = try #require(protected.statistics.table(over: [.ageBand, .gender])).cells
    #expect(published.count { $0.key.contains("80+") } < 2, "24 less 20 are 4 of the control")
    #expect(protected.statistics.table(over: [.evaluationSet])?.cells.count == 2)
  }
}
