import Foundation
import TestSupport
import Testing

/// Runs that are stopped, killed, limited, replayed, explained or audited, or whose questions are answered through
/// files.
@Suite struct RunTests {
  private let folder: TemporaryFolder
  private let bundle: ExampleBundle

  init() throws {
    folder = try TemporaryFolder()
    bundle = try ExampleBundle.mimicIII.get()
  }

  private func generate(_ out: String, _ arguments: [String]) throws -> Finished {
    try Project.generator(
      ["generate", bundle.path, "--trust", bundle.certificate, "--out", folder.path(out)] + arguments)
  }

  private func expectSameTables(_ one: String, _ other: String) throws {
    let names = try folder.names("\(one)/tables")
    #expect(try folder.names("\(other)/tables") == names)
    for name in names {
      #expect(try folder.read("\(one)/tables/\(name)") == folder.read("\(other)/tables/\(name)"), "\(name)")
    }
  }

  /// Kills a run many times while a server misbehaves, and expects the run to be complete at the end: every admission
  /// once, no question asked again after its answer was stored, and the same tables as an undisturbed replay.
  @Test(.timeLimit(.minutes(10))) func aRunSurvivesKillsAndFaults() throws {
    let kills = ProcessInfo.processInfo.environment["CLOISTER_KILLS"].flatMap(Int.init) ?? 8
    let server = try ModelServer.faulty(seed: 7, log: folder.path("log"))
    var lots = RepeatableRandom(seed: 11)
    let admissions = 12 + 5 * kills
    var resume: [String] = [
      "generate", bundle.path, "--trust", bundle.certificate, "--out", folder.path("run"), "--admissions",
      "\(admissions)", "--model", server.url, "--seed", "3", "--variant", "full",
    ]
    let session = ["--concurrency", "4", "--timeout", "0.5"]
    var killed = 0
    while killed < kills {
      let milliseconds = 150 + Int(lots.next() % 500)
      let end = try runProgram(
        "timeout",
        ["--signal=KILL", "\(Double(milliseconds) / 1000)", Project.program("cloister-generator")] + resume + session)
      if FileManager.default.fileExists(atPath: folder.path("run")) { resume = ["resume", folder.path("run")] }
      if end.status == 0 { break }
      #expect(end.status == 9 || end.status == 137, "\(end.status): \(end.errors)")
      killed += 1
    }
    #expect(killed == kills, "the run ended before it was killed often enough")
    let last = try Project.generator(resume + session)
    #expect(last.status == 0, "\(last.errors)")
    #expect(try folder.text("run/tables/ADMISSIONS.csv").split(separator: "\n").count == admissions + 1)
    let doubled = try runProgram(
      "python3",
      [
        "-c",
        """
        import sqlite3, sys
        db = sqlite3.connect(sys.argv[1])
        print(db.execute("SELECT count(*) FROM answer JOIN sent USING (admission, step, attempt) "
          "WHERE sent.id > answer.sent").fetchone()[0],
              db.execute("SELECT count(*) FROM admission").fetchone()[0])
        """, folder.path("run/journal.sqlite"),
      ])
    #expect(doubled.output == "0 \(admissions)\n", "\(doubled.errors)")
    try FileManager.default.copyItem(atPath: folder.path("run"), toPath: folder.path("again"))
    #expect(try Project.generator("replay", folder.path("again")).status == 0)
    try expectSameTables("run", "again")
    let audit = try Project.generator("audit", folder.path("run"), "--log", folder.path("egress.jsonl"))
    #expect(audit.status == 0, "\(audit.output)")
    // The egress log has every request that the server received, and may also have some that were recorded but never
    // sent.
    let heard = try folder.text("log").split(separator: "\n").count
    let sent = try folder.text("egress.jsonl").split(separator: "\n").count
    #expect(sent >= heard && sent <= heard + 4 * (killed + 1) + heard / 5, "\(sent) \(heard)")
  }

  @Test func aLimitStopsARunThatGoesOnLater() throws {
    let server = try ModelServer.stub("first")
    let arguments = ["--admissions", "4", "--model", server.url, "--seed", "5"]
    let stopped = try generate("run", arguments + ["--max-requests", "5"])
    #expect(stopped.status == 69, "\(stopped.errors)")
    #expect(stopped.errors.contains("resume RUN --max-requests MORE"))
    let status = try Project.generator("status", folder.path("run"), "--json")
    #expect(status.output.contains(#""sent": 5, "answered": 5"#), "\(status.output)")
    #expect(status.output.contains(#""tables": false"#))
    let early = try Project.generator("replay", folder.path("run"))
    #expect(early.status == 65 && early.errors.contains("no answer yet"))
    #expect(try Project.generator("resume", folder.path("run"), "--json").status == 0)
    #expect(try generate("whole", arguments).status == 0)
    try expectSameTables("run", "whole")
    #expect(try Project.generator("status", folder.path("run")).output.contains("4 of 4 admissions"))
  }

  @Test func aRunIsExplained() throws {
    let server = try ModelServer.stub("first")
    #expect(try generate("run", ["--admissions", "2", "--model", server.url, "--seed", "5"]).status == 0)
    let explained = try Project.generator("explain", folder.path("run"), "--admission", "910000002")
    for part in [
      "# complications", "knowledge from built-in: ", "| # Task", "check: accepted", "gender: ",
      "main-diagnosis x diagnosis: ",
    ] {
      #expect(explained.output.contains(part), "\(part)")
    }
    #expect(try Project.generator("explain", folder.path("run"), "--admission", "7").status == 64)
    #expect(try Project.generator("explain", folder.path("none"), "--admission", "7").status == 66)
  }

  @Test func bytesThatDeriveFromNothingAreFound() throws {
    let server = try ModelServer.stub("first")
    #expect(try generate("run", ["--admissions", "2", "--model", server.url, "--seed", "5"]).status == 0)
    for change in [
      "UPDATE sent SET sha256 = 'x' WHERE id = 1", "UPDATE sent SET step = 'stay' WHERE id = 2",
      "UPDATE knowledge SET content = 'patient 42'",
    ] {
      try? FileManager.default.removeItem(atPath: folder.path("copy"))
      try FileManager.default.copyItem(atPath: folder.path("run"), toPath: folder.path("copy"))
      #expect(try Project.generator("audit", folder.path("copy")).status == 0)
      _ = try runProgram(
        "python3",
        [
          "-c", "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()",
          folder.path("copy/journal.sqlite"), change,
        ])
      let audit = try Project.generator("audit", folder.path("copy"))
      #expect(audit.status == 70 && audit.output.contains("NOT DERIVED"), "\(change)")
    }
  }

  /// The key goes to the server and nowhere else.
  @Test func theKeyIsNeverKept() throws {
    let server = try ModelServer.stub("first")
    let finished = try runProgram(
      Project.program("cloister-generator"),
      [
        "generate", bundle.path, "--trust", bundle.certificate, "--out", folder.path("run"), "--admissions", "2",
        "--model", server.url,
      ], environment: ["CLOISTER_API_KEY": "sk-very-secret"])
    #expect(finished.status == 0)
    #expect(!(finished.errors + finished.output).contains("very-secret"))
    #expect(try runProgram("grep", ["-r", "very-secret", folder.path("run")]).status == 1)
  }

  @Test func aCertificateThatNobodySignedIsRefused() throws {
    let server = try ModelServer.stubWithTLS("first")
    let finished = try generate("run", ["--admissions", "1", "--model", server.url, "--patience", "1"])
    #expect(finished.status == 69, "\(finished.errors)")
    #expect(try !folder.names().contains("run"))
  }

  /// Exporting and importing a batch step by step gives the same tables as a server's answers, even if the results come
  /// in a different order and with duplicates and errors.
  @Test func aRunIsAskedByFiles() throws {
    let arguments = ["--admissions", "6", "--seed", "5", "--variant", "full", "--model-name", "m"]
    #expect(try generate("run", arguments + ["--model", "batch"]).status == 0)
    #expect(try Project.generator("resume", folder.path("run")).status == 64)
    let server = try ModelServer.stub("first")
    for round in 1...40 {
      let export = try Project.generator(
        "batch", "export", folder.path("run"), "--out", folder.path("requests-\(round)"), "--max-requests", "4")
      #expect(export.status == 0, "\(export.errors)")
      guard !export.output.contains("nothing is left") else { break }
      let answered = try runProgram(
        "python3",
        [
          "\(Project.root)/Tests/Support/answer_batch.py", server.url, folder.path("requests-\(round)"),
          folder.path("results-\(round)"), "\(round)",
        ])
      #expect(answered.status == 0, "\(answered.errors)")
      let files = try folder.names("results-\(round)").map { folder.path("results-\(round)/\($0)") }
      let imported = try Project.generator(["batch", "import", folder.path("run")] + files)
      #expect(imported.status == 0, "\(imported.errors)")
      if imported.output.contains("admissions of") { break }
    }
    #expect(try generate("served", arguments + ["--model", server.url]).status == 0)
    try expectSameTables("served", "run")
    #expect(try Project.generator("audit", folder.path("run")).status == 0)
    try folder.write(
      #"{"custom_id": "0/complications/9", "response": {"status_code": 200, "body": {}}}"#, to: "strange")
    let strange = try Project.generator("batch", "import", folder.path("run"), folder.path("strange"))
    #expect(strange.status == 65 && strange.errors.contains("strange line 1"))
  }

  @Test func anotherProgramsRunIsNotTouched() throws {
    let server = try ModelServer.stub("first", "first", "slow")
    let run = Process()
    run.executableURL = URL(fileURLWithPath: Project.program("cloister-generator"))
    run.arguments = [
      "generate", bundle.path, "--trust", bundle.certificate, "--memory", folder.path("memory"), "--out",
      folder.path("run"),
      "--admissions", "3", "--model", server.url, "--concurrency", "1",
    ]
    run.standardError = FileHandle.nullDevice
    try run.run()
    defer { run.terminate() }
    while try Project.generator("status", folder.path("run"), "--json").status != 0 { usleep(50_000) }
    let second = try Project.generator("resume", folder.path("run"))
    #expect(second.status == 73 && second.errors.contains("another program"))
  }

  @Test func ownTextsTemplatesAndDictionariesAreUsed() throws {
    try folder.write("# Own\nicd-9: 0 1 2 3 4 5 6 7 8 9 V E\n\nOnly mine knows.\n", to: "knowledge/own.md")
    let parts = ["Task", "Examples", "Description", "Steps"].map { "# \($0)\nMy own words.\n" }.joined()
    try folder.write(
      parts + "# Retrieval\n{{knowledge}}\n{{candidates}}\n{{patient}}\n{{request}}\n",
      to: "templates/complications.txt")
    try folder.write(
      "\"ROW_ID\",\"ICD9_CODE\",\"SHORT_TITLE\",\"LONG_TITLE\"\n1,\"5990\",\"x\",\"Own title\"\n",
      to: "D_ICD_DIAGNOSES.csv")
    let server = try ModelServer.stub("first")
    let finished = try generate(
      "run",
      [
        "--admissions", "3", "--model", server.url, "--seed", "5", "--variant", "full", "--knowledge",
        folder.path("knowledge"), "--templates", folder.path("templates"), "--dictionary",
        folder.path("D_ICD_DIAGNOSES.csv"), "--most-refused", "100%",
      ])
    #expect(finished.status == 0, "\(finished.errors)")
    let explained = try Project.generator("explain", folder.path("run"), "--admission", "910000001").output
    #expect(explained.contains("Only mine knows.") && explained.contains("My own words."))
    try folder.write("# Task\n", to: "templates/complications.txt")
    let wrong = try generate(
      "wrong", ["--admissions", "1", "--model", server.url, "--templates", folder.path("templates")])
    #expect(wrong.status == 65 && wrong.errors.contains("complications.txt, line 1"))
    #expect(
      try generate("wrong", ["--admissions", "1", "--model", server.url, "--knowledge", folder.path("none")]).status
        == 66)
    #expect(try !folder.names().contains("wrong"))
  }
}
