import Foundation
import Shared
import TestSupport
import Testing

/// Compares policies/policy.schema.json, which editors use to complete and check policies, with the parser, which has
/// the last word.
@Suite struct PolicySchemaTests {
  private struct Verdict: Decodable {
    let allowed: Bool
    let what: String
  }

  private static let schema = "\(Project.root)/policies/policy.schema.json"

  @Test func theParserRefusesWhatTheSchemaRefuses() throws {
    let folder = try TemporaryFolder()
    let made = try runProgram("python3", ["\(Project.root)/Tests/Support/vary_policies.py", Self.schema, folder.path])
    try #require(made.status == 0, "\(made.errors)")
    let verdicts = try JSONDecoder().decode([Verdict].self, from: Data(made.output.utf8))
    #expect(verdicts.count > 300)
    #expect(verdicts.filter(\.allowed).count > 50)
    var stricter: [String] = []
    for (number, verdict) in verdicts.enumerated() {
      let bytes = Array(try folder.read("\(number).yaml"))
      let isRead = (try? Policy(parsing: bytes, file: "p")) != nil
      if isRead { #expect(verdict.allowed, "the parser accepts what the schema refuses: \(verdict.what)") }
      if verdict.allowed, !isRead { stricter.append(verdict.what) }
    }
    // Only the parser sees mistakes that involve more than one place, such as a table that appears twice.
    #expect(stricter.count < verdicts.filter(\.allowed).count / 2, "\(stricter)")
  }

  @Test func thePoliciesThatAreShippedFitTheSchema() throws {
    let script = """
      import json, sys, yaml, jsonschema
      schema = json.load(open(sys.argv[1]))
      for path in sys.argv[2:]:
          jsonschema.validate(yaml.safe_load(open(path)), schema)
      """
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(Project.root)/policies").filter {
      $0.hasSuffix(".yaml")
    }
    #expect(names.count >= 5)
    let checked = try runProgram(
      "python3", ["-c", script, Self.schema] + names.map { "\(Project.root)/policies/\($0)" })
    #expect(checked.status == 0, "\(checked.errors)")
  }

  @Test func remarksHaveTheirPlace() throws {
    let text = """
      cloister-policy: 1
      title: T
      owner: O
      cohort: {minimum-age: 0}
      protection:
        minimum-patients: 5
        low-k-reason: for a test and nobody else
        zero-cells: publish
        approvals: 0
      release:
        - table: [main-diagnosis, diagnosis]
        - table: [gender]
      """
    let remarks = try Policy(parsing: Array(text.utf8), file: "p").remarks
    #expect(remarks.map { [$0.place.line, $0.place.column] } == [[4, 23], [6, 21], [8, 15], [9, 14], [11, 5]])
  }
}
