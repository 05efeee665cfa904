import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

/// An engine's results are accepted only if they are complete, belong to the policy, and show one state of the
/// database.
@Suite struct ReadCountsTests {
  private let folder: TemporaryFolder
  private let policy: Policy
  private let files = Files()

  /// The content of each file, by name.
  private final class Files {
    var all: [String: String] = [:]

    subscript(name: String) -> String? {
      get { all[name] }
      set { all[name] = newValue }
    }
  }

  init() throws {
    folder = try TemporaryFolder()
    let text = """
      cloister-policy: 1
      title: T
      owner: O
      protection: {minimum-patients: 11}
      release:
        - table: [gender]
        - table: [gender, age-band]
        - table: [drug]

      """
    policy = try Policy(parsing: Array(text.utf8), file: "p.yaml")
    files["checks.csv"] =
      result("checks", "problem,found", ",", SourceProblem.allCases.map { "\($0.rawValue),0" })
    files["gender.csv"] = result(
      "gender", "gender,admissions,patients,largest,patients_without", ",40,30,,", ["F,15,12,2,", "M,25,18,3,"])
    files["gender-x-age-band.csv"] = result(
      "gender x age-band", "gender,age_band,admissions,patients,largest,patients_without", ",,40,30,,",
      ["F,18-29,15,12,2,", "M,18-29,5,5,1,", "M,90+,20,13,3,"])
    files["drug.csv"] = result(
      "drug", "drug,admissions,patients,largest,patients_without", ",40,30,,",
      ["Aspirin,39,30,3,1", "\"A, B\",3,3,1,27"])
  }

  /// A result as an engine writes it: a heading row, then cells.
  private func result(_ name: String, _ columns: String, _ head: String, _ rows: [String]) -> String {
    let digest = SHA256.hexadecimal(policy.bytes)
    let count = rows.count + 1
    return "row_count,policy,source,result,\(columns)\n\(count),\(digest),mimic-iv,\(name),\(head)\n"
      + rows.map { "\(count),,,,\($0)\n" }.joined()
  }

  private func read() throws -> Tally {
    let place = "counts-\(UUID().uuidString)"
    for (name, content) in files.all { try folder.write(content, to: "\(place)/\(name)") }
    return try readCounts(CountsFolder(folder.path(place)), policy: policy)
  }

  @Test func countsAreATally() throws {
    let tally = try read()
    #expect(tally.admissions == 40)
    #expect(tally.schema == .mimicIV)
    let cells = tally.tables.map { table in
      Dictionary(
        uniqueKeysWithValues: table.cells.map { (table.key($0), [$0.admissions, $0.patients, $0.count.largest]) })
    }
    #expect(cells[0] == [["F"]: [15, 12, 2], ["M"]: [25, 18, 3]])
    #expect(cells[1] == [["F", "18-29"]: [15, 12, 2], ["M", "18-29"]: [5, 5, 1], ["M", "90+"]: [20, 13, 3]])
    #expect(cells[2] == [["Aspirin"]: [39, 30, 3], ["A, B"]: [3, 3, 1]])
    let aspirin = tally.tables[2].cells.first { tally.tables[2].key($0) == ["Aspirin"] }
    #expect(aspirin?.patientsWithout == 1)
  }

  @Test func sparksFoldersOfPartsAreOneResult() throws {
    let lines = (files["gender-x-age-band.csv"] ?? "").split(separator: "\n")
    files["gender-x-age-band.csv"] = nil
    files["gender-x-age-band/_SUCCESS"] = ""
    files["metastore_db/log/x"] = ""
    files["gender-x-age-band/part-00000-a.csv"] = "\(lines[0])\n\(lines[3])\n\(lines[2])\n"
    files["gender-x-age-band/part-00001-a.csv"] = "\(lines[0])\n\(lines[4])\n\(lines[1])\n"
    #expect(try read().tables[1].cells.count == 3)
    files["gender-x-age-band/part-00001-a.csv"] = nil
    #expect(throws: CloisterError.self) { try read() }
  }

  @Test func compressedResultsAreReadAndCutOnesRefused() throws {
    let plain = try folder.write(try #require(files["gender.csv"]), to: "plain/gender.csv")
    #expect(try runProgram("gzip", [plain]).status == 0)
    files["gender.csv"] = nil
    for isCut in [false, true] {
      let place = "counts-\(isCut)"
      for (name, content) in files.all { try folder.write(content, to: "\(place)/\(name)") }
      let packed = try folder.read("plain/gender.csv.gz")
      try folder.write(isCut ? packed.dropLast(12) : packed, to: "\(place)/gender.csv.gz")
      let tally = Result { try readCounts(CountsFolder(folder.path(place)), policy: policy) }
      if isCut {
        #expect(throws: CloisterError.self) { try tally.get() }
      } else {
        #expect(try tally.get().tables[0].cells.count == 2)
      }
    }
  }

  struct Broken: CustomTestStringConvertible, Sendable {
    let file: String
    let old: String
    let new: String
    let what: String
    var testDescription: String { what }
  }

  private static let broken = [
    Broken(
      file: "gender.csv", old: "3,,,,M,25,18,3,\n", new: "", what: "gender: 2 rows were found, but 3 were written"),
    Broken(
      file: "gender.csv", old: "3,,,,M,25", new: "3,,,,M,25,18,3,\n3,,,,M,25",
      what: "gender.csv line 5, column admissions: the value belongs to a cell that also appears in an earlier row"),
    Broken(
      file: "gender.csv", old: "3,,,,M,25", new: "4,,,,M,25",
      what:
        "gender.csv line 4, column row_count: the value differs from the value in earlier rows: "
        + "the file combines several results"
    ),
    Broken(
      file: "gender.csv", old: ",gender,,", new: ",insurance,,",
      what: "gender.csv line 2, column result: the value names a different result than the file name does"),
    Broken(
      file: "gender.csv", old: ",mimic-iv,", new: ",mimic-iii,",
      what:
        "gender.csv line 2, column source: the value is not a known source, "
        + "or differs from the source in the result checks"
    ),
    Broken(
      file: "gender.csv", old: "M,25,18,3", new: "M,25,26,3",
      what: "gender.csv line 4, column patients: the value is not between 1 and the number of admissions"),
    Broken(
      file: "gender.csv", old: "M,25,18,3", new: "M,25,18,1",
      what: "gender.csv line 4, column largest: the value is impossible for these numbers of admissions and patients"),
    Broken(
      file: "gender.csv", old: "M,25,18,3,", new: "M,25,18,3,4",
      what: "gender.csv line 4, column patients_without: the value is impossible in this table"),
    Broken(
      file: "gender.csv", old: "M,25", new: "M,24", what: "the counts of gender and of gender contradict each other"),
    Broken(
      file: "gender.csv", old: ",40,30", new: ",41,30", what: "the counts of gender and of gender contradict each other"
    ),
    Broken(
      file: "gender-x-age-band.csv", old: ",40,30", new: ",41,30",
      what: "the counts of gender and of gender x age-band contradict each other"),
    Broken(
      file: "drug.csv", old: ",40,30", new: ",40,31",
      what: "the counts of gender x age-band and of drug contradict each other"),
    Broken(
      file: "gender-x-age-band.csv", old: "F,18-29,15,12,2", new: "M,30-39,15,12,2",
      what: "the counts of gender and of gender x age-band contradict each other"),
    Broken(
      file: "gender-x-age-band.csv", old: "90+", new: "2150-01-01",
      what:
        "gender-x-age-band.csv line 5, column age_band: the value is not a category of its attribute under this policy"
    ),
    Broken(
      file: "drug.csv", old: ",27\n", new: ",2",
      what: "drug.csv line 4: the last line has no line break, although others have one: the file may have been cut off"
    ),
    Broken(
      file: "gender.csv", old: "row_count,policy", new: "row_count,police",
      what: "gender.csv line 1: the column policy is missing"),
    Broken(
      file: "checks.csv", old: "patient-twice,0", new: "patient-twice,7",
      what:
        "the database is inconsistent: "
        + "values of subject_id in more than one row of the patients table, or empty there: 7"
    ),
    Broken(
      file: "checks.csv", old: "patient-twice", new: "patient-thrice",
      what: "checks.csv line 3, column problem: the value is not a problem that this version knows"),
  ]

  @Test(arguments: broken) func wrongResultsAreRefused(_ broken: Broken) throws {
    let content = try #require(files[broken.file])
    #expect(content.contains(broken.old))
    files[broken.file] = content.replacingOccurrences(of: broken.old, with: broken.new)
    let error = try #require(throws: CloisterError.self) { try read() }
    #expect(error.what == broken.what)
    #expect(error.status == .inputRefused)
  }

  @Test func resultsOfAnotherPolicyAreRefused() throws {
    files["drug.csv"] = files["drug.csv"]?.replacingOccurrences(
      of: SHA256.hexadecimal(policy.bytes), with: SHA256.hexadecimal([1]))
    let error = try #require(throws: CloisterError.self) { try read() }
    #expect(
      error.what
        == "drug.csv line 2, column policy: the value belongs to a different policy than the file given with --policy, "
        + "or to another ledger")
  }

  @Test func aResultIsThereOnceAndNoOtherIs() throws {
    files["drug.csv.gz"] = "x"
    #expect(
      try #require(throws: CloisterError.self) { try read() }.what == "drug.csv.gz: the result drug exists twice")
    files["drug.csv.gz"] = nil
    let twice = try #require(files["gender.csv"])
    files["gender.csv"] = twice + twice.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n"
    #expect(throws: CloisterError.self) { try read() }
    files["gender.csv"] = twice
    files["insurance.csv"] = twice
    #expect(
      try #require(throws: CloisterError.self) { try read() }.what
        == "insurance.csv: not a result of this policy".replacingOccurrences(of: ".csv", with: ""))
    files["insurance.csv"] = nil
    files["drug.csv"] = nil
    let missing = try #require(throws: CloisterError.self) { try read() }
    #expect(missing.status == .inputMissing)
    #expect(missing.what == "no drug.csv or drug.csv.gz in the counts folder")
  }

  /// The queries were written without the ledger, or before its last release.
  @Test func countsWithOtherGroupsThanEarlierReleasesAreRefused() throws {
    let place = "counts-\(UUID().uuidString)"
    for (name, content) in files.all { try folder.write(content, to: "\(place)/\(name)") }
    var kept = CodeCategories.none
    kept.insert(["Aspirin"], .drug)
    let counts = try CountsFolder(folder.path(place), keeping: [.mimicIV: kept])
    let error = try #require(throws: CloisterError.self) { try readCounts(counts, policy: policy) }
    #expect(error.what.hasSuffix("or to another ledger"), "\(error.what)")
    _ = try readCounts(CountsFolder(folder.path(place), keeping: [.mimicIII: kept]), policy: policy)
  }
}
