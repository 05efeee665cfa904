import Foundation
import TestSupport
import Testing

/// One way in which an input, a policy or a key can be wrong.
private struct Mistake: Sendable, CustomTestStringConvertible {
  let name: String
  let status: Int32
  /// What the error must say.
  let says: String
  let make: @Sendable (TemporaryFolder) throws -> Void

  var testDescription: String { name }

  init(_ name: String, _ status: Int32, _ says: String, _ make: @escaping @Sendable (TemporaryFolder) throws -> Void) {
    self.name = name
    self.status = status
    self.says = says
    self.make = make
  }

  /// A mistake that replaces a text in one table.
  static func text(
    _ name: String, _ file: String, _ old: String, _ new: String, says: String
  ) -> Mistake {
    Mistake(name, 65, says) { folder in
      let content = try folder.text("input/\(file)")
      let range = try #require(content.range(of: old))
      try folder.write(content.replacingCharacters(in: range, with: new), to: "input/\(file)")
    }
  }

  static func policy(_ name: String, _ old: String, _ new: String, _ status: Int32 = 78, says: String) -> Mistake {
    Mistake(name, status, says) { folder in
      let content = try folder.text("policy.yaml")
      try folder.write(content.replacingOccurrences(of: old, with: new), to: "policy.yaml")
    }
  }
}

private let mistakes: [Mistake] = [
  .text(
    "missing column", "ADMISSIONS.csv", "ETHNICITY", "RACE",
    says: "ADMISSIONS.csv line 1: the column ethnicity is missing"),
  .text(
    "ragged row", "DIAGNOSES_ICD.csv", "1,3,1003,1,4280", "1,3,1003,1,4280,SECRET",
    says: "DIAGNOSES_ICD.csv line 6: the row has 6 fields"),
  .text(
    "bad date", "ADMISSIONS.csv", "2110-05-17 10:00:00", "2110-02-30 10:00:00",
    says: "ADMISSIONS.csv line 2, column admittime"),
  .text(
    "date of birth in words", "PATIENTS.csv", "1810-01-01 00:00:00", "SECRET", says: "PATIENTS.csv line 2, column dob"),
  .text(
    "birth after admission", "PATIENTS.csv", "1810-01-01", "2150-01-01", says: "ADMISSIONS.csv line 2, column admittime"
  ),
  .text(
    "letters in a number", "ADMISSIONS.csv", "1001,1,1001,", "1001,SECRET,1001,",
    says: "ADMISSIONS.csv line 2, column subject_id"),
  .text(
    "admission twice", "ADMISSIONS.csv", "1002,2,1002,", "1002,2,1001,", says: "ADMISSIONS.csv line 3, column hadm_id"
  ),
  .text("patient twice", "PATIENTS.csv", "\n2,2,F", "\n2,1,F", says: "PATIENTS.csv line 3, column subject_id"),
  .text(
    "unknown patient", "ADMISSIONS.csv", "1002,2,1002,", "1002,77777,1002,",
    says: "ADMISSIONS.csv line 3, column subject_id"),
  .text(
    "unknown admission", "DIAGNOSES_ICD.csv", "1,2,1002,1", "1,2,77777,1",
    says: "DIAGNOSES_ICD.csv line 4, column hadm_id"),
  .text(
    "another patient's diagnosis", "DIAGNOSES_ICD.csv", "1,2,1002,1", "1,3,1002,1",
    says: "DIAGNOSES_ICD.csv line 4, column subject_id"),
  .text(
    "free text as a code", "DIAGNOSES_ICD.csv", "1,2,1002,1,4280", "1,2,1002,1,SECRET",
    says: "DIAGNOSES_ICD.csv line 4, column icd9_code"),
  .text(
    "two main diagnoses", "DIAGNOSES_ICD.csv", "2,2,1002,2", "2,2,1002,1",
    says: "DIAGNOSES_ICD.csv line 5, column seq_num"),
  .text(
    "control character", "ADMISSIONS.csv", "WHITE", "SECRET\u{1B}", says: "ADMISSIONS.csv line 2, column ethnicity"),
  .text(
    "open quote", "ADMISSIONS.csv", "MARRIED", "\"MARRIED", says: "ADMISSIONS.csv line 2: text after a closing quote"),
  .text("neither schema", "PATIENTS.csv", "DOB", "BORN", says: "PATIENTS.csv line 1"),
  Mistake("truncated gzip", 65, "ADMISSIONS.csv.gz: the compressed file ends early") { folder in
    _ = try runProgram("gzip", [folder.path("input/ADMISSIONS.csv")])
    let data = try folder.read("input/ADMISSIONS.csv.gz")
    try folder.write(data.prefix(data.count / 2), to: "input/ADMISSIONS.csv.gz")
  },
  Mistake("empty table", 65, "DIAGNOSES_ICD.csv: the file is empty") { folder in
    try folder.write("", to: "input/DIAGNOSES_ICD.csv")
  },
  Mistake("empty folder", 66, "no PATIENTS.csv") { folder in
    for name in try folder.names("input") { try FileManager.default.removeItem(atPath: folder.path("input/\(name)")) }
  },
  Mistake("no folder", 66, "no such folder") { try FileManager.default.removeItem(atPath: $0.path("input")) },
  Mistake("missing table", 66, "no DIAGNOSES_ICD.csv") { folder in
    try FileManager.default.removeItem(atPath: folder.path("input/DIAGNOSES_ICD.csv"))
  },
  .policy("unknown key", "owner:", "ovner:", says: "policy.yaml line 3, column 1: unknown key"),
  .policy("no such policy version", "cloister-policy: 1", "cloister-policy: 3", says: "line 1, column 18"),
  .policy(
    "approvals", "minimum-patients: 11", "minimum-patients: 11, approvals: 1", 77, says: "approvals"),
  .policy("k larger than the hospital", "minimum-patients: 11", "minimum-patients: 500", 77, says: "500 patients"),
  Mistake("no policy", 66, "policy.yaml") { try FileManager.default.removeItem(atPath: $0.path("policy.yaml")) },
  Mistake("no key", 66, "signer.key.pem") {
    try FileManager.default.removeItem(atPath: $0.path("keys/signer.key.pem"))
  },
  Mistake("key that everyone can read", 78, "other users may read or change this file") { folder in
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.path("keys/signer.key.pem"))
  },
  Mistake("no key in the file", 78, "no private key") { folder in
    try folder.write("SECRET", to: "keys/signer.key.pem")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path("keys/signer.key.pem"))
  },
  Mistake("another's certificate", 78, "does not belong to the certificate of Other") { folder in
    _ = try Project.extractor("keygen", "--name", "Other", "--no-passphrase", "--out", folder.path("other"))
    try folder.write(try folder.read("other/signer.cert.pem"), to: "keys/signer.cert.pem")
    try FileManager.default.removeItem(atPath: folder.path("other"))
  },
  Mistake("output exists", 73, "already exists") { try $0.write("mine", to: "bundle/file") },
]

@Suite struct RefusalTests {
  @Test func withoutAMistakeItWorks() throws {
    let site = try TestSite()
    let folder = site.folder
    #expect(try site.extract().status == 0)
    #expect(
      try folder.names("bundle") == [
        "ledger-entry.json", "manifest.json", "manifest.p7s", "policy.yaml", "review.html", "statistics.json",
      ])
    #expect(try folder.names() == ["bundle", "input", "keys", "policy.yaml"])
  }

  @Test(arguments: mistakes)
  fileprivate func aMistakeIsSaidAndNothingIsLeft(_ mistake: Mistake) throws {
    let site = try TestSite()
    let folder = site.folder
    try mistake.make(folder)
    let before = try folder.names()
    let finished = try site.extract()
    #expect(finished.status == mistake.status, "\(finished.errors)")
    let lines = finished.errors.split(separator: "\n")
    let error = lines.first { $0.hasPrefix("cloister-extractor: error: ") } ?? ""
    #expect(error.contains(mistake.says), "\(finished.errors)")
    #expect(lines.last?.hasPrefix("hint: ") == true)
    #expect(
      !finished.errors.contains("SECRET") && !finished.output.contains("SECRET"), "a cell's content is in the log")
    #expect(finished.output.isEmpty)
    #expect(try folder.names() == before, "output was left behind")
  }

  @Test func wrongArgumentsHaveTheirStatus() throws {
    #expect(try Project.extractor("extract").status == 64)
    #expect(try Project.extractor("unknown").status == 64)
    #expect(try Project.generator("generate", "x").status == 64)
    #expect(try Project.extractor("keygen", "--name", "", "--no-passphrase", "--out", "/nonexistent/x").status == 64)
    #expect(try Project.extractor("keygen", "--name", "A", "--no-passphrase", "--out", "/nonexistent/x").status == 73)
  }

  @Test(arguments: [
    ["cloister-extractor", "keygen"], ["cloister-extractor", "policy", "check"], ["cloister-extractor", "plan"],
    ["cloister-extractor", "extract"], ["cloister-generator", "verify"], ["cloister-generator", "generate"],
  ])
  func everyCommandsHelpHasAnExample(_ command: [String]) throws {
    let help = try runProgram(Project.program(command[0]), command.dropFirst() + ["--help"])
    #expect(help.status == 0)
    #expect(help.output.contains("Example:"))
  }
}
