import Shared
import TestSupport
import Testing

@testable import Extractor

/// A few admissions with a rare category don't cost the tables of codes.
@Suite struct RareCategoriesTests {
  private static let tables = [
    "[gender]", "[insurance]", "[main-diagnosis, age-band]", "[main-diagnosis, gender]", "[diagnosis]",
    "[diagnosis, gender]", "[drug, insurance]",
  ]

  /// 8,000 patients with one admission each; too many combinations of stays for a solver.
  private func records(rareGenders: Int = 0, rareInsurances: Int = 0) -> HospitalRecords {
    let count = 8000
    var random = SeededRandom(seed: 7)
    func column(_ names: [String]) -> CategoryColumn {
      CategoryColumn(
        ids: (0..<count).map { _ in UInt32(min(names.count - 1, Int.random(in: 0..<names.count, using: &random))) },
        names: names)
    }
    func codes(_ names: [String]) -> CodeColumn {
      CodeColumn(
        (0..<count).map { _ in names.indices.filter { _ in Int.random(in: 0..<8, using: &random) == 0 }.map(UInt32.init)
        },
        names: names)
    }
    func rare(_ column: CategoryColumn, _ name: String, _ number: Int) -> CategoryColumn {
      CategoryColumn(
        ids: column.ids.enumerated().map { $0 < number ? UInt32(column.names.count) : $1 }, names: column.names + [name]
      )
    }
    let ages = Band.ages(minimum: 18, topCode: 90).map(\.label)
    return HospitalRecords(
      schema: .mimicIII, patients: (0..<count).map { UInt32($0) },
      categories: [
        .gender: rare(column(["F", "M"]), missingCategory, rareGenders),
        .insurance: rare(column(["Medicaid", "Medicare", "Private"]), "Self Pay", rareInsurances),
        .ageBand: column(ages), .mainDiagnosis: column((0..<120).map { "\(4000 + $0)" }),
      ],
      codes: [.diagnosis: codes((0..<12).map { "\(2500 + $0)" }), .drug: codes(["Aspirin", "Heparin", "Insulin"])],
      titles: CodeTitles())
  }

  /// How many cells of each table are published.
  private func published(_ records: HospitalRecords) throws -> [[Attribute]: Int] {
    let policy = try Policy.test(Self.tables, protection: "minimum-patients: 11")
    let protected = try protect(
      tally(records, policy: policy, threads: 2), under: policy, drawnWith: .test(), threads: 2)
    return Dictionary(uniqueKeysWithValues: protected.statistics.tables.map { ($0.attributes, $0.cells.count) })
  }

  @Test func aHospitalWithoutRareCategoriesLosesNothing() throws {
    let found = try published(records())
    #expect(found[[.diagnosis]] == 12)
    #expect(found[[.diagnosis, .gender]] == 24)
    #expect(found[[.drug, .insurance]] == 9)
  }

  /// Nobody can tell the four admissions from those with another insurance, which is withheld, too.
  @Test func aRareInsuranceIsWithheldWithAnother() throws {
    let found = try published(records(rareInsurances: 4))
    #expect(found[[.insurance]] == 2)
    #expect(found[[.diagnosis]] == 12)
    #expect(found[[.drug, .insurance]] == 6)
  }

  /// Everybody knows that the three admissions are neither of women nor of men.
  @Test func codesAreNotCountedByARareGender() throws {
    let found = try published(records(rareGenders: 3))
    #expect(found[[.diagnosis, .gender]] == 0)
    #expect(found[[.diagnosis]] == 12)
    #expect(found[[.drug, .insurance]] == 9)
  }
}
