import Shared
import TestSupport
import Testing

@testable import Extractor

@Suite struct ProtectTests {
  private func policy(_ protection: String = "", _ release: String) throws -> Policy {
    try Policy.test([release], protection: "minimum-patients: 11\(protection)")
  }

  private func protect(_ policy: Policy, _ cells: [([String], Int, Int)]) throws -> PublishedTable {
    let categories = policy.release[0].attributes.indices.map { axis in Array(Set(cells.map { $0.0[axis] })) }
    let tallied = cells.map { key, admissions, patients in
      var ids = SIMD4<UInt32>()
      for axis in key.indices { ids[axis] = UInt32(categories[axis].firstIndex(of: key[axis]) ?? 0) }
      return TalliedCell(ids: ids, CellCount(admissions: admissions, patients: patients, largest: 1))
    }
    let table = TalliedTable(request: policy.release[0], categories: categories, cells: tallied)
    let tally = Tally(schema: .mimicIII, admissions: 100, tables: [table], titles: CodeTitles())
    let protected = try Extractor.protect(tally, under: policy, drawnWith: .test(), threads: 2)
    #expect(protected.guarantee.hasPrefix("k-anonymous cells, k = 11, attack-tested"))
    return protected.statistics.tables[0]
  }

  @Test func patientsAndNotAdmissionsDecide() throws {
    let table = try protect(
      policy("", "[ethnicity]"), [(["A"], 15, 1), (["B"], 11, 11), (["C"], 10, 10), (["D"], 500, 10)])
    #expect(table.cells == [PublishedCell(key: ["B"], count: 11)])
    #expect(table.suppressed.isEmpty, "categories known only from the data must not be named")
    #expect(table.total == nil)
  }

  @Test func aTotalLeavesOnlyWithAWholeTable() throws {
    let whole = try protect(policy("", "[ethnicity]"), [(["A"], 20, 20), (["B"], 11, 11)])
    #expect(whole.total == 31)
    let zeros = try protect(policy("", "[died-in-hospital]"), [(["0"], 20, 20)])
    #expect(zeros.total == nil, "a total would tell an empty cell from a small one")
  }

  @Test func emptyAndSmallPublicCellsLookAlike() throws {
    let release = "[died-in-hospital, gender]"
    let cells = [(["0", "F"], 20, 20), (["0", "M"], 3, 3)]
    let withheld = try protect(policy("", release), cells)
    #expect(withheld.suppressed == [["0", "M"], ["1", "F"], ["1", "M"]])
    let published = try protect(policy(", zero-cells: publish", release), cells)
    #expect(published.suppressed == [["0", "M"]])
    #expect(published.cells.contains(PublishedCell(key: ["1", "F"], count: 0)))
  }

  @Test func zerosOfCategoriesFromTheDataAreNeverPublished() throws {
    let table = try protect(policy(", zero-cells: publish", "[ethnicity, gender]"), [(["A", "F"], 20, 20)])
    #expect(table.cells == [PublishedCell(key: ["A", "F"], count: 20)])
    #expect(table.suppressed.isEmpty)
  }

  @Test func onlyTheMostFrequentCodesLeave() throws {
    let cells = [(["1111"], 50, 50), (["2222"], 40, 40), (["3333"], 40, 40), (["4444"], 60, 3)]
    let table = try protect(policy("", "[diagnosis]\n    top: 3"), cells)
    #expect(table.cells.map(\.key) == [["1111"], ["2222"]])
  }

  @Test func anEmptyReleaseIsRefused() throws {
    let policy = try policy("", "[gender]")
    let error = #expect(throws: CloisterError.self) { try protect(policy, [(["F"], 10, 10)]) }
    #expect(error?.status == .releaseRefused)
  }

  @Test func aRingOfTablesHasAJointTable() {
    let pairs: [[Attribute]] = [
      [.gender, .ageBand], [.ageBand, .mainDiagnosis], [.gender], [.mainDiagnosis, .diedInHospital],
    ]
    #expect(cliques(pairs).isEmpty)
    #expect(cliques(pairs + [[.mainDiagnosis, .gender]]) == [[.gender, .ageBand, .mainDiagnosis]])
    #expect(cliques(pairs + [[.mainDiagnosis, .gender], [.gender, .ageBand, .mainDiagnosis]]).isEmpty)
    let square: [[Attribute]] = [
      [.gender, .ageBand], [.ageBand, .insurance], [.insurance, .language], [.language, .gender],
    ]
    #expect(cliques(square).map(\.count) == [3, 3])
    #expect(cliques([]).isEmpty)
  }

  @Test func theLabelSaysWhereTheAttackLeavesRingsOut() throws {
    let protection = try policy("", "[gender]").protection
    #expect(protection.guarantee(hasUnsolvedRings: false) == "k-anonymous cells, k = 11, attack-tested")
    #expect(
      protection.guarantee(hasUnsolvedRings: true).hasSuffix("but not for what tables in a ring imply together"))
    let rounding = try policy(", round-to: 5", "[gender]").protection
    #expect(rounding.guarantee(hasUnsolvedRings: false).hasSuffix("attack-tested, counts rounded to 5"))
  }

  @Test func publishedCountsAreRoundedAndNoTotalLeaves() throws {
    let policy = try policy(", round-to: 5", "[ethnicity]")
    let table = try protect(policy, [(["A"], 22, 22), (["B"], 13, 13), (["C"], 10, 10)])
    #expect(table.cells == [PublishedCell(key: ["A"], count: 20), PublishedCell(key: ["B"], count: 15)])
    #expect(table.total == nil)
  }
}
