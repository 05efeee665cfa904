import Shared
import TestSupport
import Testing

@testable import Extractor

@Suite struct RollUpCodesTests {
  private func policy(_ release: String) throws -> Policy {
    try Policy.test(
      [release],
      protection: "minimum-patients: 3, low-k-reason: a test of small tables only, roll-up-codes: true")
  }

  /// One admission per patient, each with one main diagnosis and these diagnoses.
  private func records(_ mains: [String], _ diagnoses: [[String]]) -> HospitalRecords {
    func numbered(_ names: [String]) -> [String: UInt32] {
      Dictionary(uniqueKeysWithValues: Set(names).sorted().enumerated().map { ($1, UInt32($0)) })
    }
    let (main, other) = (numbered(mains), numbered(diagnoses.flatMap { $0 }))
    return HospitalRecords(
      schema: .mimicIII, patients: mains.indices.map { UInt32($0) },
      categories: [.mainDiagnosis: CategoryColumn(ids: mains.map { main[$0] ?? 0 }, names: main.keys.sorted())],
      codes: [.diagnosis: CodeColumn(diagnoses.map { $0.map { other[$0] ?? 0 } }, names: other.keys.sorted())],
      titles: CodeTitles())
  }

  private func counts(_ policy: Policy, _ records: HospitalRecords) -> [[[String]: Int]] {
    tally(rollUpCodes(records, policy, threads: 1), policy: policy, threads: 1).tables.map { table in
      Dictionary(uniqueKeysWithValues: table.cells.map { (table.key($0), $0.admissions) })
    }
  }

  @Test func rareCodesCountUnderTheNarrowestGroupThatIsNotRare() throws {
    let mains =
      ["4280", "4280", "4280", "4281", "4289", "42820"]  // category 428
      + ["41401", "4019", "40390"]  // chapter 390-459 only
      + ["0389", "V5861", "missing"]
    let found = counts(try policy("[main-diagnosis]"), records(mains, mains.map { _ in [] }))[0]
    #expect(found == [["4280"]: 3, ["428*"]: 3, ["other"]: 5, ["missing"]: 1])
    #expect(found.values.reduce(0, +) == mains.count, "the cells add up to all admissions")
  }

  @Test func codesBeyondTheTopCountUnderTheirGroupsToo() throws {
    let mains =
      Array(repeating: "4280", count: 5) + Array(repeating: "4281", count: 4) + Array(repeating: "0389", count: 3)
    let found = counts(try policy("[main-diagnosis]\n    top: 1"), records(mains, mains.map { _ in [] }))[0]
    #expect(found == [["4280"]: 5, ["428*"]: 4, ["038*"]: 3])
  }

  @Test func anAdmissionWithTwoCodesOfAGroupCountsOnce() throws {
    let diagnoses = [["4281", "4289"], ["4281"], ["42820", "4289"], ["2724"], ["2724"], ["2724", "4281"]]
    let found = counts(try policy("[diagnosis]"), records(diagnoses.map { _ in "missing" }, diagnoses))[0]
    #expect(found == [["4281"]: 3, ["2724"]: 3, ["other"]: 2])
  }

  /// 4280 was counted by itself and 4281 was not, whatever is common now. 0389 is new.
  @Test func theCategoriesOfEarlierReleasesAreKept() throws {
    var kept = CodeCategories.none
    kept.insert(["4280", "428*", "390-459*"], .mainDiagnosis)
    let mains = ["4280", "4281", "4281", "4281", "4019", "0389", "0389", "0389", "missing"]
    let policy = try policy("[main-diagnosis]")
    let grouped = rollUpCodes(records(mains, mains.map { _ in [] }), policy, keeping: kept, threads: 1)
    let counted = tally(grouped, policy: policy, threads: 1)
    let found = Dictionary(
      uniqueKeysWithValues: counted.tables[0].cells.map { (counted.tables[0].key($0), $0.admissions) })
    #expect(found == [["4280"]: 1, ["428*"]: 3, ["390-459*"]: 1, ["other"]: 3, ["missing"]: 1])
    #expect(counted.codeCategories[.mainDiagnosis] == ["390-459*", "428*", "4280", "other"])
  }

  /// The tables name a code that nobody in the cohort has.
  @Test func codesThatNobodyHasChangeNothing() throws {
    let mains = Array(repeating: "4280", count: 3) + Array(repeating: "4019", count: 4) + ["0389"]
    let all = records(mains, mains.map { _ in [] })
    let cohort = HospitalRecords(
      schema: .mimicIII, patients: Array(all.patients.dropLast()),
      categories: all.categories.mapValues { CategoryColumn(ids: Array($0.ids.dropLast()), names: $0.names) },
      codes: all.codes.mapValues { _ in CodeColumn(mains.dropLast().map { _ in [] }, names: []) }, titles: CodeTitles())
    #expect(counts(try policy("[main-diagnosis]"), cohort)[0] == [["4280"]: 3, ["4019"]: 4])
  }

  /// 0389 and V5861 are too few for `other`, which takes in the chapter, and not the category within it.
  @Test func otherIsNotRareItself() throws {
    let mains =
      Array(repeating: "4280", count: 9) + ["4281", "4289", "42820", "41401", "4019", "40390", "0389", "V5861"]
    let found = counts(try policy("[main-diagnosis]"), records(mains, mains.map { _ in [] }))[0]
    #expect(found == [["4280"]: 9, ["428*"]: 3, ["other"]: 5])
    let enough = counts(try policy("[main-diagnosis]"), records(mains + ["5990"], mains.map { _ in [] } + [[]]))[0]
    #expect(enough == [["4280"]: 9, ["428*"]: 3, ["390-459*"]: 3, ["other"]: 3])
  }

  @Test func aReleaseOfAWholeHospitalAddsUp() throws {
    let mains = (0..<40).map { ["4280", "4281", "4282", "0389"][$0 % 4] }
    let policy = try policy("[main-diagnosis]")
    let grouped = rollUpCodes(records(mains, mains.map { _ in [] }), policy, threads: 1)
    let protected = try protect(
      tally(grouped, policy: policy, threads: 1), under: policy, drawnWith: .test(), threads: 1)
    #expect(protected.statistics.tables[0].total == 40)
  }
}
