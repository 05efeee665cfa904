internal import Shared

/// The rows of one source table, by column name, with checked values: each failure names file, line and column and
/// never shows the value.
struct TableRows {
  private var reader: CSVReader
  /// The reader's batch, held here while its records are given.
  private var bytes: [UInt8] = []
  private var ends: [UInt32] = []
  private var recordCount = 0
  private let width: Int
  private var record = -1

  /// A column that is there.
  struct Column: Sendable {
    let name: String
    fileprivate let index: Int
  }

  init(_ table: SourceTable, of input: InputFolder) throws(CloisterError) {
    self.init(try input.open(table))
  }

  init(_ reader: CSVReader) {
    self.reader = reader
    width = reader.header.count
  }

  /// The offset in the file at which the next record begins, once all have been given.
  var nextOffset: Int { reader.nextOffset }

  /// - Throws: status 65 where the header has no such column.
  func column(_ name: String) throws(CloisterError) -> Column {
    guard let index = reader.header.firstIndex(of: name) else {
      throw CloisterError(
        .inputRefused, "\(reader.file) line 1: the column \(name) is missing",
        hint: "export the table with all its original columns; letter case is free")
    }
    return Column(name: name, index: index)
  }

  mutating func next() throws(CloisterError) -> Bool {
    record += 1
    if record < recordCount { return true }
    // Given back first, so that the reader writes into its own arrays and not into copies.
    (bytes, ends, recordCount, record) = ([], [], 0, 0)
    guard try reader.nextBatch() else { return false }
    (bytes, ends, recordCount) = (reader.bytes, reader.index.ends, reader.recordCount)
    return true
  }

  /// Whether nothing stands there, be it in quotes.
  func isEmpty(_ column: Column) -> Bool {
    let range = value(column)
    return range.isEmpty || isQuoted(range) && text(column).isEmpty
  }

  /// A whole number of at most 15 digits.
  func integer(_ column: Column) throws(CloisterError) -> Int {
    let range = value(column)
    var number = 0
    for place in range {
      let byte = bytes[place]
      guard (0x30...0x39).contains(byte) else { return try quotedInteger(column) }
      number = number &* 10 &+ Int(byte &- 0x30)
    }
    guard range.count <= 15 else { throw refusal(column, "is too large a number") }
    guard !range.isEmpty else { throw refusal(column, "is empty where a number is needed") }
    return number
  }

  func time(_ column: Column) throws(CloisterError) -> CalendarTime {
    guard let time = CalendarTime(text(column)[...]) else {
      throw refusal(column, "is not a date of the form YYYY-MM-DD or YYYY-MM-DD HH:MM:SS")
    }
    return time
  }

  func optionalTime(_ column: Column) throws(CloisterError) -> CalendarTime? {
    isEmpty(column) ? nil : try time(column)
  }

  func flag(_ column: Column) throws(CloisterError) -> Bool {
    switch text(column) {
    case [UInt8(ascii: "0")]: false
    case [UInt8(ascii: "1")]: true
    default: throw refusal(column, "is neither 0 nor 1")
    }
  }

  /// The number of the value's bytes in `interner`, and whether they are new in it. Values that differ only in quotes or
  /// blanks have one number.
  func intern(_ column: Column, _ interner: inout ByteInterner) -> (id: UInt32, isNew: Bool) {
    let range = value(column)
    let known = interner.count
    let id: UInt32
    if isQuoted(range) {
      let text = text(column)
      id = interner.id(of: text, text.indices)
    } else {
      id = interner.id(of: bytes, range)
    }
    return (id, id == known)
  }

  /// A category: printable text of at most 255 bytes; every way of writing "unknown" is `missing`.
  func category(_ column: Column) throws(CloisterError) -> String {
    let value = text(column)
    guard value.count <= 255, let text = String(validating: value, as: UTF8.self),
      Console.harmless(text, limit: 255) == text
    else { throw refusal(column, "is not printable text of at most 255 bytes") }
    return unknownCategories.contains(text) ? missingCategory : text
  }

  /// A code of that form; nil where the field is empty.
  func code(_ column: Column, _ shape: CodeShape) throws(CloisterError) -> String? {
    let value = text(column)
    if value.isEmpty { return nil }
    guard shape.matches(value[...]) else {
      throw refusal(column, "is not a code of its kind: capital letters and digits without a dot")
    }
    return String(decoding: value, as: UTF8.self)
  }

  func refusal(_ column: Column, _ what: String) -> CloisterError {
    reader.refusal(at: reader.offset(of: record), "the value \(what)", column: column.name)
  }

  /// Where the value lies in the batch, with its quotes, without blanks at its ends. It finds the field as `CSVReader.field`
  /// does, on the arrays held here: a call into another module for every value costs a tenth of the run.
  private func value(_ column: Column) -> Range<Int> {
    let place = record &* width &+ column.index
    var lower = place == 0 ? 0 : Int(ends[place - 1]) &+ 1
    var upper = Int(ends[place])
    if column.index == width - 1, upper > lower, bytes[upper - 1] == UInt8(ascii: "\r") { upper -= 1 }
    while lower < upper, bytes[lower] == 0x20 { lower += 1 }
    while upper > lower, bytes[upper - 1] == 0x20 { upper -= 1 }
    return lower..<upper
  }

  private func isQuoted(_ range: Range<Int>) -> Bool {
    !range.isEmpty && bytes[range.lowerBound] == UInt8(ascii: "\"")
  }

  /// The value without quotes and without blanks at its ends.
  private func text(_ column: Column) -> [UInt8] {
    let range = value(column)
    guard isQuoted(range) else { return Array(bytes[range]) }
    var text = reader.unquoted(range)[...]
    while text.first == 0x20 { text = text.dropFirst() }
    while text.last == 0x20 { text = text.dropLast() }
    return Array(text)
  }

  private func quotedInteger(_ column: Column) throws(CloisterError) -> Int {
    let text = text(column)
    guard isQuoted(value(column)), (1...15).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw refusal(column, "is not a whole number")
    }
    return text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }
}

/// The source's ways of saying that nothing is known.
private let unknownCategories: Set<String> = [
  "", "UNKNOWN (DEFAULT)", "UNKNOWN/NOT SPECIFIED", "UNKNOWN", "UNOBTAINABLE", "NOT SPECIFIED", "UNABLE TO OBTAIN", "?",
  "___", missingCategory,
]
