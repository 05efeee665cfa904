import Foundation
import Shared
import TestSupport
import Testing

/// `sql` and `extract --counts` as hospital IT uses them, but with results written by hand instead of by an engine.
@Suite struct CountsTests {
  private let site: TestSite
  private var folder: TemporaryFolder { site.folder }
  private var policy: String { site.policy }

  init() throws {
    let text = """
      cloister-policy: 1
      title: T
      owner: O
      protection: {minimum-patients: 11}
      release:
        - table: [insurance]

      """
    site = try TestSite(nil, policy: text)
    let digest = SHA256.hexadecimal(Array(text.utf8))
    let problems = [
      "patient-twice", "admission-twice", "admission-without-patient", "admission-without-time",
      "admission-before-birth",
    ]
    try folder.write(
      "row_count,policy,source,result,problem,found\n6,\(digest),mimic-iii,checks,,\n"
        + problems.map { "6,,,,\($0),0\n" }.joined(), to: "counts/checks.csv")
    try folder.write(
      """
      row_count,policy,source,result,insurance,admissions,patients,largest,patients_without
      4,\(digest),mimic-iii,insurance,,45,35,,
      4,,,,Medicare,20,15,2,
      4,,,,Private,22,18,3,
      4,,,,SECRET,3,2,2,

      """, to: "counts/insurance.csv")
  }

  private func extract(_ more: String...) throws -> Finished {
    try site.extract(from: ["--counts", folder.path("counts")], more)
  }

  @Test func countsBecomeABundleWithoutSmallCells() throws {
    let done = try extract()
    #expect(done.status == 0, "\(done.errors)")
    let statistics = try Statistics(parsing: Array(try folder.read("bundle/statistics.json")))
    #expect(statistics.tables.map { $0.cells.map(\.key) } == [[["Medicare"], ["Private"]]])
    for name in try folder.names("bundle") {
      #expect(!(try folder.read("bundle/\(name)").contains(Data("SECRET".utf8))))
    }
    let planned = try Project.extractor("plan", "--counts", folder.path("counts"), "--policy", policy, "--json")
    #expect(planned.status == 0 && planned.output.contains("\"too-small\": 1"))
  }

  @Test(arguments: [
    ("4,,,,SECRET,3,2,2,\n", "", "insurance: 3 rows were found, but 4 were written"),
    (
      "SECRET,3,2,2", "SECRET,3,4,2",
      "insurance.csv line 5, column patients: the value is not between 1 and the number of admissions"
    ),
    ("SECRET,3", "SECRET,SECRET", "insurance.csv line 5, column admissions: the value is not a whole number"),
    (
      "SECRET", "SE\u{7}CRET",
      "insurance.csv line 5, column insurance: the value is not printable text of at most 255 bytes"
    ),
    ("Private,22", "Private,21", "the counts of insurance and of insurance contradict each other"),
  ]) func wrongCountsLeaveNothing(_ old: String, _ new: String, _ what: String) throws {
    try folder.write(
      try folder.text("counts/insurance.csv").replacingOccurrences(of: old, with: new), to: "counts/insurance.csv")
    let done = try extract()
    #expect(done.status == 65)
    #expect(done.errors.contains("error: \(what)"), "\(done.errors)")
    #expect(!done.errors.contains("SECRET") && !done.output.contains("SECRET"))
    #expect(try folder.names().sorted() == ["counts", "keys", "policy.yaml"])
  }

  @Test func aLedgersTablesAreAskedFor() throws {
    let ledger = folder.path("ledger.jsonl")
    #expect(try extract("--ledger", ledger).status == 0)
    // The new policy lacks a table that was released. That table must still be counted, to see what has changed since.
    let other = try folder.text("policy.yaml").replacingOccurrences(of: "insurance", with: "language")
    try folder.write(other, to: "policy.yaml")
    func sql(_ out: String, _ more: String...) throws -> String {
      let done = try Project.extractor(
        ["sql", "--policy", policy, "--schema", "mimic-iii", "--dialect", "duckdb", "--out", folder.path(out)] + more)
      #expect(done.status == 0, "\(done.errors)")
      return try folder.text(out)
    }
    #expect(try !sql("without.sql").contains("the table insurance"))
    #expect(try sql("with.sql", "--ledger", ledger).contains("the table insurance"))
  }

  @Test(arguments: [
    (["--schema", "omop", "--dialect", "duckdb"], 64, "Please provide one of 'mimic-iii' and 'mimic-iv'"),
    (["--schema", "mimic-iv", "--dialect", "oracle"], 64, "Please provide one of 'postgresql', 'duckdb' or 'spark'"),
    (
      ["--schema", "mimic-iii", "--dialect", "spark", "--mapping", "OMOP"], 78,
      "source is mimic-iv, but --schema names a different source"
    ),
    (["--schema", "mimic-iv", "--dialect", "spark", "--policy", "EVALUATION"], 78, "only an evaluation"),
  ]) func wrongArgumentsWriteNothing(_ arguments: [String], _ status: Int32, _ says: String) throws {
    let named = arguments.map {
      [
        "OMOP": "\(Project.root)/examples/mappings/omop-cdm-5.4.yaml",
        "EVALUATION": "\(Project.root)/policies/evaluation.yaml",
      ][$0] ?? $0
    }
    let policy = named.contains("--policy") ? [] : ["--policy", policy]
    let done = try Project.extractor(["sql"] + policy + named + ["--out", folder.path("counts.sql")])
    #expect(done.status == status)
    #expect(done.errors.contains(says), "\(done.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("counts.sql")))
  }

  @Test func nothingIsOverwritten() throws {
    try folder.write("mine", to: "counts.sql")
    let done = try Project.extractor(
      "sql", "--policy", policy, "--schema", "mimic-iv", "--dialect", "duckdb", "--out", folder.path("counts.sql"))
    #expect(done.status == 73)
    #expect(try folder.text("counts.sql") == "mine")
    #expect(try extract("--input", folder.path).status == 64)
  }
}
