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

  /// Band 0 has no procedure, so at most 20 admissions with the drug have one, 17 of them women.
  @Test func bandZeroHasNoPairs() throws {
    // Policies with all three tables are refused; the tie holds all the same.
    let policy = try Policy.test(["[drug]", "[gender, drug, procedure]"], protection: Self.small(5))
    try expectTied(
      "gender x drug x procedure: M, 9671, Aspirin", 0...3,
      release(
        policy,
        [
          ([.procedureCountBand, .drug], 36, [(["0", "Aspirin"], 16), (["1", "Aspirin"], 20)]),
          ([.drug], 36, [(["Aspirin"], 36)]), ([.gender, .drug, .procedure], nil, [(["F", "Aspirin", "9671"], 17)]),
        ]))
  }

  /// 16 of 36 admissions with the drug have no diagnosis, so at most 20 have another one, 17 of them women.
  @Test func whoHasNoDiagnosisIsInNoPair() throws {
    let policy = try Policy.test(["[drug]", "[gender, diagnosis, drug]"], protection: Self.small(5))
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

  private func numbers(_ counts: Int...) -> [([String], Int)] {
    zip(["1", "2", "3", "4", "5+"], counts).map { ([$0], $1) }
  }

  /// At least 5 patients were admitted at 60-69, the youngest band, so at least 5 of the 8 first admissions were, too.
  @Test func thePatientsOfACellHadAFirstAdmission() throws {
    let policy = try Policy.test(
      ["[admission-number-band]", "[age-band]", "[admission-number-band, age-band]"], protection: Self.small(5))
    try expectTied(
      "admission-number-band x age-band: 70+, 1", 0...3,
      release(
        policy,
        [
          ([.admissionNumberBand], 66, numbers(8, 8, 8, 8, 34)), ([.ageBand], 66, [(["60-69"], 21), (["70+"], 45)]),
          ([.admissionNumberBand, .ageBand], nil, []),
        ]))
  }

  /// At least 5 patients had a fifth admission at 60-69, so at least 5 of the 8 fourth ones were at that age.
  @Test func thePatientsOfTheLastNumberHadAFourthAdmissionAtThatAge() throws {
    let policy = try Policy.test(
      ["[admission-number-band]", "[admission-number-band, age-band]"], protection: Self.small(5))
    try expectTied(
      "admission-number-band x age-band: 70+, 4", 0...3,
      release(
        policy,
        [
          ([.admissionNumberBand], nil, [(["1"], 20), (["4"], 8), (["5+"], 25)]),
          (
            [.admissionNumberBand, .ageBand], nil,
            [(["1", "60-69"], 11), (["1", "70+"], 9), (["5+", "60-69"], 15), (["5+", "70+"], 10)]
          ),
        ]))
  }

  /// Women have at most 25 of the 32 admissions as their first four, so some had a fifth one, and a fourth.
  @Test func aWithheldFifthAdmissionFollowsAFourth() throws {
    let policy = try Policy.test(
      ["[admission-number-band]", "[gender]", "[admission-number-band, gender]"], protection: Self.small(5))
    try expectTied(
      "admission-number-band x gender: F, 4", 1...4,
      release(
        policy,
        [
          ([.admissionNumberBand], 63, numbers(10, 5, 5, 5, 38)), ([.gender], 63, [(["F"], 32), (["M"], 31)]),
          ([.admissionNumberBand, .gender], nil, []),
        ]))
  }

  /// Nobody has more than half of 11 admissions, so each patient with a fifth admission had 4 of the 12 later ones
  /// before it.
  @Test func nobodyHasMoreThanHalfOfAGendersAdmissions() throws {
    let policy = try Policy.test(["[admission-number-band]", "[gender]"], protection: Self.small(5))
    try expectTied(
      "admission-number-band: 5+", 0...3,
      release(
        policy, [([.admissionNumberBand], nil, numbers(10)), ([.gender], 22, [(["F"], 11), (["M"], 11)])]))
  }

  /// All 20 newborns are at their first admission and in the youngest band, which leaves 3 of the first admissions.
  @Test func newbornsAreYoungAtTheirFirstAdmission() throws {
    let policy = try Policy.test(
      ["[admission-type]", "[admission-number-band]", "[age-band]", "[admission-number-band, age-band]"],
      protection: Self.small(5))
    try expectTied(
      "admission-number-band x age-band: 18-29, 1", 0...3,
      release(
        policy,
        [
          ([.admissionType], 53, [(["EMERGENCY"], 33), (["NEWBORN"], 20)]),
          ([.admissionNumberBand], nil, numbers(23, 15, 15)), ([.ageBand], nil, [(["0-17"], 32), (["18-29"], 21)]),
          ([.admissionNumberBand, .ageBand], nil, []),
        ]))
  }

  /// No first admission is at 80 or older, so 9 survivors are the patients of all second admissions, and those at that
  /// age once more.
  @Test func deathsByAgeAndLaterAdmissionsAreSolvedTogether() throws {
    let all = try Policy.test(
      ["[admission-number-band, age-band]", "[died-in-hospital]", "[died-in-hospital, age-band]"],
      protection: "\(Self.small(4)), zero-cells: publish, top-code-age: 80")
    let policy = try Policy(
      parsing: Array(
        String(decoding: all.bytes, as: UTF8.self).replacing("minimum-age: 18", with: "minimum-age: 60").utf8),
      file: "p")
    let empty = ["3", "4", "5+"].flatMap { number in ["60-69", "70-79", "80+"].map { ([number, $0], 0) } }
    try expectTied(
      "admission-number-band x age-band: 80+, 2", 1...3,
      release(
        policy,
        [
          ([.admissionNumberBand, .ageBand], nil, empty), ([.diedInHospital], 14, [(["0"], 9), (["1"], 5)]),
          ([.diedInHospital, .ageBand], nil, [(["1", "80+"], 0)]),
        ]))
  }

  /// 17 women have the procedure and the diagnosis, and none or at least 5 have only the procedure, which 21 have.
  @Test func fewerThanKWithoutOneOfTwoCodesAreNone() throws {
    let policy = try Policy.test(
      ["[procedure]", "[procedure, gender]", "[gender, diagnosis, procedure]"], protection: Self.small(5))
    try expectTied(
      "procedure x gender: M, 9671", 4...4,
      release(
        policy,
        [
          ([.procedure], 21, [(["9671"], 21)]), ([.procedure, .gender], nil, []),
          ([.gender, .diagnosis, .procedure], nil, [(["F", "4280", "9671"], 17)]),
        ]))
  }

  /// Real and control have as many admissions, at least 26 of each.
  @Test func anEvaluationComparesEqualSets() throws {
    let policy = try Policy.test(
      ["[evaluation-set]", "[evaluation-set, gender]"], protection: "\(Self.small(8)), round-to: 5")
    try expectTied(
      "evaluation-set x gender: M, real", 4...9,
      release(
        policy,
        [
          ([.evaluationSet], nil, [(["control"], 25), (["real"], 25)]),
          (
            [.evaluationSet, .gender], nil, [(["control", "F"], 15), (["control", "M"], 15), (["real", "F"], 20)]
          ),
        ]))
  }
}
