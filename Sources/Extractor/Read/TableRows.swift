internal import Shared

/// The rows of one source table, by column name, with checked values: each failure names file, line and column and
/// never shows the value.
struct TableRows {
  private var reader: CSVReader

  /// A column that is there.
  struct Column: Sendable {
    let name: String
    fileprivate let index: Int
  }

  init(_ table: SourceTable, of input: InputFolder) throws(CloisterError) { reader = try input.open(table) }

  /// - Throws: status 65 where the header has no such column.
  func column(_ name: String) throws(CloisterError) -> Column {
    guard let index = reader.header.firstIndex(of: name) else {
      throw CloisterError(
        .inputRefused, "\(reader.file) line 1: the column \(name) is missing",
        hint: "export the table with all its original columns; letter case is free")
    }
    return Column(name: name, index: index)
  }

  mutating func next() throws(CloisterError) -> Bool { try reader.next() }

  /// The value without blanks at its ends.
  func bytes(_ column: Column) -> ArraySlice<UInt8> {
    var value = reader.field(column.index)
    while value.first == 0x20 { value = value.dropFirst() }
    while value.last == 0x20 { value = value.dropLast() }
    return value
  }

  func isEmpty(_ column: Column) -> Bool { bytes(column).isEmpty }

  /// A whole number of at most 15 digits.
  func integer(_ column: Column) throws(CloisterError) -> Int {
    let value = bytes(column)
    var number = 0
    for byte in value {
      guard (0x30...0x39).contains(byte) else { throw refusal(column, "is not a whole number") }
      number = number * 10 + Int(byte - 0x30)
      guard number < 1_000_000_000_000_000 else { throw refusal(column, "is too large a number") }
    }
    guard !value.isEmpty else { throw refusal(column, "is empty where a number is needed") }
    return number
  }

  func time(_ column: Column) throws(CloisterError) -> CalendarTime {
    guard let time = CalendarTime(bytes(column)) else {
      throw refusal(column, "is not a date of the form YYYY-MM-DD or YYYY-MM-DD HH:MM:SS")
    }
    return time
  }

  func optionalTime(_ column: Column) throws(CloisterError) -> CalendarTime? {
    isEmpty(column) ? nil : try time(column)
  }

  func flag(_ column: Column) throws(CloisterError) -> Bool {
    switch Array(bytes(column)) {
    case [UInt8(ascii: "0")]: false
    case [UInt8(ascii: "1")]: true
    default: throw refusal(column, "is neither 0 nor 1")
    }
  }

  /// A category: printable text of at most 255 bytes; every way of writing "unknown" is `missing`.
  func category(_ column: Column) throws(CloisterError) -> String {
    let value = bytes(column)
    guard value.count <= 255, let text = String(validating: value, as: UTF8.self),
      Console.harmless(text, limit: 255) == text
    else { throw refusal(column, "is not printable text of at most 255 bytes") }
    return unknownCategories.contains(text) ? missingCategory : text
  }

  /// A code of that form; nil where the field is empty.
  func code(_ column: Column, _ shape: CodeShape) throws(CloisterError) -> String? {
    let value = bytes(column)
    if value.isEmpty { return nil }
    guard shape.matches(value) else {
      throw refusal(column, "is not a code of its kind: capital letters and digits without a dot")
    }
    return String(decoding: value, as: UTF8.self)
  }

  func refusal(_ column: Column, _ what: String) -> CloisterError {
    CloisterError(
      .inputRefused, "\(reader.file) line \(reader.line), column \(column.name): the value \(what)",
      hint: "look at that line; the value is not shown here, as it may be patient data")
  }
}

/// The source's ways of saying that nothing is known.
private let unknownCategories: Set<String> = [
  "", "UNKNOWN (DEFAULT)", "UNKNOWN/NOT SPECIFIED", "UNKNOWN", "UNOBTAINABLE", "NOT SPECIFIED", "UNABLE TO OBTAIN", "?",
  "___", missingCategory,
]
