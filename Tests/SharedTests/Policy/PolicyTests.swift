import Foundation
import Shared
import TestSupport
import Testing

@Suite struct PolicyTests {
  private static let whole = """
    cloister-policy: 1
    title: T
    owner: O
    cohort: {minimum-age: 18, exclude-admission-types: [NEWBORN]}
    protection:
      minimum-patients: 11
      round-to: 5
      approvals: 2
      zero-cells: publish
    release:
      - table: [main-diagnosis, died-in-hospital]
        top: 100
    """

  private func parse(_ text: String) throws -> Policy { try Policy(parsing: Array(text.utf8), file: "p.yaml") }

  @Test func everyKeyIsRead() throws {
    let policy = try parse(Self.whole)
    #expect(policy.cohort.minimumAge == 18)
    #expect(policy.cohort.excludedAdmissionTypes == ["NEWBORN"])
    #expect(policy.protection.minimumPatients == 11)
    #expect(policy.protection.roundTo == 5)
    #expect(policy.protection.publishesZeroCells)
    #expect(policy.protection.topCodeAge == 90)
    #expect(policy.release.map(\.attributes) == [[.mainDiagnosis, .diedInHospital]])
    #expect(policy.release.first?.top == 100)
    #expect(policy.bytes == Array(Self.whole.utf8))
  }

  private static let withLab = whole + "\n  - table: [lab]\nlab-bins:\n  - {item: 50912, edges: [1.2, 4]}\n"

  @Test func labBinsAreRead() throws {
    let bins = try parse(Self.withLab).labBins
    #expect(bins.map(\.item) == [50912])
    #expect(bins.first?.edges == ["1.2", "4"])
    #expect(try parse(Self.whole).labBins.isEmpty)
  }

  @Test(arguments: [
    ("[1.2, 4]", "[4, 1.2]", "line 15, column 26"), ("[1.2, 4]", "[]", "line 15, column 26"),
    ("[1.2, 4]", "[1.2, high]", "line 15, column 26"), ("item: 50912", "item: x", "line 15, column 12"),
    ("item: 50912, ", "", "line 15, column 5"), ("edges:", "bins:", "line 15, column 19"),
    ("\n  - {item", "\n  - {item: 50912, edges: [1]}\n  - {item", "line 16, column 5"),
    ("  - table: [lab]\n", "", "line 14, column 3"), ("  - {item: 50912, edges: [1.2, 4]}", "  []", "line 15"),
  ])
  func aMistakeInLabBinsIsRefusedWithItsPlace(_ old: String, _ new: String, _ place: String) throws {
    let text = Self.withLab.replacingOccurrences(of: old, with: new)
    try #require(text != Self.withLab)
    let error = #expect(throws: CloisterError.self) { try parse(text) }
    #expect(error?.what.hasPrefix("p.yaml \(place)") == true, "\(error?.what ?? "")")
  }

  private static let withBands = whole + "\nbands:\n  length-of-stay-band: [0, 3, 7]\n  drug-count-band: [0, 1, 5]\n"

  @Test func bandsAreRead() throws {
    let policy = try parse(Self.withBands)
    #expect(policy.bands(of: .lengthOfStayBand)?.map(\.label) == ["0-2", "3-6", "7+"])
    #expect(policy.publicCategories(of: .drugCountBand) == ["0", "1-4", "5+"])
    #expect(policy.bands(of: .procedureCountBand) == Attribute.procedureCountBand.fixedBands)
    #expect(try parse(Self.whole).bands(of: .lengthOfStayBand) == Attribute.lengthOfStayBand.fixedBands)
  }

  @Test(arguments: [
    ("[0, 3, 7]", "[1, 3, 7]"), ("[0, 3, 7]", "[0, 7, 3]"), ("[0, 3, 7]", "[0, 3, 3]"), ("[0, 3, 7]", "[0]"),
    ("[0, 3, 7]", "[0, 3, 10001]"), ("[0, 3, 7]", "[0, 3, x]"), ("[0, 3, 7]", "[0, 03]"), ("[0, 3, 7]", "[0, 3.5]"),
    ("[0, 1, 5]", "[0, 5]"), ("length-of-stay-band", "age-band"), ("length-of-stay-band", "admission-number-band"),
  ])
  func aMistakeInBandsIsRefused(_ old: String, _ new: String) throws {
    let text = Self.withBands.replacingOccurrences(of: old, with: new)
    try #require(text != Self.withBands)
    let error = #expect(throws: CloisterError.self) { try parse(text) }
    #expect(error?.status == .policyOrKeyWrong && error?.what.contains("band") == true, "\(error?.what ?? "")")
  }

  /// One mistake per line: the text to replace, its replacement, and where the error must be.
  @Test(arguments: [
    ("cloister-policy: 1", "cloister-policy: 2", "line 1, column 18"),
    ("title: T", "titel: T", "line 2, column 1"),
    ("title: T\n", "title: T\ntitle: U\n", "line 2, column 1"),
    ("owner: O\n", "", "line 1, column 1"),
    ("minimum-patients: 11", "minimum-patients: 0x0B", "line 6, column 21"),
    ("minimum-patients: 11", "minimum-patients: 5", "line 6, column 21"),
    ("minimum-patients: 11", "minimum-patients: 1", "line 6, column 21"),
    ("minimum-patients: 11", "minimum-patients: -11", "line 6, column 21"),
    ("round-to: 5", "round-to: 7", "line 7, column 13"),
    ("approvals: 2", "approvals: two", "line 8, column 14"),
    ("    top: 100", "    weight: 2", "line 11"),
    ("release:", "categories: {insurance: [A]}\nrelease:", "line 10, column 13"),
    ("zero-cells: publish", "zero-cells: yes", "line 9, column 15"),
    ("zero-cells: publish", "zero-cells: !!str publish", "line 9, column 15"),
    ("zero-cells: publish", "zero-cells: &a publish", "line 9, column 15"),
    ("title: T", "title: *a", "line 2, column 8"),
    ("title: T", "<<: {}", "line 2"),
    ("title: T", "title: \"T\u{200B}\"", "line 2, column 10"),
    // Viewers show these as one line, but for YAML a new one begins.
    ("title: T", "title: T # a\u{2028}x", "line 2, column 13"), ("title: T", "title: T # a\rx: 1", "line 2, column 13"),
    ("title: T", "title: [T]", "line 2, column 8"),
    ("{minimum-age: 18,", "{minimum-age: 18, \"x\\\"\": 'a'', ', b: &c 1,", "line 4"),
    ("- table: [main-diagnosis, died-in-hospital]", "- table: [main-diagnosis, death]", "line 11, column 29"),
    ("- table: [main-diagnosis, died-in-hospital]", "- table: [gender, gender]", "line 11, column 21"),
    ("- table: [main-diagnosis, died-in-hospital]", "- table: [gender]", "line 12, column 10"),
    ("    top: 100", "    top: 0", "line 12, column 10"),
    ("    top: 100", "  - table: [died-in-hospital, main-diagnosis]", "line 12"),
    ("    top: 100", "    top: 100\n---\na: b", "line"),
    ("release:", "release: [}", "line 10"),
  ])
  func aMistakeIsRefusedWithItsPlace(_ old: String, _ new: String, _ place: String) throws {
    let text = Self.whole.replacingOccurrences(of: old, with: new)
    try #require(text != Self.whole)
    let error = #expect(throws: CloisterError.self) { try parse(text) }
    #expect(error?.status == .policyOrKeyWrong)
    #expect(error?.what.hasPrefix("p.yaml \(place)") == true, "\(error?.what ?? "")")
  }

  private static let noisy = """
    cloister-policy: 1
    title: T
    owner: O
    protection:
      minimum-patients: 50
      noise: {epsilon: 2.0, admissions-per-patient: 3, codes-per-admission: 12, budget: 4}
    categories:
      insurance: [Medicare, Private]
      diagnosis: dictionary
    release:
      - table: [diagnosis]
      - table: [insurance, gender]
        weight: 3
      - table: [diagnosis, insurance]
    """

  @Test func noiseIsRead() throws {
    let noise = try #require(try parse(Self.noisy).protection.noise)
    #expect(noise.epsilon.text == "2")
    #expect(noise.budget == Epsilon("4.0"))
    #expect(noise.categories == [.insurance: .listed(["Medicare", "Private"]), .diagnosis: .dictionary])
    #expect(try parse(Self.noisy).release.map(\.weight) == [1, 3, 1])
    #expect(noise.sensitivity(of: [.diagnosis, .gender]) == 36)
  }

  @Test(arguments: [
    ("epsilon: 2.0", "epsilon: 0.0", "line 6, column 20"), ("epsilon: 2.0", "epsilon: nan", "line 6, column 20"),
    ("epsilon: 2.0", "epsilon: 1e3", "line 6, column 20"), ("epsilon: 2.0", "epsilon: 0.0000001", "line 6, column 20"),
    ("epsilon: 2.0", "epsilon: 101", "line 6, column 20"), ("budget: 4", "budget: 1.999999", "line 6, column 85"),
    (", budget: 4", "", "line 6, column 10"), ("  minimum", "  round-to: 5\n  minimum", "line 5, column 13"),
    ("  minimum", "  roll-up-codes: true\n  minimum", "line 5, column 18"),
    ("  minimum", "  zero-cells: publish\n  minimum", "line 5, column 15"),
    ("[Medicare, Private]", "dictionary", "line 8, column 14"), ("[Medicare, Private]", "[A, A]", "line 8, column 14"),
    ("[Medicare, Private]", "[A, other]", "line 8, column 14"), ("  diagnosis: dictionary\n", "", "line 10"),
    ("  - table: [diagnosis]\n", "", "line 11"), ("[insurance, gender]", "[language]", "line 11"),
    ("codes-per-admission: 12", "codes-per-admission: 1000, approvals: 1", "line 6"),
    (
      "admissions-per-patient: 3, codes-per-admission: 12", "admissions-per-patient: 1000, codes-per-admission: 1000",
      ""
    ),
    ("insurance: [", "gender: [", "line 8, column 3"),
  ])
  func aMistakeInNoiseIsRefusedWithItsPlace(_ old: String, _ new: String, _ place: String) throws {
    var text = Self.noisy.replacingOccurrences(of: old, with: new)
    try #require(text != Self.noisy)
    if place.isEmpty { text += "\n  - table: [diagnosis, gender, drug]" }
    let error = #expect(throws: CloisterError.self) { try parse(text) }
    #expect(error?.what.hasPrefix("p.yaml \(place)") == true, "\(error?.what ?? "")")
  }

  @Test(arguments: [("2", 2_000_000), ("0.25", 250_000), ("0.000001", 1), ("100", 100_000_000)])
  func anEpsilonIsExact(_ text: String, _ millionths: Int) throws {
    let epsilon = try #require(Epsilon(text))
    #expect(epsilon.millionths == millionths)
    #expect(epsilon.text == text)
  }

  @Test func smallKNeedsAReason() throws {
    let small = Self.whole.replacingOccurrences(of: "minimum-patients: 11", with: "minimum-patients: 5")
    _ = try parse(
      small.replacingOccurrences(of: "  round-to", with: "  low-k-reason: public demonstration data\n  round-to"))
    #expect(throws: CloisterError.self) { try parse(small) }
  }

  @Test func anApostropheOrAnAmpersandInTextIsFine() throws {
    let text = Self.whole.replacingOccurrences(
      of: "title: T", with: "title: Smith & Sons' policy # it's *ours*, & more")
    #expect(try parse(text).title == "Smith & Sons' policy")
  }

  @Test(arguments: [
    ("cms-k11.yaml", 11), ("demo.yaml", 11), ("laboratory.yaml", 11), ("round-to-5.yaml", 8),
    ("differential-privacy.yaml", 50),
  ]) func theShippedPoliciesAreRight(_ name: String, _ minimum: Int)
    throws
  {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(Project.root)/policies/\(name)"))
    let policy = try Policy(parsing: Array(bytes), file: name)
    #expect(policy.protection.minimumPatients == minimum)
  }

  @Test func onlyTheSchemaAndThePolicyMakeCategoriesPublic() throws {
    let policy = try parse(Self.whole)
    #expect(policy.publicCategories(of: .gender) == ["F", "M"])
    #expect(policy.publicCategories(of: .ageBand)?.last == "90+")
    #expect(policy.publicCategories(of: .ethnicity) == nil)
    #expect(policy.publicCategories(of: .diagnosis) == nil)
  }

  @Test(arguments: [
    ["[procedure, drug]", "[diagnosis, drug]", "[diagnosis, procedure]"], ["[diagnosis, procedure, drug]"],
    ["[procedure, drug]", "[drug, gender, diagnosis]", "[diagnosis, cpt]", "[cpt, procedure]"],
    ["[diagnosis, procedure]", "[procedure, gender, diagnosis]"],
    ["[phenotype]", "[main-diagnosis, gender]"],
    ["[main-diagnosis, diagnosis-count-band]", "[diagnosis, gender]"],
  ])
  func tablesThatTheAttackDoesNotModelAreRefused(_ tables: [String]) throws {
    let error = #expect(throws: CloisterError.self) { try Policy.test(["[gender]"] + tables) }
    #expect(error?.status == .policyOrKeyWrong)
    #expect(error?.what.contains(tables[tables.count - 1]) == true, "\(error?.what ?? "")")
    #expect(error?.what.contains("line 6") == true || error?.what.contains("line 7") == true)
  }

  @Test func tablesOfTwoKindsOfCodesMayShareOneKind() throws {
    _ = try Policy.test(["[diagnosis, procedure]", "[procedure, cpt]", "[diagnosis, drug, gender]"])
  }

  @Test func everyMistakeIsReportedAtOnce() throws {
    let wrong = """
      cloister-policy: 1
      titel: T
      owner: [O]
      cohort: {minimum-age: x}
      protection:
        minimum-patients: 5
        round-to: 7
      release:
        - table: [gendr, age-band]
        - table: [age-band, age-band]
        - table: [gender]
          top: 5
      lab-bins:
        - {item: 50912, edges: [4, 1]}
      """
    let faults = #expect(throws: PolicyFaults.self) { try Policy(reading: Array(wrong.utf8)) }
    let found = try #require(faults).all.map { "\($0.place.line), \($0.place.column): \($0.reason)" }
    let expected = [
      "2, 1: unknown key in the policy; did you mean title?", "3, 8: owner must be text",
      "4, 23: minimum-age must be a whole number from 0 to 89", "6, 21: minimum-patients is under 11, which",
      "7, 13: round-to must be 5 or none", "9, 13: table names an unknown attribute; did you mean gender?",
      "10, 23: table names an attribute twice", "12, 10: top needs an attribute of codes",
      "14, 26: edges must be 1 to 20 increasing",
    ]
    #expect(found.count == expected.count && zip(found, expected).allSatisfy { $0.hasPrefix($1) }, "\(found)")
  }

  /// The consequences of a mistake are not reported as further mistakes.
  @Test(arguments: [
    ("protection:\n  minimum-patients: 11\n  round-to: 5\n  approvals: 2\n  zero-cells: publish\n", ""),
    ("minimum-patients: 11", "minimum-patients: none"), ("- table: [main-diagnosis", "- table: [[main-diagnosis]"),
    ("release:", "lab-bins: [{item: 1, edges: [2]}]\nrelease:\n  - table: [labb]"),
  ])
  func oneMistakeIsReportedOnce(_ old: String, _ new: String) throws {
    let text = Self.whole.replacingOccurrences(of: old, with: new)
    try #require(text != Self.whole)
    let faults = #expect(throws: PolicyFaults.self) { try Policy(reading: Array(text.utf8)) }
    #expect(faults?.all.count == 1, "\(faults?.all ?? [])")
  }

  @Test func aFileFromWindowsIsRead() throws {
    let text = "\u{FEFF}" + Self.whole.replacingOccurrences(of: "\n", with: "\r\n")
    let policy = try parse(text)
    #expect(policy.title == "T" && policy.release.count == 1)
    #expect(policy.bytes == Array(text.utf8))
    #expect(policy.remarks.map(\.place.line) == [9])
  }

  @Test func aTabIsCalledATab() throws {
    let error = #expect(throws: CloisterError.self) {
      try parse(Self.whole.replacingOccurrences(of: "  round-to", with: "\tround-to"))
    }
    #expect(error?.what == "p.yaml line 7, column 1: contains a tab; use spaces instead")
  }
}
