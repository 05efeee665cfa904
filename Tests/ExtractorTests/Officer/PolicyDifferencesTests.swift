import Shared
import Testing

@testable import Extractor

@Suite struct PolicyDifferencesTests {
  private static let text = """
    cloister-policy: 1
    title: A
    owner: B
    cohort: {minimum-age: 18}
    protection: {minimum-patients: 20, round-to: none, top-code-age: 80, roll-up-codes: false, zero-cells: withhold,
      approvals: 1}
    release:
      - table: [gender]
      - table: [diagnosis]
        top: 50

    """

  private static let noisy = """
    cloister-policy: 1
    title: A
    owner: B
    protection: {minimum-patients: 20,
      noise: {epsilon: 1.0, budget: 2.0, admissions-per-patient: 3, codes-per-admission: 5}}
    release:
      - table: [gender]

    """

  private func changes(_ text: String, _ old: String, _ new: String) throws -> [PolicyChange] {
    func policy(_ text: String) throws -> Policy { try Policy(parsing: Array(text.utf8), file: "p") }
    #expect(text.contains(old))
    return differences(from: try policy(text), to: try policy(text.replacing(old, with: new)))
  }

  @Test(arguments: [
    ("minimum-patients: 20", "minimum-patients: 11", "patients that a cell needs: was 20, now 11"),
    ("top-code-age: 80", "top-code-age: 90", "age at which the top band starts: was 80, now 90"),
    ("zero-cells: withhold", "zero-cells: publish", "empty cells with public categories are published as 0"),
    ("approvals: 1", "approvals: 0", "people who must approve the policy: was 1, now 0"),
    ("top: 50", "top: 60", "diagnosis: was the 50 most frequent codes, now the 60 most frequent codes"),
    ("    top: 50\n", "", "diagnosis: was the 50 most frequent codes, now all codes"),
    (
      "  - table: [gender]", "  - table: [gender]\n  - table: [gender, age-band]",
      "the table gender x age-band may be published"
    ),
  ]) func whatIsWeakerOneWayIsStrongerTheOther(_ old: String, _ new: String, _ sentence: String) throws {
    #expect(try changes(Self.text, old, new) == [PolicyChange(direction: .weaker, text: sentence)])
    let back = try changes(
      Self.text.replacing(old, with: new), new.isEmpty ? "[diagnosis]\n" : new,
      new.isEmpty ? "[diagnosis]\n    top: 50\n" : old)
    #expect(back.map(\.direction) == [.stronger])
  }

  @Test(arguments: [
    ("round-to: none", "round-to: 5", PolicyChange.Direction.stronger), ("minimum-age: 18", "minimum-age: 0", .other),
    ("roll-up-codes: false", "roll-up-codes: true", .other),
    ("minimum-age: 18", "minimum-age: 18, exclude-admission-types: [NEWBORN]", .other),
  ]) func everyOtherRuleIsCompared(_ old: String, _ new: String, _ direction: PolicyChange.Direction) throws {
    #expect(try changes(Self.text, old, new).map(\.direction) == [direction])
  }

  @Test(arguments: [
    ("epsilon: 1.0", "epsilon: 1.5", PolicyChange.Direction.weaker), ("budget: 2.0", "budget: 1.0", .stronger),
    ("admissions-per-patient: 3", "admissions-per-patient: 4", .other),
    ("codes-per-admission: 5", "codes-per-admission: 4", .other),
  ]) func noiseIsCompared(_ old: String, _ new: String, _ direction: PolicyChange.Direction) throws {
    #expect(try changes(Self.noisy, old, new).map(\.direction) == [direction])
  }

  @Test func titlesAndCommentsAreNoDifference() throws {
    #expect(try changes(Self.text, "title: A", "title: C # new") == [])
  }
}
