import Shared
import TestSupport
import Testing

@testable import Extractor

/// What a published pair of codes tells about each of its codes.
@Suite struct PairsOfCodesTests {
  /// Admissions of one kind.
  private struct Kind {
    let type: UInt32
    var diagnoses: [UInt32] = []
    var drugs: [UInt32] = []
    let count: Int
  }

  private func protected(_ kinds: [Kind], _ tables: [String]) throws -> [PublishedTable] {
    let policy = try Policy.test(tables, protection: "minimum-patients: 11")
    let all = kinds.flatMap { Array(repeating: $0, count: $0.count) }
    let records = HospitalRecords(
      schema: .mimicIII, patients: all.indices.map { UInt32($0) },
      categories: [.admissionType: CategoryColumn(ids: all.map(\.type), names: ["ELECTIVE", "EMERGENCY", "URGENT"])],
      codes: [
        .diagnosis: CodeColumn(all.map(\.diagnoses), names: ["4019", "25000"]),
        .drug: CodeColumn(all.map(\.drugs), names: ["Insulin"]),
      ], titles: CodeTitles())
    let counted = tally(records, policy: policy, threads: 1)
    return try protect(counted, under: policy, drawnWith: .test(), threads: 1).statistics.tables
  }

  private func count(_ tables: [PublishedTable], _ attributes: [Attribute], _ key: [String]) -> Int? {
    tables.first { $0.attributes == attributes }?.cells.first { $0.key == key }?.count
  }

  /// Each elective and emergency admission has hypertension, and no urgent one has. So of the admissions with
  /// hypertension and insulin, those that are not emergencies are elective: all of these have insulin.
  @Test(arguments: [1, 20]) func whatAPairTellsAboutItsCodesIsHidden(_ size: Int) throws {
    let tables = try protected(
      [
        Kind(type: 0, diagnoses: [0, 1], drugs: [0], count: 2), Kind(type: 0, diagnoses: [0], count: 10 * size),
        Kind(type: 1, diagnoses: [0, 1], count: 13 * size), Kind(type: 1, diagnoses: [0], drugs: [0], count: 21 * size),
        Kind(type: 2, drugs: [0], count: 12 * size),
      ],
      [
        "[admission-type]", "[admission-type, diagnosis]", "[admission-type, drug]", "[diagnosis]", "[diagnosis, drug]",
      ])
    let both = count(tables, [.diagnosis, .drug], ["4019", "Insulin"])
    let withDrug = count(tables, [.admissionType, .drug], ["EMERGENCY", "Insulin"])
    let withDiagnosis = count(tables, [.admissionType, .diagnosis], ["EMERGENCY", "4019"])
    #expect(both == nil || withDrug == nil || withDiagnosis == nil)
    #expect(count(tables, [.admissionType], ["ELECTIVE"]) == 2 + 10 * size)
  }

  /// Hypertension and insulin are so frequent, everywhere, that the pair tells nothing about withheld counts of either.
  @Test func aPairOfFrequentCodesIsPublished() throws {
    let tables = try protected(
      (0...2).flatMap { type in
        [
          Kind(type: type, diagnoses: [0], drugs: [0], count: 50), Kind(type: type, diagnoses: [0], count: 50),
          Kind(type: type, drugs: [0], count: 50), Kind(type: type, count: 50),
        ]
      } + [Kind(type: 0, diagnoses: [1], drugs: [0], count: 30), Kind(type: 1, diagnoses: [1], count: 5)],
      ["[admission-type]", "[admission-type, diagnosis]", "[admission-type, drug]", "[diagnosis, drug]"])
    #expect(count(tables, [.diagnosis, .drug], ["4019", "Insulin"]) == 150)
    #expect(count(tables, [.diagnosis, .drug], ["25000", "Insulin"]) == nil)
    #expect(count(tables, [.admissionType, .diagnosis], ["ELECTIVE", "25000"]) == 30)
  }
}
