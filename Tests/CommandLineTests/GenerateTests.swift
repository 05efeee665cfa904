import Foundation
import TestSupport
import Testing

/// The generator as a researcher sees it.
@Suite struct GenerateTests {
  private let folder: TemporaryFolder
  private let bundle: ExampleBundle

  init() throws {
    folder = try TemporaryFolder()
    bundle = try ExampleBundle.mimicIII.get()
  }

  private func generate(_ out: String, _ arguments: [String]) throws -> Finished {
    try runProgram(
      Project.program("cloister-generator"),
      ["generate", bundle.path, "--trust", bundle.certificate, "--out", folder.path(out)] + arguments)
  }

  @Test func theSamplerRepeatsItselfWithASeed() throws {
    for (name, concurrency) in [("one", "1"), ("two", "7")] {
      let arguments = ["--admissions", "60", "--model", "sampler", "--seed", "5", "--concurrency", concurrency]
      #expect(try generate(name, arguments).status == 0)
    }
    #expect(
      try folder.names("one") == [
        "README.md", "bundle", "croissant.json", "data-dictionary.csv", "journal.sqlite", "report.html", "report.json",
        "run.json", "tables", "templates",
      ])
    for table in try folder.names("one/tables") {
      #expect(try folder.read("one/tables/\(table)") == folder.read("two/tables/\(table)"), "\(table)")
    }
  }

  @Test func whatIsGeneratedCanBeExtractedAgain() throws {
    #expect(try generate("run", ["--admissions", "800", "--model", "sampler", "--seed", "5"]).status == 0)
    let plan = try Project.extractor(
      "plan", "--input", folder.path("run/tables"), "--policy", "\(Project.root)/policies/demo.yaml", "--json")
    #expect(plan.status == 0, "\(plan.errors)")
    #expect(plan.output.contains("\"schema\": \"mimic-iii\""))
  }

  @Test func aServersChoicesReachTheTables() throws {
    let server = try ModelServer.stub("first", "invalid", "foreign", "doubled")
    let finished = try generate(
      "run",
      ["--admissions", "3", "--model", server.url, "--seed", "6", "--concurrency", "1", "--json", "--variant", "full"])
    #expect(finished.status == 0, "\(finished.errors)")
    #expect(finished.output.contains(#""demographics": {"model": 1, "repaired": 2, "sampler": 0, "fallback": 0}"#))
    #expect(finished.output.contains(#""complications": {"model": 3, "repaired": 0, "sampler": 0, "fallback": 0}"#))
    #expect(try folder.text("run/tables/ADMISSIONS.csv").split(separator: "\n").count == 4)
  }

  @Test func aServerOfNonsenseIsReplacedAndSaid() throws {
    let server = try ModelServer.stub("foreign")
    let finished = try generate(
      "run",
      [
        "--admissions", "2", "--model", server.url, "--json", "--seed", "5", "--variant", "base", "--most-refused",
        "100%",
      ])
    #expect(finished.output.contains(#""procedures": {"model": 0, "repaired": 0, "sampler": 0, "fallback": 2}"#))
    #expect(finished.output.contains(#""sent": 31,"#))
  }

  @Test(arguments: [(["--model", "nonsense"], Int32(64)), (["--model", "http://127.0.0.1:1"], Int32(69))])
  func aRunThatFailsLeavesNothing(_ arguments: [String], _ status: Int32) throws {
    let finished = try generate("run", ["--admissions", "2"] + arguments)
    #expect(finished.status == status)
    #expect(finished.errors.contains("hint: "))
    #expect(try folder.names().isEmpty)
  }

  @Test func aRunThatIsStoppedLeavesNothing() throws {
    let server = try ModelServer.stub("slow")
    let stopped = try runProgram(
      "timeout",
      [
        "--signal=INT", "--preserve-status", "--foreground", "3", Project.program("cloister-generator"), "generate",
        bundle.path, "--trust",
        bundle.certificate, "--admissions", "2", "--model", server.url, "--out", folder.path("run"),
      ])
    #expect(stopped.status == 130)
    #expect(!stopped.errors.contains("error"), "\(stopped.errors)")
    #expect(try folder.names().isEmpty)
  }

  @Test func anUntrustedBundleIsRefused() throws {
    let other = try ExampleBundle.mimicIV.get()
    let verify = try Project.generator("verify", bundle.path, "--trust", other.certificate)
    #expect(verify.status == 76)
    #expect(try Project.generator("verify", bundle.path, "--trust", bundle.certificate).status == 0)
    #expect(try Project.generator("verify", folder.path("none"), "--trust", bundle.certificate).status == 66)
    #expect(try Project.generator("verify", bundle.path, "--trust", bundle.key).status == 78)
  }

  @Test func aFolderWithAnythingElseInItIsRefused() throws {
    let changes: [(String, (String) throws -> Void)] = [
      ("file", { try Data("x".utf8).write(to: URL(fileURLWithPath: "\($0)/notes.txt")) }),
      ("folder", { try FileManager.default.createDirectory(atPath: "\($0)/more", withIntermediateDirectories: false) }),
      (
        "link",
        {
          try FileManager.default.removeItem(atPath: "\($0)/review.html")
          try FileManager.default.createSymbolicLink(
            atPath: "\($0)/review.html", withDestinationPath: "\(bundle.path)/review.html")
        }
      ),
      ("removed", { try FileManager.default.removeItem(atPath: "\($0)/ledger-entry.json") }),
      ("case", { try FileManager.default.moveItem(atPath: "\($0)/policy.yaml", toPath: "\($0)/Policy.yaml") }),
    ]
    for (name, change) in changes {
      let copy = folder.path(name)
      try FileManager.default.copyItem(atPath: bundle.path, toPath: copy)
      #expect(try Project.generator("verify", copy, "--trust", bundle.certificate).status == 0)
      try change(copy)
      let verify = try Project.generator("verify", copy, "--trust", bundle.certificate)
      #expect([66, 76].contains(verify.status), "\(name): \(verify.errors)")
    }
  }

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "\(Project.root)/.llm/bin/python3"),
      "skipped: the local model is not installed (scripts/setup llm)"),
    .timeLimit(.minutes(5)))
  func aRealModelFillsAnAdmission() throws {
    let server = try #require(try ModelServer.local())
    let finished = try generate(
      "run", ["--admissions", "1", "--model", server.url, "--concurrency", "1", "--seed", "1", "--json"])
    #expect(finished.status == 0, "\(finished.errors)")
    #expect(finished.output.contains(#""demographics": {"model": "#))
    #expect(!finished.output.contains(#""calls": 0"#))
  }
}
