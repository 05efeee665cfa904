import CZSTD
import Foundation
import Shared
import TestSupport
import Testing

/// One way in which a hospital's tool writes its tables, and what must come of it.
struct Export: Sendable, CustomTestStringConvertible {
  let name: String
  let outcome: Outcome
  /// Changes the files of the input folder, by their path in it.
  let change: @Sendable (inout [String: Data]) throws -> Void

  enum Outcome: Sendable {
    /// The same counts, and no note but the numbers of rows.
    case same
    /// The same counts, and a note with this text.
    case noted(String)
    /// Other counts, and a note with this text.
    case doubted(String)
    /// An error with this text in it or in its hint.
    case refused(String)
  }

  var testDescription: String { name }

  init(_ name: String, _ outcome: Outcome, _ change: @escaping @Sendable (inout [String: Data]) throws -> Void) {
    (self.name, self.outcome, self.change) = (name, outcome, change)
  }

  /// Changes the text of one file.
  init(_ name: String, _ outcome: Outcome, _ file: String, _ change: @escaping @Sendable (String) -> String) {
    self.init(name, outcome) { files in
      let text = String(decoding: try #require(files[file]), as: UTF8.self)
      let changed = change(text)
      try #require(!changed.utf8.elementsEqual(text.utf8))
      files[file] = Data(changed.utf8)
    }
  }

  /// Replaces a text everywhere in one file.
  init(_ name: String, _ outcome: Outcome, _ file: String, _ old: String, _ new: String) {
    self.init(name, outcome, file) { $0.replacingOccurrences(of: old, with: new) }
  }

  /// Writes one file in another way, under a name with another ending.
  init(
    _ name: String, _ outcome: Outcome, _ file: String, as other: String,
    _ write: @escaping @Sendable (Data) throws -> Data
  ) {
    self.init(name, outcome) { files in
      let old = files.removeValue(forKey: file)
      let data = try #require(old)
      files[other] = try write(data)
    }
  }
}

let (patients, admissions, diagnoses) = ("PATIENTS.csv", "ADMISSIONS.csv", "DIAGNOSES_ICD.csv")
let (drugs, procedures) = ("PRESCRIPTIONS.csv", "PROCEDURES_ICD.csv")

/// The small hospital with procedures and drugs; most religions are missing, one word has an accent.
func exportedHospital() -> [String: Data] {
  var files = SmallHospital.mimicIII.files
  files[admissions] = files[admissions]?.replacingOccurrences(of: ",ENGL,,MARRIED,", with: ",CRÉOLE,,MARRIED,")
    .replacingOccurrences(of: ",,MARRIED,HISP", with: ",CATHOLIC,MARRIED,HISP")
  files[procedures] = "SUBJECT_ID,HADM_ID,ICD9_CODE\n" + (1...40).map { "\($0),\(1000 + $0),0331\n" }.joined()
  files[drugs] = "SUBJECT_ID,HADM_ID,DRUG\n" + (1...40).map { "\($0),\(1000 + $0),Aspirin\n" }.joined()
  return files.mapValues { Data($0.utf8) }
}

private let words: [Export] = [
  "NULL", "null", "NA", "N/A", "n/a", "\\N", "nan", "NaN", "None", "<NA>", "(null)", "[NULL]", "#N/A", "NaT", ".",
].flatMap { word -> [Export] in
  let shown = word.uppercased()
  return [
    Export(
      "religion \(word)", .noted("ADMISSIONS.csv, column religion: 40 fields hold \(shown), counted as missing"),
      admissions,
      ",,MARRIED", ",\(word),MARRIED"),
    Export("drug \(word)", .doubted("column drug: 40 fields hold \(shown)"), drugs, "Aspirin", word),
    Export("code \(word)", .refused("column icd9_code: the value stands for a missing value"), diagnoses, "4019", word),
    Export(
      "discharge \(word)", .doubted("column dischtime: 55 fields hold \(shown)"), admissions, "2110-05-20 11:00:00",
      word),
    Export(
      "start \(word)", .refused("column admittime: the value is not a date"), admissions, "2110-05-17 10:00:00", word),
  ]
}

private let values: [Export] = [
  Export("a lost zero", .refused("column icd9_code: the value is too short"), procedures, "0331", "31"),
  Export("a short diagnosis", .refused("too short to be a whole code"), diagnoses, "4019", "19"),
  Export("unknown in small letters", .same, admissions, ",,MARRIED", ",unknown,MARRIED"),
  Export("Unknown (Default)", .same, admissions, ",,MARRIED", ",Unknown (default),MARRIED"),
  Export("genders in words", .same, patients) {
    $0.replacing(",F,", with: ",Female,").replacing(",M,", with: ",male,")
  },
  Export("genders in small letters", .same, patients) {
    $0.replacing(",F,", with: ",f,").replacing(",M,", with: ",m,")
  },
  Export(
    "genders as numbers", .refused("PATIENTS.csv line 2, column gender: the value is not M, F"), patients, ",M,",
    ",1,"),
  Export("ranks from 0", .refused("column seq_num: the value is 0"), diagnoses, ",1,4280", ",0,4280"),
  Export("no rank of 1", .doubted("only 0 % of the admissions have a main diagnosis"), diagnoses, ",1,4280", ",3,4280"),
  Export("the main code again", .same, diagnoses) { $0 + "9,1,1001,3,4280\n9,2,1002,7,4280\n" },
  Export("a code twice", .same, diagnoses) { $0 + "9,1,1001,3,4019\n" },
  Export("a decomposed accent", .same, admissions, "É", "E\u{301}"),
  Export("half of the accents decomposed", .same, admissions) { text in
    text.split(separator: "\n").enumerated()
      .map { $0.isMultiple(of: 2) ? String($1).replacing("É", with: "E\u{301}") : String($1) }.joined(separator: "\n")
      + "\n"
  },
  Export("a lost letter", .refused("lost in a conversion"), admissions, "É", "\u{FFFD}"),
  Export("a question mark", .doubted("column language: some categories have a question mark"), admissions, "É", "?"),
  Export("a word in two cases", .doubted("column language: some categories differ only in letter case"), admissions) {
    $0.replacing("CRÉOLE", with: "créole", maxReplacements: 1)
  },
  Export("a blank that can't be seen", .refused("invisible character, U+A0"), admissions, "CRÉOLE", "CRÉOLE\u{A0}"),
  Export("flags in words", .same, admissions, ",0,1\n", ",FALSE,1\n"),
  Export("numbers with a fraction", .same, admissions) { $0.replacing(#/,10(\d\d),/#) { ",10\($0.1).0," } },
  Export("T between date and time", .same, admissions) { $0.replacing(#/(2110-05-\d\d) /#) { "\($0.1)T" } },
  Export("fractions of a second and UTC", .same, admissions) { $0.replacing(#/:00:00,/#, with: ":00:00.000Z,") },
  Export("no seconds", .same, admissions) { $0.replacing(":00:00,", with: ":00,") },
  Export("another time zone", .refused("has a time zone other than UTC"), admissions, ":00:00,", ":00:00+02:00,"),
  Export("days first", .refused("column admittime"), admissions) {
    $0.replacing(#/2110-05-(\d\d)/#) { "\($0.1)/05/2110" }
  },
  Export("no times of day", .noted("column admittime: 55 times have no time of day"), admissions, " 10:00:00", ""),
  Export(
    "an end before the start", .doubted("column dischtime: 55 admissions end before they begin"), admissions,
    "2110-05-20", "2110-05-02"),
]

private let lines: [Export] = [
  Export("blank lines at the end", .same, admissions) { $0 + "\n\r\n  \n" },
  Export("rows of separators at the end", .same, diagnoses) { $0 + ",,,,\n,,,,\r\n" },
  Export(
    "a blank line inside", .refused("DIAGNOSES_ICD.csv line 4: the line is empty"), diagnoses, "2,1,1001,2,4019\n",
    "2,1,1001,2,4019\n\n"),
  Export("empty columns at the end", .same, diagnoses) { $0.replacing("\n", with: ",,\n") },
  Export("a value without a column name", .refused("a value has no column name"), diagnoses) {
    $0.replacing("\n", with: ",,\n").replacing("2,1,1001,2,4019,,", with: "2,1,1001,2,4019,,x")
  },
  Export("blanks round the names", .same, diagnoses, "SUBJECT_ID,HADM_ID", " SUBJECT_ID , HADM_ID"),
  Export("row names", .same, diagnoses) { "\"\"," + $0.split(separator: "\n").joined(separator: "\n7,") + "\n" },
  Export("cut within a line", .refused("DIAGNOSES_ICD.csv line 111: the last line has no line break"), diagnoses) {
    String($0.dropLast(3))
  },
  Export("cut before a line end", .refused("the last line has no line break"), diagnoses) { String($0.dropLast()) },
  Export("cut at a line end", .doubted("DIAGNOSES_ICD.csv has rows for only 27 % of the admissions"), diagnoses) {
    $0.split(separator: "\n").prefix(31).joined(separator: "\n") + "\n"
  },
  Export("only a header", .doubted("DIAGNOSES_ICD.csv has no rows"), diagnoses) { $0.split(separator: "\n")[0] + "\n" },
  Export("no header", .refused("line 1: the line holds values, not column names"), diagnoses) {
    $0.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n"
  },
  Export("semicolons", .refused("--separator semicolon"), diagnoses, ",", ";"),
  Export("semicolons and quotes", .refused("--separator semicolon"), diagnoses) {
    $0.replacing(#/[^,\n]+/#) { "\"\($0.0)\"" }.replacing(",", with: ";")
  },
  Export("tabs", .refused("separated by tabs"), diagnoses, ",", "\t"),
  Export("a hole", .refused("the file has a NUL byte here"), diagnoses, "1,20,1020", "1,20,10\0\0"),
]

private let files: [Export] = [
  Export("zstd", .same, diagnoses, as: "DIAGNOSES_ICD.csv.zst", compressed),
  Export("two frames of zstd", .same, diagnoses, as: "DIAGNOSES_ICD.csv.zst") {
    try compressed($0.prefix(99)) + compressed($0.dropFirst(99))
  },
  Export("zstd cut", .refused("the compressed file ends early"), diagnoses, as: "DIAGNOSES_ICD.csv.zst") {
    try compressed($0).dropLast(5)
  },
  Export("zstd damaged", .refused("not a valid zstd file"), diagnoses, as: "DIAGNOSES_ICD.csv.zst") {
    try compressed($0) + Data("xyz!".utf8)
  },
  Export("zstd named csv", .refused("is compressed with zstd"), diagnoses, as: diagnoses, compressed),
  Export("gzip named csv", .refused("is compressed with gzip"), diagnoses, as: diagnoses) { _ in
    Data([0x1F, 0x8B, 8, 0])
  },
  Export("an archive", .refused("is a ZIP archive"), diagnoses, as: diagnoses) { _ in Data([0x50, 0x4B, 3, 4, 0]) },
  Export("UTF-16", .refused("looks like UTF-16"), diagnoses, as: diagnoses) {
    try #require(String(decoding: $0, as: UTF8.self).data(using: .utf16))
  },
  Export("Latin-1", .refused("column language: the value is not UTF-8 text"), admissions, as: admissions) {
    try #require(String(decoding: $0, as: UTF8.self).data(using: .isoLatin1))
  },
  Export("Parquet named csv", .refused("count with DuckDB"), diagnoses, as: diagnoses) { _ in Data("PAR1".utf8) },
  Export("Parquet", .refused("DIAGNOSES_ICD.parquet: is a Parquet file"), diagnoses, as: "DIAGNOSES_ICD.parquet") { _ in
    Data("PAR1".utf8)
  },
  Export("MIMIC-IV 1.0", .refused("2.0 or later")) { files in
    files["core/patients.csv"] = files.removeValue(forKey: patients)
    files["hosp/x.csv"] = Data()
  },
  Export("a folder HOSP", .same) { files in
    for name in files.keys { files["HOSP/\(name)"] = files.removeValue(forKey: name) }
  },
  Export("parts of Spark", .same) { try split(&$0, into: "DIAGNOSES_ICD.csv") },
  Export("parts in a folder without an ending", .same) { try split(&$0, into: "diagnoses_icd") },
  Export("parts with other columns", .refused("the column names differ")) { files in
    try split(&files, into: diagnoses)
    files["\(diagnoses)/part-00002.csv"] = Data("A,B\n1,2\n".utf8)
  },
  Export("an unfinished job", .refused("has not finished")) { files in
    try split(&files, into: diagnoses)
    files["\(diagnoses)/_temporary/x"] = Data("x".utf8)
  },
  Export("a part in a subfolder", .refused("part of the table may be missing")) { files in
    try split(&files, into: diagnoses)
    files["\(diagnoses)/more/part-00003.csv"] = Data("x".utf8)
  },
  Export("an empty folder", .refused("DIAGNOSES_ICD.csv: is a folder without any CSV file in it")) { files in
    files.removeValue(forKey: diagnoses)
    files["\(diagnoses)/_SUCCESS"] = Data()
  },
  Export("a file and a folder", .refused("the same table twice")) { files in
    files["DIAGNOSES_ICD/part-0.csv"] = files[diagnoses]
  },
]

@Sendable private func compressed(_ data: Data) throws -> Data {
  var result = Data(count: ZSTD_compressBound(data.count))
  let size = result.withUnsafeMutableBytes { result in
    data.withUnsafeBytes { ZSTD_compress(result.baseAddress, result.count, $0.baseAddress, $0.count, 3) }
  }
  try #require(ZSTD_isError(size) == 0)
  return result.prefix(size)
}

/// Moves the diagnoses into a folder of parts as Spark writes it.
private func split(_ files: inout [String: Data], into folder: String) throws {
  let old = files.removeValue(forKey: diagnoses)
  let data = try #require(old)
  let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
  for (number, part) in [lines[1..<40], lines[40..<40], lines[40...]].enumerated() {
    files["\(folder)/part-0000\(number).csv"] = Data((([lines[0]] + part).joined(separator: "\n") + "\n").utf8)
  }
  files["\(folder)/part-00009.csv"] = Data()
  files["\(folder)/_SUCCESS"] = Data()
  files["\(folder)/.part-00000.csv.crc"] = Data("x".utf8)
}

/// All of them.
let exports = words + values + lines + files
