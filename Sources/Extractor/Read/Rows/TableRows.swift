internal import Shared

/// The rows of one source table, with checked values by column. Every error names the file, line and column, but never
/// shows the value.
struct TableRows: ~Copyable {
  private let source: BatchSource
  private let missing = MissingFields()
  private var batch = RowBatch()
  private let width: Int
  private var record = -1
  private var rowCount = 0
  /// The number of fields up to the last column requested.
  private var needed = 1

  /// A column of the table.
  struct Column: Sendable {
    let name: String
    fileprivate let index: Int
  }

  init(_ table: SourceTable, of input: InputFolder) throws(CloisterError) {
    let files = try input.files(of: table)
    self.init(RowReader(try files.open(0), files: files), isAhead: input.threads > 1)
  }

  /// - Parameter isAhead: whether a separate thread finds the fields.
  init(_ reader: RowReader, isAhead: Bool) {
    source = BatchSource(reader, isAhead: isAhead)
    width = reader.reader.header.count
  }

  /// The offset of the next record in the file; valid after the last row, if no batches are read ahead.
  var nextOffset: Int { source.rows.reader.nextOffset }

  /// How many rows there were so far, and what the optional columns held instead of numbers and times.
  func findings(_ table: SourceTable) -> TableFindings {
    TableFindings(table: table, file: file, rows: rowCount, columns: missing.columns)
  }

  /// Returns a column by name. Request all columns before the first row.
  ///
  /// - Throws: status 65 if the header has no such column.
  mutating func column(_ name: String) throws(CloisterError) -> Column {
    guard let index = source.rows.reader.header.firstIndex(of: name) else {
      let header = source.rows.reader.header
      // The name in the file is not repeated: without a header, it would be a cell's content.
      let similar = nearestName(header, to: name).flatMap { header.firstIndex(of: $0) }.map { $0 + 1 }
      throw CloisterError(
        .inputRefused, "\(source.rows.reader.file) line 1: the column \(name) is missing",
        hint: (similar.map { "column \($0) has almost this name; perhaps it is misspelt. Otherwise, " } ?? "")
          + "export the table with all its original columns, in any letter case")
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

  /// The name of the table's file, or of the folder of its parts.
  var file: String { source.rows.name }

  /// The number of rows in the batch.
  var count: Int { batch.count }

  /// Moves to a row of the batch.
  @inline(__always)
  mutating func select(_ row: Int) { record = row }

  /// Moves to the first row of the next batch and skips the rest of this one.
  mutating func nextBatch() throws(CloisterError) -> Bool {
    record = 0
    let isThere = try source.next(&batch)
    rowCount += batch.count
    return isThere
  }

  /// Whether the value is empty, with or without quotes.
  @inline(__always)
  func isEmpty(_ column: Column) -> Bool {
    let range = value(column)
    return range.isEmpty || isQuoted(range) && text(column).isEmpty
  }

  /// Whether the value is empty or a word that stands for an empty field, such as `NULL`; the findings count it then.
  @inline(__always)
  func isMissing(_ column: Column) -> Bool {
    let range = value(column)
    if !range.isEmpty, (0x30...0x39).contains(batch.bytes[range.lowerBound]) { return false }
    return isMissingText(column)
  }

  /// Whether the value is a word that stands for an empty field.
  func isMissingWord(_ column: Column) -> Bool { MissingText.word(text(column)[...]) != nil }

  private func isMissingText(_ column: Column) -> Bool {
    let text = text(column)[...]
    guard text.isEmpty || MissingText.word(text) != nil else { return false }
    missing.columns[column.name, default: ColumnFindings()].count(text, rows: 1)
    return true
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
      guard (0x30...0x39).contains(byte) else { return try unusualInteger(column) }
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
    let bytes = isQuoted(range) ? text(column)[...] : batch.bytes[range]
    guard let time = CalendarTime(bytes) else {
      throw refusal(
        column,
        CalendarTime.hasOtherZone(bytes)
          ? "has a time zone other than UTC; export times without a time zone"
          : "is not a date of the form YYYY-MM-DD or YYYY-MM-DD HH:MM:SS")
    }
    return time
  }

  func optionalTime(_ column: Column) throws(CloisterError) -> CalendarTime? {
    isMissing(column) ? nil : try time(column)
  }

  /// Returns the number that `interner` gives the value's bytes, including quotes.
  @inline(__always)
  func intern(_ column: Column, _ interner: inout ByteInterner, part: Int) -> UInt32 {
    interner.id(of: batch.bytes, value(column), part: part)
  }

  /// A decimal number; nil if the field is empty.
  func optionalNumber(_ column: Column) throws(CloisterError) -> Double? {
    if isMissing(column) { return nil }
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
    source.rows.refusal(batch.file, at: batch.offset(of: record), "the value \(what)", column: column.name)
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
  func text(_ column: Column) -> [UInt8] { fieldText(batch.bytes, value(column)) }

  /// A whole number in quotes, or with a fraction of zeros as pandas writes it: `123.0`.
  private func unusualInteger(_ column: Column) throws(CloisterError) -> Int {
    let text = text(column)
    let digits = text.prefix { $0 != UInt8(ascii: ".") }
    let fraction = text[digits.endIndex...].dropFirst()
    guard (1...15).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      fraction.allSatisfy({ $0 == UInt8(ascii: "0") }), digits.count == text.count || !fraction.isEmpty
    else { throw refusal(column, "is not a whole number") }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }
}

/// A field's text without quotes and surrounding blanks.
func fieldText(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8] {
  var text = CSVReader.unquoted(bytes, range)[...]
  while text.first == 0x20 { text = text.dropFirst() }
  while text.last == 0x20 { text = text.dropLast() }
  return Array(text)
}

/// What a table's optional columns hold instead of numbers and times.
private final class MissingFields {
  var columns: [String: ColumnFindings] = [:]
}
