import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

/// Damages tables of an example hospital at random. Whatever happens to a table, the program must give the same counts,
/// refuse the table, or say what it noticed. docs/exports.md lists the damages that no check can see; the tests below
/// allow just these.
@Suite struct DamageTests {
  private static let rounds = Project.isExhaustive ? 400 : 12

  /// The tables as text, by name.
  private static let whole = Result { try load() }

  private static func load() throws -> [String: [Substring]] {
    var tables: [String: [Substring]] = [:]
    for name in ["PATIENTS", "ADMISSIONS", "DIAGNOSES_ICD", "PROCEDURES_ICD", "D_ICD_DIAGNOSES", "D_ICD_PROCEDURES"] {
      let plain = try runProgram("gzip", ["-dc", "\(Project.root)/examples/mimic-iii/\(name).csv.gz"])
      try #require(plain.status == 0)
      tables["\(name).csv"] = plain.output.split(separator: "\n")
    }
    return tables
  }

  private static let reference = Result { try read(try whole.get().mapValues(data)) }

  private static func data(_ lines: [Substring]) -> Data { Data((lines.joined(separator: "\n") + "\n").utf8) }

  private static func read(_ files: [String: Data]) throws -> (tables: [[[String]: Int]], notes: [String]) {
    let folder = try TemporaryFolder()
    for (name, data) in files { try folder.write(data, to: name) }
    let attributes = [
      "gender", "age-band", "admission-type", "insurance", "language", "marital-status", "ethnicity",
      "died-in-hospital",
      "length-of-stay-band", "main-diagnosis", "diagnosis", "procedure",
    ]
    let policy = try Policy.test(attributes.map { "[\($0)]" }, protection: "minimum-patients: 11")
    let records = try readHospital(try InputFolder(folder.path, threads: 2), policy: policy)
    let tables = tally(records, policy: policy, threads: 1).tables.map { table in
      Dictionary(uniqueKeysWithValues: table.cells.map { (table.key($0), $0.admissions) })
    }
    return (tables, DataReport(records, ignored: []).notes.filter { !$0.hasPrefix("rows read: ") })
  }

  private enum Outcome { case same, refused, noted, silent }

  /// Reads the hospital with one table in another form.
  private func outcome(_ name: String, _ damaged: Data) throws -> Outcome {
    var files = try Self.whole.get().mapValues(Self.data)
    files[name] = damaged
    let reference = try Self.reference.get()
    do {
      let found = try Self.read(files)
      if found.tables == reference.tables { return .same }
      return found.notes == reference.notes ? .silent : .noted
    } catch let error as CloisterError {
      #expect(error.status == .inputRefused || error.status == .inputMissing)
      return .refused
    }
  }

  private func lines(_ name: String) throws -> [Substring] { try #require(try Self.whole.get()[name]) }

  private static let tables = ["PATIENTS.csv", "ADMISSIONS.csv", "DIAGNOSES_ICD.csv", "PROCEDURES_ICD.csv"]

  @Test func theWholeHospitalGivesNoNote() throws { #expect(try Self.reference.get().notes == []) }

  @Test(arguments: tables) func aCutTableIsRefused(_ name: String) throws {
    var random = RepeatableRandom(seed: 1)
    let whole = Self.data(try lines(name))
    for _ in 0..<Self.rounds {
      let cut = Int.random(in: 1..<whole.count, using: &random)
      let part = whole.prefix(cut)
      // What is cut at a line end looks whole. In these tables it is refused or noted unless little is missing.
      let isAtLineEnd = part.last == UInt8(ascii: "\n")
      let found = try outcome(name, part)
      #expect(found == .refused || isAtLineEnd, "\(cut): \(found)")
    }
  }

  @Test(arguments: tables) func anotherEncodingChangesNothingOrIsRefused(_ name: String) throws {
    let lines = try lines(name)
    let text = lines.joined(separator: "\n") + "\n"
    let forms: [(Data?, Outcome)] = [
      (Data([0xEF, 0xBB, 0xBF] + text.utf8), .same), (text.data(using: .utf16), .refused),
      (text.data(using: .utf16LittleEndian), .refused), (text.data(using: .utf32), .refused),
      (Data((lines.joined(separator: "\r\n") + "\r\n").utf8), .same),
      (Data((lines.joined(separator: "\r") + "\r").utf8), .refused),
      (Data((lines.joined(separator: "\n") + "\n\n\n").utf8), .same),
    ]
    for (number, (data, expected)) in forms.enumerated() {
      #expect(try outcome(name, try #require(data)) == expected, "\(number)")
    }
  }

  @Test(arguments: ["DIAGNOSES_ICD.csv", "PROCEDURES_ICD.csv"]) func lostZerosAreSeen(_ name: String) throws {
    var random = RepeatableRandom(seed: 2)
    let lines = try lines(name)
    for share in [1.0, 0.5, 0.1] {
      let damaged = lines.map { line in
        // The code is the last column.
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard let last = fields.last, last.hasPrefix("0"), Double.random(in: 0..<1, using: &random) < share else {
          return line
        }
        return Substring((fields.dropLast() + [last.drop { $0 == "0" }]).joined(separator: ","))
      }
      let found = try outcome(name, Self.data(damaged))
      #expect(found == .refused || found == .noted, "\(share): \(found)")
    }
  }

  /// A row that appears twice is a second patient or admission with the same id, or a code that counts once anyway.
  @Test(arguments: tables) func doubledRowsChangeNothingOrAreRefused(_ name: String) throws {
    var random = RepeatableRandom(seed: 3)
    let lines = try lines(name)
    for _ in 0..<Self.rounds {
      var damaged = lines
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        damaged.insert(
          lines[Int.random(in: 1..<lines.count, using: &random)],
          at: Int.random(in: 1...damaged.count, using: &random))
      }
      let found = try outcome(name, Self.data(damaged))
      #expect(found == .same || found == .refused, "\(found)")
    }
  }

  /// Two columns of words look alike; no check can see that their names were swapped.
  @Test(arguments: tables) func swappedColumnNamesAreSeenUnlessBothHoldWords(_ name: String) throws {
    let lines = try lines(name)
    let names = lines[0].split(separator: ",", omittingEmptySubsequences: false)
    let words: Set<Substring> = [
      "ADMISSION_TYPE", "ADMISSION_LOCATION", "DISCHARGE_LOCATION", "INSURANCE", "LANGUAGE", "RELIGION",
      "MARITAL_STATUS", "ETHNICITY", "DIAGNOSIS",
    ]
    // These are not read, so that a swap with them shows only what the other column holds.
    let unread: Set<Substring> = ["ROW_ID", "EDREGTIME", "EDOUTTIME", "DEATHTIME", "HAS_CHARTEVENTS_DATA"]
    for first in names.indices {
      for second in names.indices where second > first {
        if !Project.isExhaustive, (first * 31 + second) % 7 != 0 { continue }
        let pair: Set<Substring> = [names[first], names[second]]
        if pair.isSubset(of: words) || !pair.isDisjoint(with: unread) { continue }
        var swapped = names
        swapped.swapAt(first, second)
        let found = try outcome(name, Self.data([Substring(swapped.joined(separator: ","))] + lines.dropFirst()))
        #expect(found != .silent, "\(names[first]) and \(names[second])")
      }
    }
  }

  @Test(arguments: ["NULL", "NA", "nan", "None", "\\N", "(null)"]) func wordsForEmptyFieldsAreNoted(_ word: String)
    throws
  {
    let lines = try lines("ADMISSIONS.csv")
    let damaged = lines.enumerated().map { number, line in
      number == 0
        ? line
        : Substring(
          line.split(separator: ",", omittingEmptySubsequences: false).map { $0.isEmpty ? word[...] : $0 }
            .joined(separator: ","))
    }
    #expect(try outcome("ADMISSIONS.csv", Self.data(damaged)) == .same)
  }
}
