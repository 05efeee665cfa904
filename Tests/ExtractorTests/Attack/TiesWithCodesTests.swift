import Shared
import TestSupport
import Testing

@testable import Extractor

/// Releases that an outsider with a solver of their own computed a count from, although the attack had failed. Most
/// connect codes with what holds in each admission.
extension TieTests {
  static func small(_ k: Int) -> String {
    "minimum-patients: \(k), low-k-reason: a test of small hospitals only"
  }

  /// 7 patients with the procedure died, 5 of them women.
  @Test func whoDiesIsDischargedDeadWithACodeToo() throws {
    let policy = try Policy.test(
      ["[died-in-hospital, procedure]", "[gender, discharge-location, procedure]"], protection: Self.small(5))
    try expectTied(
      "gender x discharge-location x procedure: M, DEAD/EXPIRED, 9671", 2...2,
      release(
        policy,
        [
          ([.diedInHospital, .procedure], 43, [(["0", "9671"], 36), (["1", "9671"], 7)]),
          (
            [.gender, .dischargeLocation, .procedure], nil,
            [(["F", "DEAD/EXPIRED", "9671"], 5), (["M", "HOME", "9671"], 27)]
          ),
        ]))
  }

  /// Nobody is discharged home dead, so 15 went home, 12 of them women.
  @Test func whoGoesHomeIsAlive() throws {
    let policy = try Policy.test(
      ["[died-in-hospital, discharge-location]", "[gender, discharge-location]"], protection: Self.small(5))
    try expectTied(
      "gender x discharge-location: M, HOME", 3...3,
      release(
        policy,
        [
          ([.diedInHospital, .dischargeLocation], nil, [(["0", "HOME"], 15), (["0", "SNF"], 30)]),
          ([.gender, .dischargeLocation], nil, [(["F", "HOME"], 12), (["F", "SNF"], 13), (["M", "SNF"], 17)]),
        ]))
  }

  /// Of 35 children, 25 have the drug, but only 17 newborns have it: 8 children are not newborns.
  @Test func childrenWithACodeAreNoNewborns() throws {
    let policy = try Policy.test(
      ["[age-band]", "[age-band, drug]", "[admission-type, drug]", "[admission-type, gender]"],
      protection: Self.small(5), minimumAge: 0)
    try expectTied(
      "admission-type x gender: M, NEWBORN", 0...2,
      release(
        policy,
        [
          ([.ageBand], nil, [(["0-17"], 35), (["30-39"], 40)]),
          ([.ageBand, .drug], 65, [(["0-17", "Heparin"], 25), (["30-39", "Heparin"], 40)]),
          ([.admissionType, .drug], 65, [(["EMERGENCY", "Heparin"], 48), (["NEWBORN", "Heparin"], 17)]),
          (
            [.admissionType, .gender], nil,
            [(["EMERGENCY", "F"], 20), (["EMERGENCY", "M"], 28), (["NEWBORN", "F"], 25)]
          ),
        ]))
  }

  /// Band 1 has at least 27 + 13 admissions, band 2 at least 4, so band 3 has at most 1 of all 45.
  @Test func admissionsWithOneCodeEachAreDifferent() throws {
    let policy = try Policy.test(
      ["[died-in-hospital]", "[procedure-count-band, procedure]"], protection: Self.small(4))
    try expectTied(
      "procedure-count-band x procedure: 3, 9671", 0...1,
      release(
        policy,
        [
          ([.diedInHospital], 45, [(["0"], 45)]),
          (
            [.procedureCountBand, .procedure], nil,
            [(["1", "9671"], 27), (["1", "9904"], 13), (["2", "9671"], 4), (["2", "9904"], 4)]
          ),
        ]))
  }

  /// All 42 patients with the procedure have the drug, 22 of them women.
  @Test func aCodeThatComesOnlyWithAnotherHasItsCounts() throws {
    let policy = try Policy.test(
      ["[drug, procedure]", "[drug, gender]", "[procedure]", "[gender, age-band, procedure]"],
      protection: Self.small(5))
    try expectTied(
      "gender x age-band x procedure: withheld part of F, 9671", 4...4,
      release(
        policy,
        [
          ([.drug, .procedure], 42, [(["Heparin", "9671"], 42)]),
          ([.drug, .gender], 42, [(["Heparin", "F"], 22), (["Heparin", "M"], 20)]),
          ([.procedure], 42, [(["9671"], 42)]),
          (
            [.gender, .ageBand, .procedure], nil,
            [(["F", "60-69", "9671"], 10), (["F", "70-79", "9671"], 8)]
          ),
        ]))
  }

  /// 11 of 20 admissions are first ones, so at most 9 are second, third and fourth ones, as many of each or fewer.
  @Test func laterAdmissionsFollowEarlierOnesWithoutATableOfTheirNumber() throws {
    let policy = try Policy.test(
      ["[died-in-hospital]", "[admission-number-band, diagnosis]"], protection: Self.small(5))
    try expectTied(
      "admission-number-band x diagnosis: 4, 4280", 0...3,
      release(
        policy,
        [([.diedInHospital], 20, [(["0"], 20)]), ([.admissionNumberBand, .diagnosis], nil, [(["1", "4280"], 11)])]))
  }

  /// 5 admissions with the drug have no diagnosis, so 5 have no main diagnosis.
  @Test func noDiagnosisIsNoMainDiagnosisWithACodeToo() throws {
    let policy = try Policy.test(["[diagnosis-count-band, drug]", "[main-diagnosis, drug]"], protection: Self.small(4))
    try expectTied(
      "main-diagnosis x drug: missing, Aspirin", 5...5,
      release(
        policy,
        [
          ([.diagnosisCountBand, .drug], 23, [(["0", "Aspirin"], 5), (["1-4", "Aspirin"], 18)]),
          ([.mainDiagnosis, .drug], nil, [(["25000", "Aspirin"], 7), (["4280", "Aspirin"], 8)]),
          ([.mainDiagnosis], 60, [(["25000"], 20), (["4280"], 20), (["4019"], 10), (["missing"], 10)]),
        ]))
  }

  /// 14 single patients have the drug, and by rule 3 none or at least 5 don't have it. Some have not, as 16 are single.
  @Test func fewerThanKWithoutACodeWouldHideIt() throws {
    let policy = try Policy.test(
      ["[insurance]", "[marital-status, drug]", "[marital-status, insurance]"], protection: Self.small(5))
    try expectTied(
      "marital-status x insurance: Medicare, MARRIED", 0...2,
      release(
        policy,
        [
          ([.insurance], 40, [(["Medicare"], 5), (["Private"], 35)]),
          ([.maritalStatus, .drug], 28, [(["MARRIED", "Aspirin"], 14), (["SINGLE", "Aspirin"], 14)]),
          ([.maritalStatus, .insurance], nil, [(["MARRIED", "Private"], 19), (["SINGLE", "Private"], 16)]),
        ]))
  }

  /// 7 women left alive, so they have at most 7 later admissions: as many third ones as fourth ones, or more.
  @Test func laterAdmissionsAreNoMoreThanSurvivors() throws {
    let policy = try Policy.test(
      ["[admission-number-band, gender]", "[died-in-hospital, gender]"], protection: Self.small(5))
    try expectTied(
      "admission-number-band x gender: F, 4", 0...2,
      release(
        policy,
        [
          ([.admissionNumberBand, .gender], nil, [(["1", "M"], 29), (["2", "M"], 15)]),
          (
            [.diedInHospital, .gender], 73, [(["0", "F"], 7), (["0", "M"], 31), (["1", "F"], 11), (["1", "M"], 24)]
          ),
        ]))
  }

  /// At least 5 patients have a fifth admission, so at least 5 of the 7 fourth ones ended alive.
  @Test func aFifthAdmissionFollowsAFourth() throws {
    let policy = try Policy.test(
      ["[admission-number-band]", "[admission-number-band, died-in-hospital]"], protection: Self.small(5))
    try expectTied(
      "admission-number-band x died-in-hospital: 1, 4", 0...2,
      release(
        policy,
        [
          ([.admissionNumberBand], 161, [(["1"], 81), (["2"], 43), (["3"], 24), (["4"], 7), (["5+"], 6)]),
          (
            [.admissionNumberBand, .diedInHospital], nil,
            [
              (["1", "0"], 73), (["1", "1"], 8), (["2", "0"], 34), (["2", "1"], 9), (["3", "0"], 17), (["3", "1"], 7),
              (["5+", "0"], 6),
            ]
          ),
        ]))
  }

  /// 5 admissions have the other diagnosis 4280 and the procedure, so their main diagnosis is 25000, which has 3, or
  /// 4019.
  @Test func pairsWithADiagnosisExcludeItAsTheMainOne() throws {
    let policy = try Policy.test(
      ["[diagnosis, procedure]", "[main-diagnosis]", "[main-diagnosis, procedure]"], protection: Self.small(3))
    try expectTied(
      "main-diagnosis x procedure: 4019, 9904", 2...3,
      release(
        policy,
        [
          ([.diagnosis, .procedure], nil, [(["4280", "9904"], 5)]),
          ([.mainDiagnosis], 40, [(["25000"], 12), (["4019"], 3), (["4280"], 16), (["missing"], 9)]),
          ([.mainDiagnosis, .procedure], nil, [(["25000", "9904"], 3)]),
        ]))
  }

  private func topped(_ tables: [String], _ table: String) throws -> Policy {
    let text = String(decoding: try Policy.test(tables, protection: Self.small(5)).bytes, as: UTF8.self)
    return try Policy(
      parsing: Array(text.replacing("- table: \(table)", with: "- table: \(table)\n    top: 1").utf8), file: "p.yaml")
  }

  /// 4280 is the most frequent diagnosis. 4019 comes first in byte order, so with as many admissions it would be.
  @Test func equalCountsAreRankedInByteOrder() throws {
    try expectTied(
      "diagnosis x gender: M, 4019", 0...3,
      release(
        try topped(["[diagnosis]", "[diagnosis, gender]"], "[diagnosis]"),
        [([.diagnosis], nil, [(["4280"], 14)]), ([.diagnosis, .gender], nil, [(["4019", "F"], 10)])]))
  }

  /// 4280 has 60 admissions, and more than 4019, which has at least 56.
  @Test func theTopWithinStaysIsKnowledgeToo() throws {
    try expectTied(
      "diagnosis x age-band: withheld part of 4019", 0...3,
      release(
        try topped(["[gender]", "[age-band]", "[diagnosis, gender]", "[diagnosis, age-band]"], "[diagnosis, gender]"),
        [
          ([.gender], 200, [(["F"], 100), (["M"], 100)]), ([.ageBand], 200, [(["60-69"], 100), (["70-79"], 100)]),
          ([.diagnosis, .gender], nil, [(["4280", "F"], 30), (["4280", "M"], 30)]),
          ([.diagnosis, .ageBand], nil, [(["4019", "60-69"], 56)]),
        ]))
  }

  /// The table has 120 admissions, as a third table tells, and publishes 116 of them.
  @Test func theWithheldPartOfAWholeTableIsGuarded() throws {
    let policy = try Policy.test(
      ["[length-of-stay-band, gender]", "[length-of-stay-band, age-band]", "[died-in-hospital]"],
      protection: Self.small(5))
    let found = try #require(
      attack(
        release(
          policy,
          [
            (
              [.lengthOfStayBand, .gender], nil,
              [
                (["0", "F"], 30), (["0", "M"], 27), (["1", "F"], 12), (["1", "M"], 14), (["2", "F"], 16),
                (["2", "M"], 9), (["3", "F"], 8),
              ]
            ), ([.lengthOfStayBand, .ageBand], nil, [(["0", "60-69"], 19), (["1", "60-69"], 9)]),
            ([.diedInHospital], 120, [(["0"], 61), (["1"], 59)]),
          ])))
    #expect(
      found.exposures.map(\.what).contains("length-of-stay-band x gender: withheld part of all admissions"),
      "\(found.exposures.map(\.what))")
  }
}
