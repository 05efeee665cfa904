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
  /// The column names, in lower case.
  package private(set) var header: [String] = []
  /// The batch's bytes.
  package private(set) var bytes: [UInt8]
  /// Where the batch's fields end in `bytes`.
  package private(set) var index = CSVIndex()
  /// The number of whole records in the batch.
  package private(set) var recordCount = 0
  /// The number of fields per record.
  private var width = 0
  /// How many fields of each record, counted from the first, are available; the others are only checked.
  private var kept = Int.max
  /// Called with each batch's number of records.
  private let didRead: @Sendable (Int) -> Void
  private let open: OpenBytes
  private var source: any ByteSource
  /// Records that begin here or later belong to another reader.
  private var limit = Int.max
  /// The offset in the file of the batch's first byte.
  private var start = 0
  private var used = 0
  private var consumed = 0
  private var isAtEnd = false

  private static let padding = 64
  /// A record longer than this is assumed to lack a quote.
  private static let maximumRecord = 16 << 20

  /// Opens the file and reads its header line.
  ///
  /// - Parameter didRead: called with each batch's number of records.
  package init(
    file: String, batchSize: Int = 1 << 20, didRead: @escaping @Sendable (Int) -> Void = { _ in },
    open: @escaping OpenBytes
  ) throws(CloisterError) {
    self.file = file
    self.open = open
    self.didRead = didRead
    source = try open(0)
    // A byte order mark must fit into the first batch.
    bytes = [UInt8](repeating: 0, count: max(batchSize, 4) + Self.padding)
    try fill()
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { consumed = 3 }
    guard try nextBatch(width: 0) else {
      throw CloisterError(.inputRefused, "\(file): the file is empty", hint: "export the table again, with its header")
    }
    for column in 0..<width {
      guard let name = String(validating: unquoted(field(0, column)), as: UTF8.self) else {
        throw refusal(at: 0, "the header is not UTF-8 text")
      }
      header.append(name.lowercased())
    }
    guard Set(header).count == width else { throw refusal(at: 0, "a column name appears twice") }
    recordCount = 0
  }

  /// A reader of the records that begin at `offset` or later but before `limit`; a record must begin at `offset`.
  package func records(from offset: Int, to limit: Int) throws(CloisterError) -> CSVReader {
    var reader = self
    reader.source = try open(offset)
    reader.limit = limit
    reader.start = offset
    (reader.used, reader.consumed, reader.recordCount) = (0, 0, 0)
    reader.isAtEnd = false
    reader.index = CSVIndex()
    return reader
  }

  /// Keeps only the first `count` fields of each record from the next batch on, which is faster.
  package mutating func keepFields(_ count: Int) { kept = max(1, count) }

  /// The offset in the file at which the next batch begins.
  package var nextOffset: Int { start + consumed }

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

  /// A field's text without its quotes.
  package func unquoted(_ range: Range<Int>) -> [UInt8] { Self.unquoted(bytes, range) }

  /// A field's text without its quotes, for a batch that was taken from a reader.
  package static func unquoted(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8] {
    guard range.count >= 2, bytes[range.lowerBound] == UInt8(ascii: "\"") else { return Array(bytes[range]) }
    var text: [UInt8] = []
    var wasQuote = false
    for byte in bytes[range.lowerBound + 1..<range.upperBound - 1] {
      let isQuote = byte == UInt8(ascii: "\"") && !wasQuote
      if !isQuote { text.append(byte) }
      wasQuote = isQuote
    }
    return text
  }
}

extension CSVReader {
  /// - Parameter width: the number of fields per record; with 0, a single record is read, which sets the width.
  private mutating func nextBatch(width wanted: Int) throws(CloisterError) -> Bool {
    recordCount = 0
    discardConsumed()
    if start >= limit { return false }
    while true {
      width = index.index(bytes, count: used, width: wanted, keeping: kept)
      if index.recordCount > 0 { break }
      if let fault = index.fault { throw refusal(of: fault) }
      if isAtEnd {
        if used == 0 { return false }
        let isReturn = bytes[used - 1] == UInt8(ascii: "\r")
        throw refusal(of: CSVFault(position: used, reason: isReturn ? .loneCarriageReturn : .endsInQuotes))
      }
      if used == bytes.count - Self.padding { try grow() }
      try fill()
    }
    recordCount = index.recordCount
    while recordCount > 0, offset(of: recordCount - 1) >= limit { recordCount -= 1 }
    consumed = index.start(of: recordCount)
    return recordCount > 0
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

  /// Fills the buffer, and adds a line end if the file's last record lacks one.
  private mutating func fill() throws(CloisterError) {
    while used < bytes.count - Self.padding, !isAtEnd {
      let count = try source.read(into: &bytes, from: used, to: bytes.count - Self.padding)
      isAtEnd = count == 0
      used += count
    }
    if isAtEnd, used > 0, bytes[used - 1] != UInt8(ascii: "\n"), bytes[used - 1] != UInt8(ascii: "\r") {
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

  private func refusal(of fault: CSVFault) -> CloisterError {
    switch fault.reason {
    case .wrongFieldCount(let count):
      refusal(at: start + fault.position, "the row has \(count) fields but the header has \(header.count)")
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
