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
    let process = try waitingExtract()
    defer {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let status = try statusInSandbox(of: process)
    #expect(status.contains("NoNewPrivs:\t1"))
    #expect(status.contains("Seccomp:\t2"))
  }

  /// An extraction that reads for many seconds: its compressed table repeats the same rows again and again.
  private func waitingExtract() throws -> Process {
    func compressed(_ text: String) throws -> Data {
      try folder.write(text, to: "part")
      try #require(try runProgram("gzip", ["-f", "-n", folder.path("part")]).status == 0)
      return try folder.read("part.gz")
    }
    let header = try compressed("ROW_ID,SUBJECT_ID,HADM_ID,ICD9_CODE\n")
    let rows = try compressed(String(repeating: "1,1,1001,0331\n", count: 500_000))
    let table = (0..<2000).reduce(into: header) { table, _ in table += rows }
    try folder.write(table, to: "input/PROCEDURES_ICD.csv.gz")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Project.program("cloister-extractor"))
    let policy = try folder.write(SmallHospital.policy + "  - table: [procedure]\n", to: "policy.yaml")
    process.arguments =
      [
        "extract", "--input", input, "--policy", policy, "--out", folder.path("bundle"), "--key", site.key, "--cert",
        site.certificate,
      ]
    process.standardOutput = FileHandle.nullDevice
    try folder.write("", to: "errors")
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("errors")))
    try process.run()
    return process
  }

  /// What the kernel says about the process once it is in its sandbox.
  private func statusInSandbox(of process: Process) throws -> String {
    var status = ""
    for _ in 0..<200 where !status.contains("Seccomp:\t2") {
      Thread.sleep(forTimeInterval: 0.02)
      status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
    }
    return status
  }

  /// A backtrace or a core file would show registers and memory, in which there are counts.
  @Test(arguments: [SIGSEGV, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGQUIT, SIGSYS])
  func aCrashTellsNothingAndLeavesNoBundle(_ number: Int32) throws {
    let process = try waitingExtract()
    _ = try statusInSandbox(of: process)
    let limits = try String(contentsOfFile: "/proc/\(process.processIdentifier)/limits", encoding: .utf8)
    #expect(limits.contains(#/Max core file size +0 +0/#))
    kill(process.processIdentifier, number)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    #expect(process.terminationStatus == number)
    #expect(try folder.text("errors").split(separator: "\n").allSatisfy { $0.hasPrefix("note:") })
    #expect(!FileManager.default.fileExists(atPath: folder.path("bundle")))
  }

  /// Old container engines forbid threads: a command must go on with one, or say why it can't, and leave nothing.
  @Test func withoutThreadsNothingHangs() throws {
    func alone(_ program: String, _ arguments: String...) throws -> Finished {
      try runProgram(
        "timeout",
        ["60", "python3", "\(Project.root)/Tests/Support/without_threads.py", Project.program(program)] + arguments)
    }
    let policy = site.policy
    #expect(try alone("cloister-extractor", "plan", "--input", input, "--policy", policy).status == 0)
    let release = try alone(
      "cloister-extractor", "extract", "--input", input, "--policy", policy, "--out", folder.path("bundle"), "--key",
      site.key, "--cert", site.certificate)
    #expect(release.status == 71 && release.errors.contains("refuses to start a thread"), "\(release.errors)")
    #expect(try !folder.names().contains { $0.hasPrefix("bundle") })
    let verify = try alone("cloister-generator", "verify", folder.path("bundle"), "--trust", site.certificate)
    #expect(verify.status == 71 && verify.errors.contains("refuses to start a thread"), "\(verify.errors)")
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
