import Foundation
import TestSupport
import Testing

@Suite struct ScoreTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func generate(_ bundle: ExampleBundle, _ arguments: [String]) throws {
    let finished = try Project.generator(
      ["generate", bundle.path, "--trust", bundle.certificate, "--out", folder.path("run"), "--seed", "5"] + arguments)
    #expect(finished.status == 0, "\(finished.errors)")
  }

  private func scores() throws -> [String: Any] {
    let scored = try Project.generator("score", folder.path("run"), "--json")
    #expect(scored.status == 0, "\(scored.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(scored.output.utf8)) as? [String: Any])
  }

  private func faults(_ scores: [String: Any]) -> [String] {
    ((scores["validity"] as? [String: Any])?["kinds"] as? [String: Int] ?? [:]).keys.sorted()
  }

  @Test(arguments: ["iii", "iv"]) func theSamplerIsValidAndNearItsBundle(_ schema: String) throws {
    try generate(
      try (schema == "iii" ? ExampleBundle.mimicIII : ExampleBundle.mimicIV).get(),
      ["--admissions", "1500", "--model", "sampler"])
    let scores = try scores()
    #expect(faults(scores).isEmpty)
    #expect((scores["contradictions"] as? [String: Int])?["found"] == 0)
    let tables = try #require(scores["tables"] as? [[String: Any]])
    #expect(tables.count > 15)
    for table in tables {
      let found = try #require(table["ks"] as? Double)
      let perfect = try #require((table["perfect-sample"] as? [String: Double])?["ks"])
      // The draws are spread evenly, so they are no farther from the bundle's counts than independent draws would be.
      // The limit leaves a little room for rounding.
      #expect(found < perfect * 1.6 + 0.006, "\(table["name"] ?? ""): \(found), \(perfect)")
      if table["name"] as? String == "gender x age-band" { #expect(table["coverage"] as? Double == 1) }
      if table["name"] as? String == "diagnosis" { #expect(table["prevalence-r2"] as? Double ?? 0 > 0.99) }
    }
    #expect(tables.allSatisfy { $0["as-close-as-chance-allows"] as? Bool == true })
    let verdict = "all \(tables.count) tables are as close to the bundle as chance allows"
    #expect((scores["verdict"] as? [String])?.first == verdict)
    let page = try folder.text("run/score.html")
    let verdictAt = try #require(page.range(of: verdict.dropFirst()))
    let factsAt = try #require(page.range(of: "<dl>"))
    #expect(verdictAt.lowerBound < factsAt.lowerBound && page.contains("<a href=\"report.html\">"))
    #expect(try folder.text("run/report.html").contains("no model has answered a question"))
  }

  /// A model that always takes the first candidates reaches the same margins.
  @Test func aBadModelInCalibratedIsAsNear() throws {
    let server = try ModelServer.stub("first")
    try generate(
      try ExampleBundle.mimicIII.get(), ["--admissions", "64", "--model", server.url, "--concurrency", "16"])
    let bad = try scores()
    try FileManager.default.moveItem(atPath: folder.path("run"), toPath: folder.path("bad"))
    try generate(try ExampleBundle.mimicIII.get(), ["--admissions", "64", "--model", "sampler"])
    let good = try scores()
    func diagnoses(_ scores: [String: Any]) -> Double? {
      (scores["tables"] as? [[String: Any]])?.first { $0["name"] as? String == "diagnosis" }?["ks"] as? Double
    }
    #expect(diagnoses(bad) != nil && diagnoses(bad) == diagnoses(good))
    #expect(faults(bad).isEmpty)
  }

  @Test func faultsOfTablesAreFound() throws {
    try generate(try ExampleBundle.mimicIII.get(), ["--admissions", "40", "--model", "sampler"])
    let changes: [(String, String, (String) -> String)] = [
      (
        "PATIENTS.csv", "PATIENTS.csv: subject_id appears twice",
        { $0 + ($0.split(separator: "\n").last.map(String.init) ?? "") + "\n" }
      ),
      (
        "DIAGNOSES_ICD.csv", "DIAGNOSES_ICD.csv: icd9_code",
        { $0.replacingOccurrences(of: ",1,([0-9V]+)\n", with: ",1,99999\n", options: .regularExpression) }
      ),
      (
        "ADMISSIONS.csv", "ADMISSIONS.csv: admittime",
        { $0.replacingOccurrences(of: "(1,900000001,910000001),[0-9-]+", with: "$1,soon", options: .regularExpression) }
      ),
      (
        "PRESCRIPTIONS.csv", "PRESCRIPTIONS.csv: hadm_id is not an admission",
        { $0.replacingOccurrences(of: ",910000001,", with: ",123,") }
      ),
    ]
    for (table, fault, change) in changes {
      let path = "run/tables/\(table)"
      let whole = try folder.text(path)
      #expect(change(whole) != whole, "\(table)")
      try Data(change(whole).utf8).write(to: URL(fileURLWithPath: folder.path(path)))
      let found = faults(try scores())
      #expect(found.contains(fault), "\(fault)")
      #expect(found.contains("\(table): the file is not the one that the run wrote"))
      try Data(whole.utf8).write(to: URL(fileURLWithPath: folder.path(path)))
    }
    #expect(faults(try scores()).isEmpty)
    // A change that breaks no rule is found, too, and undone by replay.
    let patients = try folder.text("run/tables/PATIENTS.csv")
    try folder.write(patients.replacingOccurrences(of: ",F,", with: ",M,"), to: "run/tables/PATIENTS.csv")
    let scored = try Project.generator("score", folder.path("run"))
    #expect(scored.output.hasPrefix("the tables have faults"), "\(scored.output)")
    let replayed = try Project.generator("replay", folder.path("run"))
    #expect(replayed.errors.contains("these files had been changed and were written again: PATIENTS.csv"))
    #expect(replayed.errors.contains("the tables are those of the run, byte for byte"))
    #expect(try folder.text("run/tables/PATIENTS.csv") == patients)
  }
}

/// Tools for MIMIC work on the tables: the tables load into PostgreSQL with the documented column types, keys and
/// references.
@Suite struct PostgresTests {
  private static let isThere = ((try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? [])
    .contains { FileManager.default.isExecutableFile(atPath: "/usr/lib/postgresql/\($0)/bin/initdb") }

  @Test(.enabled(if: isThere, "skipped: PostgreSQL is not installed (scripts/setup postgresql)"))
  func theTablesLoadWithTypesKeysAndReferences() throws {
    let folder = try TemporaryFolder()
    let bundle = try ExampleBundle.mimicIII.get()
    let run = try Project.generator(
      "generate", bundle.path, "--trust", bundle.certificate, "--out", folder.path("run"), "--seed", "5",
      "--admissions",
      "1500", "--model", "sampler")
    #expect(run.status == 0, "\(run.errors)")
    let loaded = try runProgram(
      "python3", ["\(Project.root)/Tests/Support/load_postgres.py", folder.path("run/tables")])
    #expect(loaded.status == 0, "\(loaded.errors)")
    let results = try #require(
      try JSONSerialization.jsonObject(with: Data(loaded.output.utf8)) as? [String: String])
    #expect(results["admissions"] == "1500")
    for fault in ["deaths-that-disagree", "stays-that-overlap", "events-outside-of-their-stay"] {
      #expect(results[fault] == "0", "\(fault)")
    }
    #expect(results["charlson"].flatMap(Double.init) ?? 0 > 0.5)
    #expect(results["elixhauser"].flatMap(Int.init) ?? 0 > 500)
    #expect(results["mortality-by-age"].flatMap(Int.init) ?? 0 > 4)
  }
}
