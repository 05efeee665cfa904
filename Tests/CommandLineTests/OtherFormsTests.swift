import Foundation
import TestSupport
import Testing

/// A run's admissions in other forms, as a researcher makes them.
@Suite struct OtherFormsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func generator(_ arguments: String...) throws -> Finished {
    try runProgram(Project.program("cloister-generator"), arguments)
  }

  private func run(_ bundle: ExampleBundle, _ admissions: Int) throws -> String {
    let path = folder.path("run")
    let finished = try generator(
      "generate", bundle.path, "--trust", bundle.certificate, "--out", path, "--admissions", "\(admissions)",
      "--model", "sampler", "--seed", "3")
    try #require(finished.status == 0, "\(finished.errors)")
    return path
  }

  @Test func aReleaseHasEveryFileThatLoadersExpect() throws {
    let run = try run(try ExampleBundle.mimicIV.get(), 50)
    #expect(try generator("export", run, "--to", "mimic", "--out", folder.path("plain"), "--no-gzip").status == 0)
    #expect(try generator("export", run, "--to", "mimic", "--out", folder.path("release")).status == 0)
    #expect(try folder.names("release/hosp").count == 22)
    #expect(try folder.names("release/icu").count == 9)
    for name in try folder.names("plain/hosp") {
      let unpacked = try runProgram("gunzip", ["-c", folder.path("release/hosp/\(name).gz")])
      #expect(unpacked.output == (try folder.text("plain/hosp/\(name)")), "\(name)")
      #expect(try folder.text("plain/hosp/\(name)") == folder.text("run/tables/hosp/\(name)"), "\(name)")
    }
    let prescriptions = try folder.text("plain/hosp/prescriptions.csv").split(separator: "\n").dropFirst()
    let pharmacy = try folder.text("plain/hosp/pharmacy.csv").split(separator: "\n").dropFirst()
    func orders(_ rows: ArraySlice<Substring>) -> [Substring] { rows.map { $0.split(separator: ",")[2] } }
    #expect(!prescriptions.isEmpty && orders(prescriptions) == orders(pharmacy))
    #expect(try folder.text("release/README.md").contains("synthetic: not for clinical decisions"))
  }

  @Test func resourcesAndRowsReferToEachOther() throws {
    let run = try run(try ExampleBundle.mimicIII.get(), 80)
    for form in ["fhir", "omop"] {
      #expect(try generator("export", run, "--to", form, "--out", folder.path(form)).status == 0)
    }
    let lines = try folder.names("fhir").filter { $0.hasSuffix(".ndjson") }.flatMap {
      try folder.text("fhir/\($0)").split(separator: "\n")
    }
    let ids = Set(
      lines.compactMap { $0.firstMatch(of: /"resourceType": "(\w+)", "id": "([^"]+)"/) }.map { "\($0.1)/\($0.2)" })
    let references = Set(lines.flatMap { $0.matches(of: /"reference": "([^"]+)"/).map { String($0.1) } })
    #expect(ids.count == lines.count && references.isSubset(of: ids))
    #expect(lines.allSatisfy { $0.contains("\"code\": \"HTEST\"") && $0.contains("urn:sha256:") })
    let persons = Set(
      try folder.text("omop/person.csv").split(separator: "\n").dropFirst().map { $0.prefix { $0 != "," } })
    for table in ["visit_occurrence", "condition_occurrence", "drug_exposure", "observation_period"] {
      let rows = try folder.text("omop/\(table).csv").split(separator: "\n").dropFirst()
      #expect(!rows.isEmpty && rows.allSatisfy { persons.contains($0.split(separator: ",")[1]) }, "\(table)")
    }
  }

  @Test func aBundlesTablesBecomeCSV() throws {
    let bundle = try ExampleBundle.mimicIII.get()
    let finished = try generator(
      "export-tables", bundle.path, "--trust", bundle.certificate, "--to", "csv", "--out", folder.path("counts"))
    #expect(finished.status == 0, "\(finished.errors)")
    let statistics = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(filePath: "\(bundle.path)/statistics.json")))
    let tables = try #require((statistics as? [String: Any])?["tables"] as? [[String: Any]])
    #expect(try folder.names("counts").count == tables.count)
    for table in tables {
      let attributes = try #require(table["attributes"] as? [String])
      let rows = try folder.text("counts/\(attributes.joined(separator: "-by-")).csv").split(separator: "\n")
      #expect(rows[0] == Substring((attributes + ["admissions"]).joined(separator: ",")))
      let cells = (table["cells"] as? [Any])?.count ?? 0
      #expect(rows.dropFirst().count { !$0.hasSuffix(",") } == cells, "\(attributes)")
    }
  }

  @Test func whatCannotBeExportedIsRefusedWithoutAFolder() throws {
    let run = try run(try ExampleBundle.mimicIII.get(), 5)
    let out = folder.path("out")
    let noDuckDB = try generator("export", run, "--to", "parquet", "--out", out, "--duckdb", "/bin/false")
    #expect(noDuckDB.status == 66 && noDuckDB.errors.contains("/bin/false is not DuckDB"), "\(noDuckDB.errors)")
    let noVocabulary = try generator("export", run, "--to", "omop", "--out", out, "--vocabulary", folder.path("none"))
    #expect(noVocabulary.status == 66 && noVocabulary.errors.contains("Athena"), "\(noVocabulary.errors)")
    #expect(try generator("export", run, "--to", "fhir", "--out", out, "--vocabulary", run).status == 64)
    #expect(try generator("export", run, "--to", "meds", "--out", out, "--gzip").status == 64)
    #expect(!FileManager.default.fileExists(atPath: out))
    #expect(try generator("export", run, "--to", "fhir", "--out", run).status == 73)
    #expect(try generator("export", folder.path("none"), "--to", "fhir", "--out", out).status == 66)
  }

  @Test(
    .enabled(if: WarehouseEngine.python != nil, "skipped: the validators are not installed; run make test-warehouse"),
    arguments: ["mimic-iii", "mimic-iv"])
  func otherPeoplesValidatorsFindNothing(_ schema: String) throws {
    let python = try #require(WarehouseEngine.python)
    let run = try run(try (schema == "mimic-iii" ? ExampleBundle.mimicIII : ExampleBundle.mimicIV).get(), 1000)
    try FileManager.default.createDirectory(atPath: folder.path("exports"), withIntermediateDirectories: false)
    for form in ["fhir", "omop", "meds", "parquet", "duckdb", "postgres-dump"] {
      let finished = try generator(
        "export", run, "--to", form, "--out", folder.path("exports/\(form)"), "--duckdb", python)
      #expect(finished.status == 0, "\(form): \(finished.errors)")
    }
    for form in ["fhir", "omop", "meds", "parquet", "duckdb"] { try loads(folder.path("exports/\(form)"), python) }
    for flag in ["--gzip", "--no-gzip"] {
      let out = folder.path("exports/mimic\(flag)")
      #expect(try generator("export", run, "--to", "mimic", "--out", out, flag).status == 0)
      try loads(out, python)
    }
    let finished = try runProgram(
      python, ["\(Project.root)/Tests/Support/validate_exports.py", run, folder.path("exports")])
    try #require(finished.status == 0, "\(finished.errors)")
    #expect(finished.output.contains("\"patients\": "))
    let admissions = run + (schema == "mimic-iii" ? "/tables/ADMISSIONS.csv" : "/tables/hosp/admissions.csv")
    let r = try runProgram("Rscript", ["-e", "cat(nrow(read.csv('\(admissions)')))"])
    #expect(r.output == "1000", "\(r.errors)")
  }

  /// The command in an export's README.md loads the files beside it.
  private func loads(_ folder: String, _ python: String) throws {
    let readme = try String(contentsOf: URL(filePath: "\(folder)/README.md"), encoding: .utf8)
    let command = try #require(readme.firstMatch(of: /```\n((?:.|\n)*?)\n```/)?.1)
    let bin = python.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let finished = try runProgram("bash", ["-c", "cd '\(folder)' && PATH=\(bin):$PATH && \(command)"])
    #expect(finished.status == 0 && !finished.output.isEmpty, "\(folder): \(finished.errors)")
  }
}
