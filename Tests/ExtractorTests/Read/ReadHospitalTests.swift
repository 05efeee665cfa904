import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

@Suite struct ReadHospitalTests {
  private let folder: TemporaryFolder
  private let policy: Policy

  init() throws {
    folder = try TemporaryFolder()
    policy = try Policy(parsing: Array(SmallHospital.policy.utf8), file: "policy.yaml")
  }

  private func tables(_ hospital: SmallHospital) throws -> [String: TalliedTable] {
    let input = try InputFolder(try hospital.write(to: folder), threads: 2)
    let tallied = tally(try readHospital(input, policy: policy), policy: policy, threads: 2)
    return Dictionary(
      uniqueKeysWithValues: tallied.tables.map { (PublishedTable.name(of: $0.request.attributes), $0) })
  }

  private func cell(_ table: TalliedTable?, _ key: String...) -> TalliedCell? {
    table?.cells.first { table?.key($0) == key }
  }

  private func counts(_ table: TalliedTable) -> [[String]: [Int]] {
    Dictionary(uniqueKeysWithValues: table.cells.map { (table.key($0), [$0.admissions, $0.patients]) })
  }

  @Test func patientsAreCountedBesideAdmissions() throws {
    let tables = try tables(.mimicIII)
    let ethnicity = cell(tables["ethnicity"], "HISPANIC/LATINO - PUERTO RICAN")
    #expect(ethnicity?.admissions == 15)
    #expect(ethnicity?.patients == 1)
    #expect(cell(tables["ethnicity"], "WHITE")?.patients == 40)
    let pair = cell(tables["main-diagnosis x diagnosis"], "4280", "4019")
    #expect(pair?.admissions == 55)
    #expect(pair?.patients == 41)
  }

  @Test func agesOfThreeHundredYearsAreTopCoded() throws {
    let ages = try tables(.mimicIII)["age-band"]
    #expect(cell(ages, "90+")?.patients == 12)
    #expect(cell(ages, "60-69")?.patients == 29)
    #expect(ages?.cells.count == 2)
  }

  @Test func theOrderOfRowsDoesNotMatter() throws {
    let hospital = SmallHospital.mimicIII
    let whole = try tables(hospital)
    var shuffled = hospital
    for (file, content) in hospital.files {
      let lines = content.split(separator: "\n")
      shuffled.files[file] = ([lines[0]] + lines.dropFirst().reversed()).joined(separator: "\r\n") + "\r\n"
    }
    let again = try tables(shuffled)
    for (name, table) in whole {
      #expect(again[name].map(counts) == counts(table))
    }
  }

  /// A patient's admissions are numbered by time, not by their ids or their place in the file.
  @Test func admissionsAreNumberedByTime() throws {
    var hospital = SmallHospital.mimicIII
    // The patient's last admission by id becomes the first by time, and the only urgent one.
    hospital = hospital.replacing(
      "2014,99,2014,2110-05-17 10:00:00", with: "2014,99,2014,2109-05-17 10:00:00", in: "ADMISSIONS.csv")
    hospital = hospital.replacing(
      "2109-05-17 10:00:00,2110-05-20 11:00:00,,EMERGENCY", with: "2109-05-17 10:00:00,2110-05-20 11:00:00,,URGENT",
      in: "ADMISSIONS.csv")
    let text =
      SmallHospital.policy + "  - table: [admission-number-band]\n  - table: [admission-number-band, admission-type]\n"
    let policy = try Policy(parsing: Array(text.utf8), file: "policy.yaml")
    let input = try InputFolder(try hospital.write(to: folder, "numbers"), threads: 1)
    let tables = tally(try readHospital(input, policy: policy), policy: policy, threads: 1).tables.map(counts)
    #expect(tables[5] == [["1"]: [41, 41], ["2"]: [1, 1], ["3"]: [1, 1], ["4"]: [1, 1], ["5+"]: [11, 1]])
    #expect(tables[6][["1", "URGENT"]] == [1, 1])
  }

  /// Some exports put every field in quotes, even empty ones.
  @Test func quotesAroundEveryFieldDoNotMatter() throws {
    var hospital = SmallHospital.mimicIII
    hospital = hospital.replacing("2110-05-20 11:00:00", with: "", in: "ADMISSIONS.csv")
    hospital = hospital.replacing("2,1,1001,2,4019", with: "2,1,1001,,4019", in: "DIAGNOSES_ICD.csv")
    hospital.files["ADMISSIONS.csv"] = hospital.files["ADMISSIONS.csv"]?
      .replacingOccurrences(of: "\"CHEST PAIN, \"\"NEW\"\", ACUTE\"", with: "CHEST PAIN")
    let text = SmallHospital.policy + "  - table: [length-of-stay-band]\n"
    let policy = try Policy(parsing: Array(text.utf8), file: "policy.yaml")
    func tables(_ hospital: SmallHospital, _ name: String) throws -> [[[String]: [Int]]] {
      let input = try InputFolder(try hospital.write(to: folder, name), threads: 2)
      return tally(try readHospital(input, policy: policy), policy: policy, threads: 2).tables.map(counts)
    }
    var quoted = hospital
    for (file, content) in hospital.files {
      quoted.files[file] =
        content.split(separator: "\n").map { line in
          line.split(separator: ",", omittingEmptySubsequences: false).map { "\"\($0)\"" }.joined(separator: ",")
        }.joined(separator: "\n") + "\n"
    }
    let plain = try tables(hospital, "plain")
    #expect(plain.last?[["missing"]] == [1, 1])
    #expect(try tables(quoted, "quoted") == plain)
  }

  /// Each thread's share of the file is so small that many shares begin inside a quoted field with a line break.
  @Test func theNumberOfThreadsDoesNotMatter() throws {
    var hospital = SmallHospital.mimicIII
    hospital.files["DIAGNOSES_ICD.csv"] = hospital.files["DIAGNOSES_ICD.csv"]?
      .replacingOccurrences(of: "ICD9_CODE\n", with: "ICD9_CODE,NOTE\n")
      .replacingOccurrences(of: ",4280\n", with: ",4280,\"a\n1,1,1001,1,4280,x\nb\"\n")
      .replacingOccurrences(of: ",4019\n", with: ",4019,\n")
    let path = try hospital.write(to: folder, "threads")
    func tables(_ threads: Int) throws -> [[[String]: [Int]]] {
      let input = try InputFolder(path, threads: threads, smallestShare: 1)
      return tally(try readHospital(input, policy: policy), policy: policy, threads: 2).tables.map(counts)
    }
    let one = try tables(1)
    #expect(one.count == 5)
    for threads in 2...40 { #expect(try tables(threads) == one, "\(threads) threads") }
  }

  @Test func anErrorIsTheFirstInTheFileWhateverTheThreads() throws {
    var hospital = SmallHospital.mimicIII
    hospital.files["DIAGNOSES_ICD.csv"]? += "1,1,1001,9\n"
    hospital = hospital.replacing("2,20,1020,2,4019", with: "2,20,1020,2,X", in: "DIAGNOSES_ICD.csv")
    let path = try hospital.write(to: folder, "errors")
    for threads in [1, 2, 5, 17] {
      let error = #expect(throws: CloisterError.self) {
        try readHospital(try InputFolder(path, threads: threads, smallestShare: 1), policy: policy)
      }
      #expect(error?.what.hasPrefix("DIAGNOSES_ICD.csv line 41, column icd9_code") == true, "\(error?.what ?? "")")
    }
  }

  @Test func aCodeTwiceInOneAdmissionCountsOnce() throws {
    var hospital = SmallHospital.mimicIII
    hospital.files["DIAGNOSES_ICD.csv"]? += "9,1,1001,3,4019\n9,1,1001,4,\n"
    let pair = cell(try tables(hospital)["main-diagnosis x diagnosis"], "4280", "4019")
    #expect(pair?.admissions == 55)
  }

  @Test func anAdmissionWithoutAFirstDiagnosisIsMissingIt() throws {
    let hospital = SmallHospital.mimicIII.replacing("1,1,1001,1,4280\n", with: "", in: "DIAGNOSES_ICD.csv")
    #expect(cell(try tables(hospital)["main-diagnosis"], "missing")?.admissions == 1)
  }

  @Test(arguments: ["UNKNOWN (DEFAULT)", "UNKNOWN/NOT SPECIFIED", "", "?", "___", "  ", "UNABLE TO OBTAIN"])
  func everyWayOfSayingUnknownIsMissing(_ unknown: String) throws {
    let hospital = SmallHospital.mimicIII.replacing("WHITE", with: unknown, in: "ADMISSIONS.csv")
    #expect(cell(try tables(hospital)["ethnicity"], "missing")?.admissions == 1)
  }
}
