/// A kind of file that people give in place of a CSV file. Its first bytes show it.
struct ForeignFile {
  /// What the file is, to follow the file's name and a colon.
  let what: String
  let hint: String

  /// - Parameter bytes: the beginning of the file.
  /// - Returns: nil if the file may be text in UTF-8.
  init?(_ bytes: ArraySlice<UInt8>) {
    func begins(with start: [UInt8]) -> Bool { bytes.starts(with: start) }
    switch true {
    case begins(with: [0x1F, 0x8B]):
      (what, hint) = ("is compressed with gzip, which its name doesn't say", Self.rename("gz"))
    case begins(with: [0x28, 0xB5, 0x2F, 0xFD]):
      (what, hint) = ("is compressed with zstd, which its name doesn't say", Self.rename("zst"))
    case begins(with: Array("PK".utf8) + [3, 4]):
      (what, hint) = ("is a ZIP archive or an Excel workbook, not CSV", "unpack it, or export the table as CSV")
    case begins(with: [0xD0, 0xCF, 0x11, 0xE0]):
      (what, hint) = ("is an Excel workbook, not CSV", "save the table as CSV UTF-8")
    case begins(with: Array("PAR1".utf8)): (what, hint) = ("is a Parquet file, not CSV", parquetHint)
    case begins(with: Array("BZh".utf8)): (what, hint) = ("is compressed with bzip2 (.bz2)", Self.compressOtherwise)
    case begins(with: [0xFD] + Array("7zXZ".utf8)):
      (what, hint) = ("is compressed with xz (.xz)", Self.compressOtherwise)
    case begins(with: [0x37, 0x7A, 0xBC, 0xAF]): (what, hint) = ("is a 7-Zip archive", Self.compressOtherwise)
    case begins(with: [0xFF, 0xFE]), begins(with: [0xFE, 0xFF]), bytes.prefix(64).contains(0):
      (what, hint) = (
        "is not UTF-8 text; it looks like UTF-16", "export the table as UTF-8; Excel calls this CSV UTF-8"
      )
    default: return nil
    }
  }

  private static let compressOtherwise = "decompress it, or compress it with gzip or zstd"

  private static func rename(_ ending: String) -> String {
    "if the file is called NAME.csv, rename it to NAME.csv.\(ending); if the name already ends so, it was compressed "
      + "twice: decompress it once"
  }
}

/// What to do about Parquet files.
package let parquetHint =
  "export as CSV, or count with DuckDB, which reads Parquet: cloister-extractor sql --dialect duckdb"
