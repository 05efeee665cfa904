/// Bytes in order, from a file or a decompressor.
package protocol ByteSource: AnyObject {
  /// Replaces `buffer` with the next bytes; leaves it empty at the end.
  func read(into buffer: inout [UInt8]) throws(CloisterError)
}

/// Rows of one CSV file, with positions: a header, then records of as many fields.
package struct CSVReader {
  /// The file's name, as errors show it.
  package let file: String
  package private(set) var header: [String] = []
  private let source: any ByteSource
  private var machine = CSVMachine()
  private var buffer: [UInt8] = []
  private var position = 0

  /// A record longer than this is a broken quote, not a record.
  private static var maximumRecord: Int { 16 << 20 }

  /// Reads the header line.
  package init(_ source: any ByteSource, file: String) throws(CloisterError) {
    self.source = source
    self.file = file
    try skipByteOrderMark()
    guard try advance() else {
      throw CloisterError(.inputRefused, "\(file): the file is empty", hint: "export the table again, with its header")
    }
    var names: [String] = []
    for index in 0..<machine.fieldCount {
      guard let name = String(validating: machine.field(index), as: UTF8.self) else {
        throw Self.refusal(file, line: 1, "the header is not UTF-8 text")
      }
      names.append(name.lowercased())
    }
    guard Set(names).count == names.count else { throw Self.refusal(file, line: 1, "a column name stands twice") }
    header = names
  }

  /// The physical line, from 1, on which the current record began.
  package var line: Int { machine.recordLine }

  /// The current record's field; valid until the next call of `next`.
  package func field(_ index: Int) -> ArraySlice<UInt8> { machine.field(index) }

  /// Goes to the next record; false at the end.
  package mutating func next() throws(CloisterError) -> Bool {
    guard try advance() else { return false }
    guard machine.fieldCount == header.count else {
      throw Self.refusal(
        file, line: line, "the row has \(machine.fieldCount) fields where the header has \(header.count)")
    }
    return true
  }

  private mutating func advance() throws(CloisterError) -> Bool {
    while true {
      while position < buffer.count {
        position += 1
        if try take(buffer[position - 1]) { return true }
      }
      guard machine.bytes.count < Self.maximumRecord else {
        throw Self.refusal(file, line: machine.recordLine, "the row is longer than 16 MiB; is a quote missing?")
      }
      try source.read(into: &buffer)
      position = 0
      if buffer.isEmpty { return try takeEnd() }
    }
  }

  private mutating func take(_ byte: UInt8) throws(CloisterError) -> Bool {
    do { return try machine.take(byte) == .record } catch { throw refusal(of: error) }
  }

  private mutating func takeEnd() throws(CloisterError) -> Bool {
    do { return try machine.finish() == .record } catch { throw refusal(of: error) }
  }

  private func refusal(of fault: CSVMachine.Fault) -> CloisterError {
    Self.refusal(file, line: machine.currentLine, fault.rawValue)
  }

  private mutating func skipByteOrderMark() throws(CloisterError) {
    try source.read(into: &buffer)
    if buffer.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  private static func refusal(_ file: String, line: Int, _ what: String) -> CloisterError {
    CloisterError(
      .inputRefused, "\(file) line \(line): \(what)",
      hint:
        "look at that line, or export the table again as RFC 4180 CSV; the line is not shown here, as it may hold patient data"
    )
  }
}
