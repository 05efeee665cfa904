import Shared
import TestSupport
import Testing

@testable import Extractor

/// Releases in which a tie gives a count away, although equal sums alone don't. Each is small enough to check by hand,
/// and passes if the tie is not used.
@Suite struct TieTests {
  /// A release as an outsider sees it.
  func release(_ policy: Policy, _ tables: [([Attribute], Int?, [([String], Int)])]) -> AttackedRelease {
    let published = tables.map { attributes, total, cells in
      PublishedTable(
        attributes: attributes, total: total, cells: cells.map { PublishedCell(key: $0, count: $1) }, suppressed: [])
    }
    let statistics = Statistics(
      schema: .mimicIII, minimumPatients: policy.protection.minimumPatients, tables: published, titles: CodeTitles())
    return AttackedRelease(statistics, under: policy, listsAreComplete: true)
  }

  /// Expects an exposure with ties, and none without.
  private func expectExposed(_ what: String, _ bounds: ClosedRange<Int>, _ release: AttackedRelease) throws {
    let found = try #require(attack(release)).exposures
    let exposure = found.first { $0.what == what }
    #expect(exposure.map { $0.low...$0.high } == bounds, "\(found.map { ($0.what, $0.low, $0.high) })")
    var untied = release
    untied.usesTies = false
    let without = try #require(attack(untied)).exposures
    #expect(without.isEmpty, "\(without.map { ($0.what, $0.low, $0.high) })")
  }

  /// 15 admissions have no main diagnosis, so 15 are in band 0. Band 1-4 has 260, which leaves 4 of the 279 for the
  /// higher bands.
  @Test func bandsOfDiagnosesCountThoseWithoutAny() throws {
    let policy = try Policy.test(["[gender]", "[diagnosis-count-band]", "[main-diagnosis]"])
    try expectExposed(
      "diagnosis-count-band: 5-9", 0...4,
      release(
        policy,
        [
          ([.gender], 279, [(["F"], 115), (["M"], 164)]), ([.diagnosisCountBand], nil, [(["1-4"], 260)]),
          ([.mainDiagnosis], 279, [(["41401"], 200), (["4280"], 64), (["missing"], 15)]),
        ]))
  }

  /// 97 of 100 patients were admitted again, so at most 3 died during their first admission.
  @Test func whoDiesIsNotAdmittedAgain() throws {
    let policy = try Policy.test(["[admission-number-band]", "[admission-number-band, died-in-hospital]"])
    try expectExposed(
      "admission-number-band x died-in-hospital: 1, 1", 0...3,
      release(
        policy,
        [
          ([.admissionNumberBand], nil, [(["1"], 100), (["2"], 97)]),
          ([.admissionNumberBand, .diedInHospital], nil, [(["2", "0"], 67), (["2", "1"], 30)]),
        ]))
  }

  /// Expects an exposure with ties that is hidden without them.
  func expectTied(_ what: String, _ bounds: ClosedRange<Int>, _ release: AttackedRelease) throws {
    let found = try #require(attack(release)).exposures
    #expect(
      found.contains { $0.what == what && $0.low...$0.high == bounds }, "\(found.map { ($0.what, $0.low, $0.high) })")
    var untied = release
    untied.usesTies = false
    #expect(try #require(attack(untied)).exposures.allSatisfy { $0.what != what })
  }

  /// 14 women have a first admission, so at most 14 have a second; of the 52 second admissions, at most 46 are of men.
  @Test func aSecondAdmissionFollowsAFirst() throws {
    let policy = try Policy.test(["[admission-number-band]", "[admission-number-band, gender]"])
    try expectTied(
      "admission-number-band x gender: F, 2", 6...14,
      release(
        policy,
        [
          ([.admissionNumberBand], nil, [(["1"], 60), (["2"], 52)]),
          ([.admissionNumberBand, .gender], nil, [(["1", "F"], 14), (["1", "M"], 46)]),
        ]))
  }

  /// 24 first admissions are of patients under 40, so no more second ones are; 16 of these are of patients over 29.
  @Test func nobodyIsYoungerTheSecondTime() throws {
    let policy = try Policy.test(["[admission-number-band]", "[admission-number-band, age-band]"])
    try expectTied(
      "admission-number-band x age-band: 18-29, 2", 0...8,
      release(
        policy,
        [
          ([.admissionNumberBand], nil, [(["1"], 60)]),
          (
            [.admissionNumberBand, .ageBand], nil,
            [(["1", "18-29"], 12), (["1", "30-39"], 12), (["1", "40-49"], 36), (["2", "30-39"], 16)]
          ),
        ]))
  }

  /// 34 patients are under 18, and 30 of them were born during the admission.
  @Test func newbornsAreInTheYoungestBand() throws {
    let policy = try Policy.test(["[age-band]", "[admission-type, gender]", "[age-band, gender]"], minimumAge: 0)
    try expectTied(
      "admission-type x gender: M, NEWBORN", 0...4,
      release(
        policy,
        [
          ([.ageBand], nil, [(["0-17"], 34), (["18-29"], 100)]),
          ([.admissionType, .gender], nil, [(["NEWBORN", "F"], 30), (["URGENT", "M"], 50)]),
          ([.ageBand, .gender], nil, []),
        ]))
  }

  /// 92 of 100 admissions are closer to a real record than to a synthetic one, so at most 8 are copied.
  @Test func aCopyIsTheClosestRecord() throws {
    let policy = try Policy.test(["[evaluation-set]", "[evaluation-set, closest-record]", "[closest-record-band]"])
    try expectTied(
      "closest-record-band: 0", 0...8,
      release(
        policy,
        [
          ([.evaluationSet], nil, [(["real"], 60), (["control"], 40)]),
          ([.evaluationSet, .closestRecord], nil, [(["real", "real"], 55), (["control", "real"], 37)]),
          ([.closestRecordBand], nil, []),
        ]))
  }

  /// 60 of 105 admissions have 4280 as their main diagnosis, so at most 45 have it as another; 40 of these are women.
  @Test func theMainDiagnosisIsNotAmongTheOthers() throws {
    let policy = try Policy.test(["[main-diagnosis]", "[gender]", "[diagnosis, gender]"])
    try expectTied(
      "diagnosis x gender: withheld part of 4280", 0...5,
      release(
        policy,
        [
          ([.mainDiagnosis], 105, [(["4280"], 60), (["41401"], 45)]), ([.gender], 105, [(["F"], 55), (["M"], 50)]),
          ([.diagnosis, .gender], nil, [(["4280", "F"], 40)]),
        ]))
  }

  /// The bands leave room for 75 procedures, 48 of which are 9604: at most 27 admissions have 3893, 20 of them women.
  @Test func bandsLeaveRoomForSoManyProcedures() throws {
    let policy = try Policy.test(["[procedure-count-band]", "[procedure]", "[procedure, gender]", "[gender]"])
    try expectTied(
      "procedure x gender: withheld part of 3893", 0...7,
      release(
        policy,
        [
          ([.procedureCountBand], 100, [(["0"], 40), (["1"], 45), (["2"], 15)]), ([.procedure], nil, [(["9604"], 48)]),
          ([.procedure, .gender], nil, [(["3893", "F"], 20)]), ([.gender], 100, [(["F"], 50), (["M"], 50)]),
        ]))
  }

  /// 61 admissions have one procedure or two, and together they have 92: 30 have one, 31 have two.
  @Test func proceduresTellTheirBands() throws {
    let policy = try Policy.test(["[gender]", "[procedure-count-band]", "[procedure]"])
    try expectTied(
      "procedure-count-band: 1", 30...30,
      release(
        policy,
        [
          ([.gender], 101, [(["F"], 61), (["M"], 40)]),
          (
            [.procedureCountBand], nil,
            [(["0"], 40), (["3"], 0), (["4"], 0), (["5-9"], 0), (["10+"], 0)]
          ), ([.procedure], 92, [(["9604"], 52), (["3893"], 40)]),
        ]))
  }

  /// 30 patients died, 25 of them women, so 5 men have the discharge location DEAD/EXPIRED.
  @Test func aDeathIsADischarge() throws {
    let policy = try Policy.test(["[died-in-hospital]", "[discharge-location, gender]"])
    try expectExposed(
      "discharge-location x gender: M, DEAD/EXPIRED", 5...5,
      release(
        policy,
        [
          ([.diedInHospital], 230, [(["0"], 200), (["1"], 30)]),
          (
            [.dischargeLocation, .gender], nil,
            [(["DEAD/EXPIRED", "F"], 25), (["HOME", "F"], 100), (["HOME", "M"], 90)]
          ),
        ]))
  }

  /// The most frequent code has 24 admissions, so no other code has more. The 20 women with 25000 leave room for at
  /// most 4 men.
  @Test func nothingBeyondTheTopIsLarger() throws {
    let policy = try Policy.test(["[gender]", "[diagnosis]\n    top: 1", "[diagnosis, gender]"])
    let tables: [([Attribute], Int?, [([String], Int)])] = [
      ([.gender], 107, [(["F"], 44), (["M"], 63)]), ([.diagnosis], nil, [(["4019"], 24)]),
      ([.diagnosis, .gender], nil, [(["25000", "F"], 20), (["4019", "F"], 24)]),
    ]
    let found = try #require(attack(release(policy, tables))).exposures
    #expect(found.contains { $0.high - $0.low <= 4 && $0.what.contains("25000") }, "\(found)")
    var untied = release(policy, tables)
    untied.usesTies = false
    #expect(try #require(attack(untied)).exposures.isEmpty)
  }

  /// No woman died, so all 40 emergency patients who died are men, and all 20 who survived are women. These 20 all have
  /// the code, so 2 of the 22 women with the code were not emergencies. Only the joint table of the three attributes
  /// shows this.
  @Test func aCodeInARingIsBoundedByTheJointTableOfStays() throws {
    let pairs = [
      ["gender", "died-in-hospital"], ["gender", "admission-type"], ["died-in-hospital", "admission-type"],
    ]
    let policy = try Policy.test(
      pairs.map { "[\($0.joined(separator: ", "))]" } + pairs.map { "[\($0.joined(separator: ", ")), diagnosis]" })
    let (gender, died, type, code) = (
      Attribute.gender, Attribute.diedInHospital, Attribute.admissionType, Attribute.diagnosis
    )
    let attacked = release(
      policy,
      [
        ([gender, died], nil, [(["F", "0"], 62), (["M", "0"], 60), (["M", "1"], 40)]),
        (
          [gender, type], 162,
          [(["F", "EMERGENCY"], 20), (["F", "URGENT"], 42), (["M", "EMERGENCY"], 40), (["M", "URGENT"], 60)]
        ),
        ([died, type], 162, [(["0", "EMERGENCY"], 20), (["0", "URGENT"], 102), (["1", "EMERGENCY"], 40)]),
        ([gender, died, code], 72, [(["F", "0", "4019"], 22), (["M", "0", "4019"], 30), (["M", "1", "4019"], 20)]),
        ([gender, type, code], nil, []),
        (
          [died, type, code], 72,
          [(["0", "EMERGENCY", "4019"], 20), (["0", "URGENT", "4019"], 32), (["1", "EMERGENCY", "4019"], 20)]
        ),
      ])
    let found = try #require(attack(attacked)).exposures
    #expect(found.contains { $0.what.contains("F, URGENT, 4019") && $0.low...$0.high == 2...2 }, "\(found)")
  }

  /// No woman died. 95 of the 100 survivors have the code, and at most 40 of these are men: 55 to 60 women have it. The
  /// tables of the code alone leave 40 to 60.
  @Test func aCodeInAFlatRingIsBoundedByTheJointTableOfStays() throws {
    let policy = try Policy.test([
      "[gender, died-in-hospital]", "[diagnosis]", "[diagnosis, died-in-hospital]", "[diagnosis, gender]",
    ])
    let attacked = release(
      policy,
      [
        ([.gender, .diedInHospital], 130, [(["F", "0"], 60), (["M", "0"], 40), (["M", "1"], 30)]),
        ([.diagnosis], 110, [(["4019"], 110)]),
        ([.diagnosis, .diedInHospital], 110, [(["4019", "0"], 95), (["4019", "1"], 15)]),
        ([.diagnosis, .gender], nil, []),
      ])
    let found = try #require(attack(attacked)).exposures
    #expect(found.contains { $0.what.contains("F, 4019") && $0.low...$0.high == 55...60 }, "\(found)")
  }

  @Test func aTieThatTheDataBreakIsNoKnowledge() throws {
    // By these counts, at least 10 patients were admitted after their death. Tables like these must still be protected.
    let policy = try Policy.test(["[admission-number-band]", "[admission-number-band, died-in-hospital]"])
    let attacked = release(
      policy,
      [
        ([.admissionNumberBand], nil, [(["1"], 110)]),
        ([.admissionNumberBand, .diedInHospital], nil, [(["1", "0"], 90), (["1", "1"], 20), (["2", "0"], 100)]),
      ])
    #expect(attack(attacked) == nil, "an outsider who counts on the tie finds a contradiction")
    var untied = attacked
    untied.usesTies = false
    #expect(attack(untied) != nil)
  }

  @Test func everyTieHasANameAndASentence() {
    #expect(Set(Tie.all.map(\.name)).count == Tie.all.count)
    #expect(Tie.all.allSatisfy { $0.sentence.hasSuffix(".") && $0.sentence.count > 20 })
  }
}
