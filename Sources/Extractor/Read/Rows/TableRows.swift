internal import Shared

/// The rows of one source table, with checked values by column. Every error names the file, line and column, but never
/// shows the value.
struct TableRows: ~Copyable {
  private let source: BatchSource
  private var batch = RowBatch()
  private let width: Int
  private var record = -1
  /// The number of fields up to the last column requested.
  private var needed = 1

  /// A column of the table.
  struct Column: Sendable {
    let name: String
    fileprivate let index: Int
  }

  init(_ table: SourceTable, of input: InputFolder) throws(CloisterError) {
    self.init(try input.open(table), isAhead: input.threads > 1)
  }

  /// - Parameter isAhead: whether a separate thread finds the fields.
  init(_ reader: CSVReader, isAhead: Bool) {
    source = BatchSource(reader, isAhead: isAhead)
    width = reader.header.count
  }

  /// The offset of the next record in the file; valid after the last row, if no batches are read ahead.
  var nextOffset: Int { source.reader.nextOffset }

  /// Returns a column by name. Request all columns before the first row.
  ///
  /// - Throws: status 65 if the header has no such column.
  mutating func column(_ name: String) throws(CloisterError) -> Column {
    guard let index = source.reader.header.firstIndex(of: name) else {
      throw CloisterError(
        .inputRefused, "\(source.reader.file) line 1: the column \(name) is missing",
        hint: "export the table with all its original columns, in any letter case")
    }
    needed = max(needed, index + 1)
    source.keepFields(needed)
    return Column(name: name, index: index)
  }

  @inline(__always)
  mutating func next() throws(CloisterError) -> Bool {
    record &+= 1
    return if record < batch.count { true } else { try nextBatch() }
  }

  /// The number of rows in the batch.
  var count: Int { batch.count }

  /// Moves to a row of the batch.
  @inline(__always)
  mutating func select(_ row: Int) { record = row }

  /// Moves to the first row of the next batch and skips the rest of this one.
  mutating func nextBatch() throws(CloisterError) -> Bool {
    record = 0
    return try source.next(&batch)
  }

  /// Whether the value is empty, with or without quotes.
  @inline(__always)
  func isEmpty(_ column: Column) -> Bool {
    let range = value(column)
    return range.isEmpty || isQuoted(range) && text(column).isEmpty
  }

  /// A whole number of at most 15 digits.
  @inline(__always)
  func integer(_ column: Column) throws(CloisterError) -> Int {
    let range = value(column)
    return if let number = shortInteger(range) { number } else { try longInteger(column, range) }
  }

  private func longInteger(_ column: Column, _ range: Range<Int>) throws(CloisterError) -> Int {
    var number = 0
    for place in range {
      let byte = batch.bytes[place]
      guard (0x30...0x39).contains(byte) else { return try quotedInteger(column) }
      number = number &* 10 &+ Int(byte &- 0x30)
    }
    guard range.count <= 15 else { throw refusal(column, "is too large: a number may have at most 15 digits") }
    guard !range.isEmpty else { throw refusal(column, "is empty where a number is needed") }
    return number
  }

  /// A number of 1 to 15 digits, computed from whole words of bytes; nil for any other field.
  @inline(__always)
  private func shortInteger(_ range: Range<Int>) -> Int? {
    if range.count <= 8 { return digits(range) }
    guard range.count <= 15 else { return nil }
    let middle = range.upperBound &- 8
    guard let high = digits(range.lowerBound..<middle), let low = digits(middle..<range.upperBound) else { return nil }
    return high &* 100_000_000 &+ low
  }

  /// A number of 1 to 8 digits; nil for any other field.
  @inline(__always)
  private func digits(_ range: Range<Int>) -> Int? {
    let count = UInt64(truncatingIfNeeded: range.count)
    guard count &- 1 < 8, range.lowerBound &+ 8 <= batch.bytes.count else { return nil }
    let word = unsafe batch.bytes.withUnsafeBytes { bytes in
      UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self))
    }
    // Move the digits to the high end, with zeros before them.
    let zeros: UInt64 = 0x3030_3030_3030_3030
    let digits = (word ^ zeros) &<< (64 &- 8 &* count)
    let isDecimal = (digits &+ 0x7676_7676_7676_7676) & 0x8080_8080_8080_8080 | digits & 0x8080_8080_8080_8080
    guard isDecimal == 0 else { return nil }
    let pairs = (digits &* 10 &+ (digits &>> 8)) & 0x00FF_00FF_00FF_00FF
    let fours = (pairs &* 100 &+ (pairs &>> 16)) & 0x0000_FFFF_0000_FFFF
    return Int(truncatingIfNeeded: (fours &* 10_000 &+ (fours &>> 32)) & 0xFFFF_FFFF)
  }

  func time(_ column: Column) throws(CloisterError) -> CalendarTime {
    let range = value(column)
    guard let time = CalendarTime(isQuoted(range) ? text(column)[...] : batch.bytes[range]) else {
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

  /// Returns the number that `interner` gives the value's bytes, including quotes.
  @inline(__always)
  func intern(_ column: Column, _ interner: inout ByteInterner, part: Int) -> UInt32 {
    interner.id(of: batch.bytes, value(column), part: part)
  }

  /// A category: printable text of at most 255 bytes; every spelling of "unknown" becomes `missing`.
  func category(_ column: Column) throws(CloisterError) -> String {
    let value = text(column)
    guard value.count <= 255, let text = String(validating: value, as: UTF8.self),
      isPrintable(text, limit: 255)
    else { throw refusal(column, "is not printable text of at most 255 bytes") }
    return unknownCategories.contains(text) ? missingCategory : text
  }

  /// A code of the given shape; nil if the field is empty.
  func code(_ column: Column, _ shape: CodeShape) throws(CloisterError) -> String? {
    let value = text(column)
    if value.isEmpty { return nil }
    guard shape.matches(value[...]) else {
      throw refusal(column, "is not a valid code: codes have only capital letters and digits, without a dot")
    }
    return String(decoding: value, as: UTF8.self)
  }

  /// A laboratory flag, such as `abnormal`, in lower case.
  func labFlag(_ column: Column) throws(CloisterError) -> String {
    let value = text(column)
    guard LabCategory.isFlag(value[...]) else {
      throw refusal(column, "is not a flag: one word of at most 16 letters")
    }
    return String(decoding: value, as: UTF8.self).lowercased()
  }

  /// A decimal number; nil if the field is empty.
  func optionalNumber(_ column: Column) throws(CloisterError) -> Double? {
    if isEmpty(column) { return nil }
    let range = value(column)
    let found: Double?
    if isQuoted(range) {
      let text = text(column)
      found = decimalNumber(text, text.indices)
    } else {
      found = decimalNumber(batch.bytes, range)
    }
    guard let number = found else { throw refusal(column, "is not a number") }
    return number
  }

  func refusal(_ column: Column, _ what: String) -> CloisterError {
    source.reader.refusal(at: batch.offset(of: record), "the value \(what)", column: column.name)
  }

  /// Where the value is in the batch, with its quotes but without surrounding blanks. Finds the field as
  /// `CSVReader.field` does, but in the arrays held here: calling another module for every value would take a tenth of
  /// the run time.
  @inline(__always)
  private func value(_ column: Column) -> Range<Int> {
    let place = record &* batch.stride &+ column.index
    var lower = place == 0 ? 0 : Int(batch.ends[place - 1]) &+ 1
    var upper = Int(batch.ends[place])
    if column.index == width - 1, upper > lower, batch.bytes[upper - 1] == UInt8(ascii: "\r") { upper -= 1 }
    while lower < upper, batch.bytes[lower] == 0x20 { lower += 1 }
    while upper > lower, batch.bytes[upper - 1] == 0x20 { upper -= 1 }
    return lower..<upper
  }

  private func isQuoted(_ range: Range<Int>) -> Bool {
    !range.isEmpty && batch.bytes[range.lowerBound] == UInt8(ascii: "\"")
  }

  /// The value without quotes and surrounding blanks.
  private func text(_ column: Column) -> [UInt8] {
    let range = value(column)
    guard isQuoted(range) else { return Array(batch.bytes[range]) }
    var text = CSVReader.unquoted(batch.bytes, range)[...]
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

/// The source's spellings of an unknown value.
let unknownCategories: Set<String> = [
  "", "UNKNOWN (DEFAULT)", "UNKNOWN/NOT SPECIFIED", "UNKNOWN", "UNOBTAINABLE", "NOT SPECIFIED", "UNABLE TO OBTAIN", "?",
  "___", missingCategory,
]
