import Foundation
import TestSupport
import Testing

/// Checks the sandbox from inside and from outside.
@Suite struct SandboxTests {
  private let site: TestSite
  private var folder: TemporaryFolder { site.folder }
  private var input: String { site.input }

  init() throws { site = try TestSite() }

  @Test func whatItMustRefuseIsRefusedOnEveryThread() throws {
    let trial = try Project.extractor("sandbox-test", "--input", input, "--out", folder.path("trial"))
    #expect(trial.status == 0, "\(trial.errors)")
    let lines = trial.output.split(separator: "\n")
    #expect(lines.count == 30)
    #expect(lines.allSatisfy { $0.hasPrefix("refused: ") })
    for what in [
      "TCP socket", "connecting a socket", "writing to a table in the input", "outside the input", "a program",
    ] {
      #expect(lines.filter { $0.contains(what) }.count >= 2, "\(what)")
    }
    #expect(try folder.names("input") == ["ADMISSIONS.csv", "DIAGNOSES_ICD.csv", "PATIENTS.csv"])
  }

  /// The kernel reports the restrictions in force: `Seccomp: 2` means that a filter is active, `NoNewPrivs: 1` that the
  /// process can get no new privileges.
  @Test func aRunIsInItBeforeItReads() throws {
    let pipe = try runProgram("mkfifo", [folder.path("input/PROCEDURES_ICD.csv")])
    try #require(pipe.status == 0)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Project.program("cloister-extractor"))
    let policy = try folder.write(SmallHospital.policy + "  - table: [procedure]\n", to: "policy.yaml")
    process.arguments = ["plan", "--input", input, "--policy", policy]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    // The program waits for somebody to write into the pipe.
    var status = ""
    for _ in 0..<200 where !status.contains("Seccomp:\t2") {
      Thread.sleep(forTimeInterval: 0.02)
      status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
    }
    #expect(status.contains("NoNewPrivs:\t1"))
    #expect(status.contains("Seccomp:\t2"))
  }

  @Test func withoutItTheManifestSaysSo() throws {
    let loud = try site.extract("without", ["--no-sandbox"])
    #expect(loud.status == 0)
    #expect(loud.errors.contains("warning: no sandbox"))
    #expect(try folder.text("without/manifest.json").contains(#""sandbox": "none""#))
    #expect(try site.extract("with").status == 0)
    #expect(try folder.text("with/manifest.json").contains(#""sandbox": "landlock, seccomp""#))
  }

  @Test func aLinkedTableIsRead() throws {
    try FileManager.default.moveItem(atPath: folder.path("input/PATIENTS.csv"), toPath: folder.path("elsewhere.csv"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("input/PATIENTS.csv"), withDestinationPath: folder.path("elsewhere.csv"))
    let policy = try folder.write(SmallHospital.policy, to: "policy.yaml")
    let plan = try Project.extractor("plan", "--input", input, "--policy", policy)
    #expect(plan.status == 0, "\(plan.errors)")
  }
}
