import Shared
import TestSupport
import Testing

@testable import Extractor

/// Tables that count one code by different attributes, which a table of stays connects.
@Suite struct CodesAmongStaysTests {
  /// All of insurance Medicare are urgent, or elective men. 43 have the code, 40 of them elective men: 3 are urgent.
  @Test(arguments: [true, false]) func aTableOfStaysConnectsTablesOfACode(_ isConnected: Bool) throws {
    let policy = try Policy.test(
      ["[insurance, diagnosis]", "[gender, admission-type, diagnosis]", "[gender, admission-type, insurance]"],
      protection: "minimum-patients: 11")
    func table(_ attributes: [Attribute], _ total: Int?, _ cells: [([String], Int)]) -> PublishedTable {
      PublishedTable(
        attributes: attributes, total: total, cells: cells.map { PublishedCell(key: $0, count: $1) }, suppressed: [])
    }
    let stays = table(
      [.gender, .admissionType, .insurance], isConnected ? 360 : nil,
      [
        (["F", "EMERGENCY", "Medicaid"], 60), (["F", "URGENT", "Medicare"], 60), (["M", "ELECTIVE", "Medicare"], 60),
        (["M", "EMERGENCY", "Medicaid"], 60), (["M", "EMERGENCY", "Private"], 60), (["M", "URGENT", "Medicare"], 60),
      ])
    let statistics = Statistics(
      schema: .mimicIII, minimumPatients: 11,
      tables: [
        table(
          [.insurance, .diagnosis], nil,
          [(["Medicaid", "4019"], 45), (["Medicare", "4019"], 43), (["Private", "4019"], 30)]),
        table(
          [.gender, .admissionType, .diagnosis], nil,
          [(["M", "ELECTIVE", "4019"], 40), (["M", "EMERGENCY", "4019"], 60)]),
        stays,
      ], titles: CodeTitles())
    let found = try #require(attack(statistics, under: policy))
    #expect(found.exposures.isEmpty != isConnected)
  }
}
