import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

@Suite struct ExportTests {
  private let policy: Policy

  init() throws { policy = try exportPolicy() }

  @Test(arguments: exports) func anExportGivesTheRightCountsOrIsRefused(_ export: Export) throws {
    var files = exportedHospital()
    try export.change(&files)
    for threads in [1, 3] { try export.outcome.check(export.name) { try ReadExport(files, threads: threads) } }
  }

  @Test func aPipeOrADeviceInATablesPlaceIsRefusedAtOnce() throws {
    let folder = try TemporaryFolder()
    for (name, data) in exportedHospital() where name != diagnoses { try folder.write(data, to: name) }
    try #require(try runProgram("mkfifo", [folder.path(diagnoses)]).status == 0)
    let error = try #require(throws: CloisterError.self) {
      try readHospital(try InputFolder(folder.path, threads: 2), policy: policy)
    }
    #expect(error.what == "DIAGNOSES_ICD.csv: is a pipe, not a file")
  }

  @Test(arguments: [CSVSeparator.semicolon, .tab, .pipe]) func anotherSeparatorIsReadIfItIsNamed(
    _ separator: CSVSeparator
  ) throws {
    let folder = try TemporaryFolder()
    for (name, data) in exportedHospital() {
      let text = String(decoding: data, as: UTF8.self).replacing("\"CHEST PAIN, \"\"NEW\"\", ACUTE\"", with: "X")
      try folder.write(text.replacing(",", with: String(UnicodeScalar(separator.byte))), to: name)
    }
    let input = try InputFolder(folder.path, separator: separator, threads: 2)
    #expect(tally(try readHospital(input, policy: policy), policy: policy, threads: 2).admissions == 55)
  }

  /// `None` is a religion where the policy says so.
  @Test func aPolicyNamesWordsThatAreRealCategories() throws {
    var files = exportedHospital()
    files[admissions] = Data(
      String(decoding: try #require(files[admissions]), as: UTF8.self).replacing(",,MARRIED", with: ",None,MARRIED")
        .utf8)
    let folder = try TemporaryFolder()
    for (name, data) in files { try folder.write(data, to: name) }
    let text = SmallHospital.policy + "  - table: [religion]\nreal-categories: {religion: [none]}\n"
    let policy = try Policy(parsing: Array(text.utf8), file: "policy.yaml")
    let records = try readHospital(try InputFolder(folder.path, threads: 2), policy: policy)
    #expect(records.categories[.religion]?.names == ["None", "CATHOLIC"])
  }

  /// Codes whose zeros were lost are still codes, so only their numbers show it.
  @Test(arguments: [
    (["38900": 450], "none of 450 ICD-9 diagnosis codes begins with 0"),
    (["389": 6, "0010": 100], "1 different ICD-9 diagnosis codes, used 6 times, exist only with a zero before them"),
    (["38900": 399], nil), (["0389": 10, "38900": 440], nil),
    (["04280": 6, "04019": 9, "00486": 2], "3 different ICD-9 diagnosis codes exist only without the zeros"),
    // Tables of categories, as public data sets have them.
    (["250": 900, "428": 800, "414": 700, "780": 100, "0389": 20], nil),
  ])
  func lostZerosAreSeen(_ uses: [String: Int], _ doubt: String?) {
    let found = LeadingZeros("diagnosis", uses, CodeTitles()).doubt()
    #expect(doubt.map { found?.hasPrefix($0) == true } ?? (found == nil), "\(found ?? "nothing")")
  }

  /// Logs may leave the hospital, so they tell no figure under the minimum, and none at all under noise.
  @Test(arguments: [1, 2, 3]) func aLogTellsNoSmallFigure(_ count: Int) throws {
    var files = exportedHospital()
    let text = String(decoding: try #require(files[admissions]), as: UTF8.self)
    let lines = text.split(separator: "\n").enumerated().map { number, line in
      (1...count).contains(number) ? String(line).replacing(",,MARRIED", with: ",NULL,MARRIED") : String(line)
    }
    files[admissions] = Data((lines.joined(separator: "\n") + "\n").utf8)
    let folder = try TemporaryFolder()
    for (name, data) in files { try folder.write(data, to: name) }
    let report = DataReport(
      try readHospital(try InputFolder(folder.path, threads: 1), policy: policy), ignored: [])
    let place = "ADMISSIONS.csv, column religion: "
    #expect(report.notesForLog(minimum: 11).contains("\(place)fewer than 11 fields hold NULL, counted as missing"))
    #expect(report.notesForLog(minimum: nil).contains("\(place)some fields hold NULL, counted as missing"))
    #expect(!report.notesForLog(minimum: nil).contains { $0.contains("55") })
    #expect(report.notes.contains { $0.contains("\(count) field") })
  }

  @Test func aDictionaryWithTwoTitlesForACodeIsRefused() throws {
    var files = exportedHospital()
    files["D_ICD_PROCEDURES.csv"] = Data("ICD9_CODE,LONG_TITLE\n0331,Spinal tap\n0331,Something else\n".utf8)
    let error = try #require(throws: CloisterError.self) { try ReadExport(files) }
    #expect(error.what.hasPrefix("D_ICD_PROCEDURES.csv line 3, column icd9_code: the value has another title"))
  }

  /// A data manager wants to see which codes are unknown and which titles differ, not only how many.
  @Test func theReportListsUnknownAndRetitledCodes() throws {
    var files = exportedHospital()
    files[diagnoses] = files[diagnoses].map {
      Data(String(decoding: $0, as: UTF8.self).replacing("4019", with: "99999").utf8)
    }
    files["D_ICD_PROCEDURES.csv"] = Data("ICD9_CODE,LONG_TITLE\n0331,A <local> title\n".utf8)
    let folder = try TemporaryFolder()
    for (name, data) in files { try folder.write(data, to: name) }
    let page = DataReport(
      try readHospital(try InputFolder(folder.path, threads: 1), policy: policy), ignored: []
    ).html()
    #expect(page.contains("<li>99999</li>"))
    #expect(page.contains("<td>0331</td><td>A &lt;local&gt; title</td><td>Spinal tap</td>"))
  }

  @Test func theProgramsOwnTitlesStandWhereTheHospitalHasNone() {
    #expect(ShippedDictionary.title(of: "4280", in: "diagnosis") == "Congestive heart failure, unspecified")
    #expect(ShippedDictionary.title(of: "9:0331", in: "procedure") == "Spinal tap")
    #expect(ShippedDictionary.title(of: "10:I509", in: "diagnosis") == "Heart failure, unspecified")
    #expect(
      ShippedDictionary.title(of: "10:02703ZZ", in: "procedure")?.hasPrefix("Dilation of Coronary Artery") == true)
    for code in ["", "0", "9999999", "428*", "~"] { #expect(ShippedDictionary.title(of: code, in: "diagnosis") == nil) }
  }
}
