import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

/// The tables of a hospital as real tools write them, each in the ways that their users choose.
///
/// `make test-warehouse` installs the tools; without them the tests are skipped and say so.
@Suite(.enabled(if: WarehouseEngine.python != nil, "skipped: make test-warehouse installs the tools"))
struct ExportToolTests {
  private static let lostZeros = Export.Outcome.refused(
    "too short to be a whole code; did the export drop leading zeros?")
  private static let nullWord = Export.Outcome.noted("ADMISSIONS.csv, column religion: 40 fields hold NULL")
  private static let noHeader = Export.Outcome.refused("line 1: the line holds values, not column names")
  private static let notCSV = Export.Outcome.refused("export the table as NAME.csv, NAME.csv.gz or NAME.csv.zst")
  private static let backslashes = Export.Outcome.refused("must be doubled, not escaped with a backslash")

  /// What must come of each way that is not read as if nothing had happened.
  private static let others: [String: Export.Outcome] = [
    // These take codes for numbers.
    "Arrow default": lostZeros, "Polars default": lostZeros, "Spark default": lostZeros, "pandas default": lostZeros,
    "DuckDB missing as NULL": nullWord, "Polars missing as null": nullWord, "Spark missing as NULL": nullWord,
    "pandas missing as NULL": nullWord, "Spark no header": noHeader, "pandas no header": noHeader,
    "pandas bz2": notCSV, "pandas xz": notCSV, "pandas zip": notCSV, "Spark backslashes": backslashes,
    "pandas backslashes": backslashes, "DuckDB Parquet": .refused("is a Parquet file, not CSV"),
    "DuckDB pipes": .refused("--separator pipe"), "pandas semicolons": .refused("--separator semicolon"),
    "pandas tabs": .refused("--separator tab"), "pandas CR": .refused("a carriage return without a line feed"),
    "pandas German dates": .refused("column admittime: the value is not a date"),
    "pandas Latin-1": .refused("column language: the value is not UTF-8 text"),
    "pandas UTF-16": .refused("it looks like UTF-16"),
    "pandas gz without its name": .refused("is compressed with gzip, which its name doesn't say"),
    "pandas single quotes": .refused("needs exactly one of the columns dob"),
  ]

  @Test func whatRealToolsWriteIsReadRightOrRefused() throws {
    let folder = try TemporaryFolder()
    let hospital = Self.withShortProcedures(exportedHospital())
    for (name, data) in hospital { try folder.write(data, to: "tables/\(name)") }
    let script = "\(Project.root)/Tests/Support/export_with_tools.py"
    let done = try runProgram(
      try #require(WarehouseEngine.python), [script, folder.path("tables"), folder.path("exports")])
    try #require(done.status == 0, "\(done.errors)")
    let made = try FileManager.default.contentsOfDirectory(atPath: folder.path("exports"))
    #expect(made.count >= 40 && Self.others.keys.allSatisfy(made.contains), "\(made)")
    for name in made {
      do {
        try (Self.others[name] ?? .same).check(name, of: hospital) { try ReadExport(folder.path("exports/\(name)")) }
      } catch { Issue.record(error, "\(name)") }
    }
  }

  /// Without its zeros, 0066 can't be a procedure. (331 could be one: only the numbers of all codes can show that 0331
  /// has lost its zero, and this hospital has too few.)
  private static func withShortProcedures(_ files: [String: Data]) -> [String: Data] {
    var files = files
    files[procedures] = files[procedures].map {
      Data(String(decoding: $0, as: UTF8.self).replacing("0331", with: "0066").utf8)
    }
    return files
  }
}
