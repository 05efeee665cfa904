import Shared
import TestSupport
import Testing

@testable import Extractor

/// More releases that an outsider computed a count from: relations between the admissions of a patient, and between
/// pairs of codes.
extension TieTests {
  /// 12 patients died during a fifth or later admission, so 12 left their fourth one alive.
  @Test func whoDiesLaterLeftAliveBefore() throws {
    let policy = try Policy.test(
      ["[admission-number-band]", "[admission-number-band, died-in-hospital]"], protection: Self.small(5))
    try expectTied(
      "admission-number-band x died-in-hospital: 1, 4", 0...2,
      release(
        policy,
        [
          ([.admissionNumberBand], 236, [(["1"], 80), (["2"], 80), (["3"], 50), (["4"], 14), (["5+"], 12)]),
          (
            [.admissionNumberBand, .diedInHospital], nil,
            [
              (["1", "0"], 80), (["2", "0"], 50), (["2", "1"], 30), (["3", "0"], 44), (["3", "1"], 6),
              (["5+", "1"], 12),
            ]
          ),
        ]))
  }

  /// 15 of 18 patients with a second admission have a third, so at most 3 were discharged dead.
  @Test func whoIsDischargedDeadIsNotAdmittedAgain() throws {
    let policy = try Policy.test(
      ["[admission-number-band]", "[admission-number-band, discharge-location]"], protection: Self.small(5))
    try expectTied(
      "admission-number-band x discharge-location: DEAD/EXPIRED, 2", 0...3,
      release(
        policy,
        [
          ([.admissionNumberBand], nil, [(["1"], 70), (["2"], 18), (["3"], 15)]),
          (
            [.admissionNumberBand, .dischargeLocation], nil,
            [(["1", "DEAD/EXPIRED"], 10), (["1", "HOME"], 38), (["1", "SNF"], 22), (["3", "SNF"], 15)]
          ),
        ]))
  }

  /// 42 later admissions of women follow the 44 that women left alive, and nothing follows a fourth one.
  @Test func patientsAreFollowedThroughARingOfTables() throws {
    let policy = try Policy.test(
      ["[admission-number-band, gender]", "[admission-number-band, died-in-hospital]", "[died-in-hospital, gender]"],
      protection: "\(Self.small(5)), zero-cells: publish")
    try expectTied(
      "admission-number-band x died-in-hospital: 0, 4", 1...2,
      release(
        policy,
        [
          (
            [.admissionNumberBand, .gender], 336,
            [
              (["1", "F"], 24), (["1", "M"], 120), (["2", "F"], 14), (["2", "M"], 90), (["3", "F"], 14),
              (["3", "M"], 60), (["4", "F"], 14), (["4", "M"], 0), (["5+", "F"], 0), (["5+", "M"], 0),
            ]
          ), ([.admissionNumberBand, .diedInHospital], nil, [(["5+", "0"], 0), (["5+", "1"], 0)]),
          (
            [.diedInHospital, .gender], 336,
            [(["0", "F"], 44), (["0", "M"], 180), (["1", "F"], 22), (["1", "M"], 90)]
          ),
        ]))
  }

  /// 17 of the privately insured women have the procedure, and none or at least 5 have not: there are 21 women.
  @Test func fewerThanKWithoutACodeAreNone() throws {
    let policy = try Policy.test(
      ["[gender]", "[insurance]", "[gender, insurance]", "[gender, insurance, procedure]"], protection: Self.small(5))
    try expectTied(
      "gender x insurance: F, Self", 4...4,
      release(
        policy,
        [
          ([.gender], 52, [(["F"], 21), (["M"], 31)]), ([.insurance], 52, [(["Private"], 37), (["Self"], 15)]),
          ([.gender, .insurance], nil, []),
          (
            [.gender, .insurance, .procedure], 32,
            [(["F", "Private", "9671"], 17), (["M", "Private", "9671"], 10), (["M", "Self", "9671"], 5)]
          ),
        ]))
  }

  /// 4280 is the second of the top 2 and has 15. 4019 comes first in byte order, so it has at most 14, 12 of them
  /// privately insured.
  @Test func theTopMainDiagnosesAreKnowledgeToo() throws {
    let text = String(
      decoding: try Policy.test(["[main-diagnosis, gender]", "[main-diagnosis, insurance]"], protection: Self.small(5))
        .bytes, as: UTF8.self
    ).replacing("gender]", with: "gender]\n    top: 2")
    try expectTied(
      "main-diagnosis x insurance: Self, 4019", 0...2,
      release(
        try Policy(parsing: Array(text.utf8), file: "p.yaml"),
        [
          (
            [.mainDiagnosis, .gender], nil,
            [(["25000", "F"], 20), (["25000", "M"], 20), (["4280", "F"], 8), (["4280", "M"], 7)]
          ),
          (
            [.mainDiagnosis, .insurance], nil,
            [
              (["25000", "Private"], 20), (["25000", "Self"], 20), (["4019", "Private"], 12), (["4280", "Private"], 8),
            ]
          ),
        ]))
  }

  /// Band 0 has no procedure, so all pairs are in band 1, which has 14, 12 of them of women.
  @Test func bandZeroHasNoPairs() throws {
    let policy = try Policy.test(
      [
        "[procedure-count-band, drug, procedure]", "[procedure-count-band, drug]", "[drug]",
        "[gender, drug, procedure]",
      ],
      protection: Self.small(5))
    try expectTied(
      "gender x drug x procedure: M, 9671, Aspirin", 2...2,
      release(
        policy,
        [
          ([.procedureCountBand, .drug, .procedure], nil, [(["1", "Aspirin", "9671"], 14)]),
          ([.procedureCountBand, .drug], 36, [(["0", "Aspirin"], 16), (["1", "Aspirin"], 20)]),
          ([.drug], 36, [(["Aspirin"], 36)]),
          ([.gender, .drug, .procedure], nil, [(["F", "Aspirin", "9671"], 12), (["M", "Aspirin", "9904"], 6)]),
        ]))
  }

  /// 16 of 36 admissions with the drug have no diagnosis, so at most 20 have another one, 17 of them women.
  @Test func whoHasNoDiagnosisIsInNoPair() throws {
    let policy = try Policy.test(
      ["[diagnosis-count-band, drug]", "[drug]", "[gender, diagnosis, drug]"], protection: Self.small(5))
    try expectTied(
      "gender x diagnosis x drug: M, 4280, Aspirin", 0...3,
      release(
        policy,
        [
          ([.diagnosisCountBand, .drug], 36, [(["0", "Aspirin"], 16), (["1-4", "Aspirin"], 20)]),
          ([.drug], 36, [(["Aspirin"], 36)]), ([.gender, .diagnosis, .drug], nil, [(["F", "4280", "Aspirin"], 17)]),
        ]))
  }

  /// 20 of the 40 first admissions are births, so 20 are emergencies.
  @Test func aBirthIsTheFirstAdmission() throws {
    let policy = try Policy.test(
      ["[admission-type]", "[admission-number-band]", "[admission-number-band, admission-type]"],
      protection: Self.small(5), minimumAge: 0)
    try expectTied(
      "admission-number-band x admission-type: EMERGENCY, 1", 20...20,
      release(
        policy,
        [
          ([.admissionType], 60, [(["NEWBORN"], 20), (["EMERGENCY"], 40)]),
          ([.admissionNumberBand], 60, [(["1"], 40), (["2"], 20)]), ([.admissionNumberBand, .admissionType], nil, []),
        ]))
  }
}
