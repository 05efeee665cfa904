/// Bytes in order, from a file or a decompressor.
package protocol ByteSource: AnyObject {
  /// Puts the next bytes into `buffer`, from `offset` up to `end`, and returns how many there were; 0 only at the end.
  func read(into buffer: inout [UInt8], from offset: Int, to end: Int) throws(CloisterError) -> Int
}

/// Opens a file's bytes at an offset.
package typealias OpenBytes = @Sendable (_ offset: Int) throws(CloisterError) -> any ByteSource

/// Reads the records of one CSV file, batch by batch. A field is a range of the batch's bytes, including its quotes.
///
/// A fault is thrown only after all records before it have been returned. To find its line, the file is read again,
/// since only errors need line numbers.
package struct CSVReader {
  /// The file's name, as errors show it.
  package let file: String
  /// The column names, in lower case. Unnamed columns at the end are left out.
  package private(set) var header: [String] = []
  /// The batch's bytes.
  package private(set) var bytes: [UInt8]
  /// Where the batch's fields end in `bytes`.
  package private(set) var index: CSVIndex
  /// The number of whole records in the batch.
  package private(set) var recordCount = 0
  /// The number of fields per record.
  private var width = 0
  /// How many fields of each record, counted from the first, are available; the others are only checked.
  private var kept = Int.max
  /// Called with each batch's number of records.
  private let didRead: @Sendable (Int) -> Void
  private let open: OpenBytes
  private let separator: CSVSeparator
  private var source: any ByteSource
  /// Records that begin here or later belong to another reader.
  private var limit = Int.max
  /// The offset in the file of the batch's first byte.
  private var start = 0
  private var used = 0
  private var consumed = 0
  private var isAtEnd = false
  /// The offset of the first of the empty lines just read; nil if the last line was not empty.
  private var emptySince: Int?

  private static let padding = 64
  /// A record longer than this is assumed to lack a quote.
  private static let maximumRecord = 16 << 20

  /// Opens the file and reads its header line.
  ///
  /// - Parameter didRead: called with each batch's number of records.
  /// - Throws: status 65 if the file has no header line or is no CSV file at all.
  package init(
    file: String, separator: CSVSeparator = .comma, batchSize: Int = 1 << 20,
    didRead: @escaping @Sendable (Int) -> Void = { _ in }, open: @escaping OpenBytes
  ) throws(CloisterError) {
    self.file = file
    self.separator = separator
    self.open = open
    self.didRead = didRead
    index = CSVIndex(separator: separator)
    source = try open(0)
    // A byte order mark must fit into the first batch.
    bytes = [UInt8](repeating: 0, count: max(batchSize, 4) + Self.padding)
    try fill()
    if let foreign = ForeignFile(bytes[..<used]) {
      throw CloisterError(.inputRefused, "\(file): \(foreign.what)", hint: foreign.hint)
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { consumed = 3 }
    do throws(CSVHeader.Fault) { try CSVHeader.requireSeparator(separator, in: bytes[..<used]) } catch {
      throw refusal(of: error)
    }
    guard try nextBatch(width: 0) else {
      throw CloisterError(.inputRefused, "\(file): the file is empty", hint: "export the table again, with its header")
    }
    do throws(CSVHeader.Fault) { header = try CSVHeader((0..<width).map { unquoted(field(0, $0)) }).names } catch {
      throw refusal(of: error)
    }
    recordCount = 0
  }

  /// A reader of the records that begin at `offset` or later but before `limit`; a record must begin at `offset`.
  package func records(from offset: Int, to limit: Int) throws(CloisterError) -> CSVReader {
    var reader = self
    reader.source = try open(offset)
    reader.limit = limit
    reader.start = offset
    (reader.used, reader.consumed, reader.recordCount) = (0, 0, 0)
    (reader.isAtEnd, reader.emptySince) = (false, nil)
    reader.index = CSVIndex(separator: separator)
    return reader
  }

  /// Keeps only the first `count` fields of each record from the next batch on, which is faster.
  package mutating func keepFields(_ count: Int) { kept = header.count < width ? .max : max(1, count) }

  /// The offset in the file at which the next batch begins. Empty lines at the end of a reader's share belong to the
  /// next, which finds out whether rows follow them.
  package var nextOffset: Int { emptySince ?? start + consumed }

  /// The offset in the file of a record of this batch.
  package func offset(of record: Int) -> Int { start + index.start(of: record) }

  /// Where a field of the batch lies in `bytes`.
  package func field(_ record: Int, _ column: Int) -> Range<Int> {
    precondition(column < kept, "the field is kept")
    let place = record * index.stride + column
    let lower = place == 0 ? 0 : Int(index.ends[place - 1]) + 1
    var upper = Int(index.ends[place])
    if column == width - 1, upper > lower, bytes[upper - 1] == UInt8(ascii: "\r") { upper -= 1 }
    return lower..<upper
  }

  /// Moves to the next batch; returns false at the end.
  package mutating func nextBatch() throws(CloisterError) -> Bool {
    guard try nextBatch(width: width) else { return false }
    didRead(recordCount)
    return true
  }

  /// An error about a place in the file, with its line.
  package func refusal(at offset: Int, _ what: String, column: String? = nil) -> CloisterError {
    let place = column.map { ", column \($0)" } ?? ""
    return CloisterError(
      .inputRefused, "\(file) line \(line(at: offset))\(place): \(what)",
      hint: "look at that line, or export the table again; the content is not shown, as it may be patient data")
  }

}

extension CSVReader {
  /// - Parameter width: the number of fields per record; with 0, a single record is read, which sets the width.
  private mutating func nextBatch(width wanted: Int) throws(CloisterError) -> Bool {
    recordCount = 0
    while recordCount == 0 {
      guard try findRecords(width: wanted) else { return false }
      recordCount = index.recordCount
      while recordCount > 0, offset(of: recordCount - 1) >= limit { recordCount -= 1 }
      if recordCount == 0 { return false }
      if wanted > 1 { try keepUpToEmptyRecord() }
    }
    consumed = index.start(of: recordCount)
    if header.count < wanted { try requireNothingUnnamed() }
    return true
  }

  /// Indexes the next records; returns false at the end.
  private mutating func findRecords(width wanted: Int) throws(CloisterError) -> Bool {
    while true {
      discardConsumed()
      if start >= limit { return false }
      if let hole = firstNUL(in: bytes, count: used) {
        throw refusal(at: start + hole, "the file has a NUL byte here; was it damaged, or is it UTF-16?")
      }
      width = index.index(bytes, count: used, width: wanted, keeping: kept)
      if index.recordCount > 0 { return true }
      if let fault = index.fault {
        if wanted > 1, fault.reason == .wrongFieldCount(1), skipEmptyLines() { continue }
        throw refusal(of: fault)
      }
      if isAtEnd {
        if bytes[..<used].allSatisfy(isBlank) {
          (start, used) = (start + used, 0)
          return false
        }
        throw refusal(of: faultAtEnd)
      }
      if used == bytes.count - Self.padding { try grow() }
      try fill()
    }
  }

  private mutating func discardConsumed() {
    if consumed == 0 { return }
    let rest = used - consumed
    unsafe bytes.withUnsafeMutableBytes { bytes in
      unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[..<rest])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[consumed..<used]))
    }
    start += consumed
    used = rest
    consumed = 0
  }

  /// Fills the buffer, and adds a line end if the file's only line lacks one.
  private mutating func fill() throws(CloisterError) {
    while used < bytes.count - Self.padding, !isAtEnd {
      let count = try source.read(into: &bytes, from: used, to: bytes.count - Self.padding)
      isAtEnd = count == 0
      used += count
    }
    if isAtEnd, width == 0, used > 0, !bytes[..<used].contains(UInt8(ascii: "\n")),
      bytes[used - 1] != UInt8(ascii: "\r")
    {
      bytes[used] = UInt8(ascii: "\n")
      used += 1
    }
  }

  private mutating func grow() throws(CloisterError) {
    guard used < Self.maximumRecord else {
      throw refusal(at: start, "the row is longer than 16 MiB; is a quote missing?")
    }
    bytes += [UInt8](repeating: 0, count: bytes.count - Self.padding)
  }

  private func refusal(of fault: CSVHeader.Fault) -> CloisterError {
    let refusal = refusal(at: 0, fault.what)
    return CloisterError(refusal.status, refusal.what, hint: fault.hint ?? refusal.hint)
  }

  private func refusal(of fault: CSVFault) -> CloisterError {
    if let emptySince { return refusal(at: emptySince, Self.rowsFollow) }
    return switch fault.reason {
    case .wrongFieldCount(let count):
      refusal(at: start + fault.position, "the row has \(count) fields but the header has \(width)")
    default: refusal(at: start + fault.position, fault.reason.text)
    }
  }

  /// The number, from 1, of the physical line that contains an offset. Reads the file again to count the lines; 0 if
  /// the file can no longer be read.
  private func line(at offset: Int) -> Int {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    guard let source = try? open(0) else { return 0 }
    var line = 1
    var place = 0
    while place < offset, let count = try? source.read(into: &buffer, from: 0, to: buffer.count), count > 0 {
      for byte in buffer[..<min(count, offset - place)] where byte == UInt8(ascii: "\n") { line += 1 }
      place += count
    }
    return line
  }
}

// Empty lines and columns, which spreadsheets leave at the end of a table.
extension CSVReader {
  private static let rowsFollow = "the line is empty, but other lines follow"

  private func isBlank(_ text: [UInt8]) -> Bool { text.allSatisfy(isBlank) }

  private func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n")
  }

  /// Passes over the empty lines at the beginning of the buffer; returns false if there is none.
  private mutating func skipEmptyLines() -> Bool {
    // A carriage return alone ends no line.
    let blank = (0..<used).prefix { place in
      isBlank(bytes[place]) && (bytes[place] != UInt8(ascii: "\r") || bytes[place + 1] == UInt8(ascii: "\n"))
    }
    guard let last = blank.last(where: { bytes[$0] == UInt8(ascii: "\n") }) else { return false }
    if emptySince == nil { emptySince = start }
    consumed = last + 1
    return true
  }

  /// Keeps the batch's records up to the first empty one or, if the batch begins with empty records, passes over them.
  ///
  /// - Throws: status 65 if rows follow empty lines.
  private mutating func keepUpToEmptyRecord() throws(CloisterError) {
    let records = 0..<recordCount
    recordCount = records.first(where: isEmpty) ?? recordCount
    if recordCount == 0 {
      if emptySince == nil { emptySince = start }
      let next = records.first { !isEmpty($0) } ?? records.upperBound
      consumed = index.start(of: next)
      if next < records.upperBound { throw refusal(at: emptySince ?? start, Self.rowsFollow) }
    } else if let emptySince {
      throw refusal(at: emptySince, Self.rowsFollow)
    }
  }

  /// Whether a record has nothing but separators.
  @inline(__always)
  private func isEmpty(_ record: Int) -> Bool {
    let (start, end) = (index.start(of: record), index.start(of: record &+ 1))
    guard end &- start <= width &+ 1 else { return false }
    return bytes[start..<end].allSatisfy {
      $0 == separator.byte || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n")
    }
  }

  /// Requires that columns without a name are empty: a value there may belong to another column.
  private func requireNothingUnnamed() throws(CloisterError) {
    for record in 0..<recordCount {
      for column in header.count..<width where !isBlank(unquoted(field(record, column))) {
        throw refusal(at: offset(of: record), "a value has no column name; is a separator or a quote missing?")
      }
    }
  }

  /// Why the bytes after the last whole record are not a record.
  private var faultAtEnd: CSVFault {
    let isInQuotes = !bytes[..<used].count { $0 == UInt8(ascii: "\"") }.isMultiple(of: 2)
    if isInQuotes { return CSVFault(position: used, reason: .endsInQuotes) }
    let isReturn = bytes[used - 1] == UInt8(ascii: "\r")
    return CSVFault(position: isReturn ? used : 0, reason: isReturn ? .loneCarriageReturn : .noLineEnd)
  }
}
