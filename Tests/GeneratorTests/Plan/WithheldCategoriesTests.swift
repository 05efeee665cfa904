import Shared
import Testing

@testable import Generator

/// What tables of single-valued attributes withhold.
@Suite struct WithheldCategoriesTests {
  private func guess(_ attribute: Attribute, _ tables: [([Attribute], [([String], Int)])]) -> [String: Int] {
    let all = SmallBundle.table([.gender], [(["F"], 600), (["M"], 400)])
    let statistics = Statistics(
      schema: .mimicIII, minimumPatients: 11, tables: [all] + tables.map { SmallBundle.table($0, $1) },
      titles: CodeTitles())
    let table = statistics.withWithheldCategories().table(over: [attribute])
    return (table?.cells ?? []).reduce(into: [:]) { $0[$1.key[0]] = $1.count }
  }

  /// The source's documentation names what is missing.
  @Test func aWithheldCategoryKeepsItsAdmissions() {
    #expect(
      guess(.admissionType, [([.admissionType], [(["EMERGENCY"], 700), (["ELECTIVE"], 120)])])
        == ["EMERGENCY": 700, "ELECTIVE": 120, "URGENT": 180])
    let locations = guess(.admissionLocation, [([.admissionLocation], [(["EMERGENCY ROOM ADMIT"], 700)])])
    #expect(locations.values.reduce(0, +) == 1000 && locations["EMERGENCY ROOM ADMIT"] == 700)
    #expect(locations["PHYS REFERRAL/NORMAL DELI"] ?? 0 > locations["HMO REFERRAL/SICK"] ?? 0)
  }

  /// Another table may publish the category.
  @Test func aCategoryOfAnotherTableComesFirst() {
    let found = guess(
      .insurance,
      [
        ([.insurance], [(["Medicare"], 600), (["Private"], 300)]),
        ([.insurance, .gender], [(["Own", "F"], 40)]),
      ])
    #expect(found["Medicare"] == 600 && found["Own"] == 40)
    #expect(found["Medicaid"] ?? 0 > 40 && found.values.reduce(0, +) == 1000)
  }

  /// Without a table of its own, the cells of a table of two attributes say least. A withheld cell of a published
  /// category usually counts 5, if it can count anything: nobody goes home dead.
  @Test func aTableOfTwoAttributesIsCompleted() {
    let found = guess(
      .dischargeLocation,
      [
        ([.diedInHospital], [(["0"], 900), (["1"], 100)]),
        ([.dischargeLocation, .diedInHospital], [(["DEAD/EXPIRED", "1"], 100), (["HOME", "0"], 700)]),
      ])
    #expect(found["DEAD/EXPIRED"] == 100 && found["HOME"] == 700)
    #expect(found["SNF"] ?? 0 > 0 && found.values.reduce(0, +) == 1000)
    let insurance = guess(
      .insurance,
      [([.insurance, .gender], [(["Medicare", "F"], 500), (["Medicare", "M"], 300), (["Private", "F"], 90)])])
    #expect(insurance["Medicare"] == 800 && insurance["Private"] == 95)
  }

  @Test func nothingIsGuessedWhereNothingIsMissingOrKnown() {
    #expect(guess(.insurance, [([.insurance], [(["Medicare"], 600), (["Private"], 400)])])["Medicare"] == 600)
    #expect(guess(.insurance, [([.insurance], [(["Medicare"], 600), (["other"], 300)])])["Medicaid"] == nil)
    #expect(guess(.ageBand, [([.ageBand], [(["60-69"], 600)])]) == ["60-69": 600])
  }
}
