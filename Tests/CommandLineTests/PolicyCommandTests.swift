import Foundation
import Shared
import TestSupport
import Testing

/// Policies as an officer writes, checks and approves them.
@Suite struct PolicyCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func new(_ answers: [String]) throws -> Finished {
    try Project.extractor(
      ["policy", "new", folder.path("new.yaml")], input: answers.map { "\($0)\n" }.joined())
  }

  @Test(arguments: [("1", 10), ("2", 22), ("3", 24), ("", 24)])
  func sixAnswersMakeAPolicy(_ scope: String, _ tables: Int) throws {
    let made = try new(["Our \"first\" \\ policy: # 1", " Privacy Office ", "", "", scope, "0"])
    #expect(made.status == 0, "\(made.errors)")
    let policy = try Policy(parsing: Array(try folder.text("new.yaml").utf8), file: "new.yaml")
    #expect(policy.title == "Our \"first\" \\ policy: # 1" && policy.owner == "Privacy Office")
    #expect(policy.protection.minimumPatients == 11 && policy.protection.approvals == 0)
    #expect(policy.cohort.minimumAge == 18 && policy.release.count == tables)
    #expect(policy.protection.rollsUpCodes)
    #expect(try new(["x"]).status == 73)
  }

  @Test func aWrongAnswerIsAskedAgain() throws {
    let made = try new([
      "", "T", "O", "none", "1", "5", "short", "A public demonstration.", "90", "17", "4", "1", "12", "1",
    ])
    #expect(made.status == 0, "\(made.errors)")
    let policy = try Policy(parsing: Array(try folder.text("new.yaml").utf8), file: "new.yaml")
    #expect(policy.protection.minimumPatients == 5 && policy.protection.lowKReason == "A public demonstration.")
    #expect(policy.cohort.minimumAge == 17 && policy.protection.approvals == 1)
  }

  @Test func withoutAllAnswersNothingIsWritten() throws {
    let made = try new(["T", "O"])
    #expect(made.status == 64 && made.errors.contains("nothing was written"))
    #expect(try folder.names().isEmpty)
  }

  @Test func checkShowsEveryMistakeForPeopleAndScripts() throws {
    let wrong = try folder.write(
      SmallHospital.policy.replacingOccurrences(of: "title", with: "titel")
        .replacingOccurrences(of: "patients: 11", with: "patients: x"), to: "wrong.yaml")
    let checked = try Project.extractor("policy", "check", wrong)
    #expect(checked.status == 78)
    #expect(checked.errors.contains("did you mean title?") && checked.errors.contains("2 mistakes, shown above"))
    #expect(checked.errors.contains("minimum-patients must be a whole number"))
    struct Report: Decodable {
      struct Line: Decodable { let line: Int, column: Int, text: String }
      let valid: Bool
      let mistakes: [Line], remarks: [Line]
    }
    let json = try Project.extractor("policy", "check", wrong, "--json")
    #expect(json.status == 78)
    let report = try JSONDecoder().decode(Report.self, from: Data(json.output.utf8))
    #expect(!report.valid && report.mistakes.count == 2 && report.mistakes.allSatisfy { $0.line > 1 })
    let right = try Project.extractor("policy", "check", "\(Project.root)/policies/cms-k11.yaml", "--json")
    #expect(right.status == 0)
    let valid = try JSONDecoder().decode(Report.self, from: Data(right.output.utf8))
    #expect(valid.valid && valid.mistakes.isEmpty && valid.remarks.count == 1)
  }

  @Test(arguments: [("yes\n", 0), ("Yes\n", 0), ("no\n", 64), ("\n", 64), ("", 64)])
  func approveShowsTheRulesAndAsks(_ typed: String, _ status: Int32) throws {
    let site = try TestSite()
    let approve = try Project.extractor(
      ["policy", "approve", site.policy, "--key", site.key, "--cert", site.certificate], input: typed)
    #expect(approve.status == status, "\(approve.errors)")
    #expect(approve.output.contains("A cell is published only if it covers at least 11 different patients"))
    #expect(try site.folder.names().contains("policy.yaml.p7s") == (status == 0))
  }
}
