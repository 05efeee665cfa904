internal import Shared

/// Decides, for every column and for the queries of `sql`, which texts stand for a missing value. Letter case doesn't
/// matter.
enum MissingText {
  /// The source's own spellings of an unknown value, in capital letters.
  static let unknown: Set<String> = [
    "", "UNKNOWN (DEFAULT)", "UNKNOWN/NOT SPECIFIED", "UNKNOWN", "UNOBTAINABLE", "NOT SPECIFIED", "UNABLE TO OBTAIN",
    "?", "___", "MISSING",
  ]

  /// What programs write for an empty field: databases, R, pandas, Spark, Excel and SAS. In capital letters.
  static let words: Set<String> = [
    "NULL", "<NULL>", "(NULL)", "[NULL]", "#NULL!", "\\N", "NA", "<NA>", "N/A", "#N/A", "#NA", "NAN", "-NAN", "NAT",
    "NONE", "NIL", ".",
  ]

  /// All of them, in byte order.
  static let all = unknown.union(words).inByteOrder()

  static func isMissing(_ capitals: String) -> Bool { unknown.contains(capitals) || words.contains(capitals) }

  /// The word that a field's text is; nil if it is none.
  static func word(_ text: ArraySlice<UInt8>) -> String? {
    guard (1...6).contains(text.count) else { return nil }
    let capitals = capitals(String(decoding: text, as: UTF8.self))
    return words.contains(capitals) ? capitals : nil
  }

  /// The text with the letters a to z in upper case.
  static func capitals(_ text: String) -> String {
    String(decoding: text.utf8.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }, as: UTF8.self)
  }
}
