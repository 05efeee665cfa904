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

  /// All 23 elective admissions have aspirin, and all with aspirin survived. All 27 urgent ones have insulin, and all
  /// with insulin survived. 52 survived in all, so at most two emergencies have insulin.
  @Test func aCodeThatAStayAlwaysHasTellsStaysToOthers() throws {
    let policy = try Policy.test(
      [
        "[admission-type]", "[died-in-hospital]", "[drug]", "[admission-type, drug]", "[died-in-hospital, drug]",
      ], protection: "minimum-patients: 11")
    /// Type, died, drugs, admissions.
    let kinds: [(UInt32, UInt32, [UInt32], Int)] = [
      (0, 0, [0, 1], 12), (0, 0, [0], 11), (1, 0, [1], 1), (1, 0, [], 1), (1, 1, [], 35), (2, 0, [1], 27),
    ]
    let all = kinds.flatMap { Array(repeating: $0, count: $0.3) }
    let records = HospitalRecords(
      schema: .mimicIII, patients: all.indices.map { UInt32($0) },
      categories: [
        .admissionType: CategoryColumn(ids: all.map(\.0), names: ["ELECTIVE", "EMERGENCY", "URGENT"]),
        .diedInHospital: CategoryColumn(ids: all.map(\.1), names: ["0", "1"]),
      ], codes: [.drug: CodeColumn(all.map(\.2), names: ["Aspirin", "Insulin"])], titles: CodeTitles())
    let counted = tally(records, policy: policy, threads: 1)
    let tables = try protect(counted, under: policy, drawnWith: .test(), threads: 1).statistics.tables
    func published(_ attributes: [Attribute], _ key: [String]) -> Bool {
      tables.contains { $0.attributes == attributes && $0.cells.contains { $0.key == key } }
    }
    let tellsStays =
      published([.admissionType, .drug], ["ELECTIVE", "Aspirin"])
      && published([.diedInHospital, .drug], ["0", "Aspirin"])
    let tellsCode =
      published([.admissionType, .drug], ["URGENT", "Insulin"])
      && published([.diedInHospital, .drug], ["0", "Insulin"])
      && published([.drug], ["Insulin"])
    #expect(!tellsStays || !tellsCode)
    #expect(published([.admissionType], ["ELECTIVE"]) && published([.drug], ["Aspirin"]))
  }

  /// All 30 with insulin have the main diagnosis 41401, so the 10 urgent ones among them do. With 20 of 4019, at most 5
  /// of 35 urgent admissions are left for 25000.
  @Test(arguments: [30, 45]) func allAdmissionsWithACodeTellStaysToo(_ withMain: Int) throws {
    let policy = try Policy.test(
      [
        "[drug]", "[main-diagnosis, drug]", "[admission-type, drug]", "[admission-type]",
        "[admission-type, main-diagnosis]", "[main-diagnosis]",
      ], protection: "minimum-patients: 10, low-k-reason: a test of one small release")
    func table(_ attributes: [Attribute], _ total: Int?, _ cells: [([String], Int)]) -> PublishedTable {
      PublishedTable(
        attributes: attributes, total: total, cells: cells.map { PublishedCell(key: $0, count: $1) }, suppressed: [])
    }
    let statistics = Statistics(
      schema: .mimicIII, minimumPatients: 10,
      tables: [
        table([.drug], nil, [(["Insulin"], withMain)]),
        table([.mainDiagnosis, .drug], nil, [(["41401", "Insulin"], 30)]),
        table([.admissionType, .drug], nil, [(["ELECTIVE", "Insulin"], 20), (["URGENT", "Insulin"], 10)]),
        table([.admissionType], 149, [(["ELECTIVE"], 71), (["EMERGENCY"], 43), (["URGENT"], 35)]),
        table([.admissionType, .mainDiagnosis], nil, [(["ELECTIVE", "25000"], 38), (["URGENT", "4019"], 20)]),
        table([.mainDiagnosis], nil, [(["25000"], 50), (["4019"], 40), (["41401"], 59)]),
      ], titles: CodeTitles())
    let found = try #require(attack(statistics, under: policy))
    #expect(found.exposures.contains { $0.what.contains("URGENT, 25000") } == (withMain == 30))
  }
}
