/// A byte machine for CSV (RFC 4180) that knows no files: it takes bytes and says where fields and records end.
///
/// Accepts LF and CRLF line ends, quoted fields with commas, doubled quotes and line breaks, and a last line without an
/// end. Refuses a quote inside an unquoted field, text behind a closing quote, a lone carriage return, and a file that
/// ends inside quotes. Takes any split of the input: byte by byte gives what the whole gives.
package struct CSVMachine {
  /// The current record's fields, one behind the other, unquoted.
  package private(set) var bytes: [UInt8] = []
  /// Where each of the current record's fields ends in `bytes`.
  package private(set) var ends: [Int] = []
  /// The physical line, from 1, on which the current record began.
  package private(set) var recordLine = 1
  private var line = 1
  private var state = State.fieldStart
  private var isRecordEmpty = true

  private enum State { case fieldStart, unquoted, quoted, quoteInQuoted, carriageReturn, recordEnd }

  /// What a byte led to.
  package enum Step: Equatable { case more, record }

  /// Why the bytes are no CSV.
  package enum Fault: String, Error, Equatable {
    case quoteInUnquotedField = "a quote inside a field that is not quoted"
    case textAfterQuote = "text behind a closing quote"
    case loneCarriageReturn = "a carriage return that ends no line"
    case endsInQuotes = "the file ends inside a quoted field"
  }

  package init() {}

  package var fieldCount: Int { ends.count }

  /// The field's bytes; valid until the next byte is taken.
  package func field(_ index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }

  /// The physical line of the byte taken last.
  package var currentLine: Int { line }

  package mutating func take(_ byte: UInt8) throws(Fault) -> Step {
    if state == .recordEnd { startRecord() }
    isRecordEmpty = false
    switch state {
    case .fieldStart:
      if byte == UInt8(ascii: "\"") {
        state = .quoted
        return .more
      }
      return try takeUnquoted(byte)
    case .unquoted: return try takeUnquoted(byte)
    case .quoted: takeQuoted(byte)
    case .quoteInQuoted: return try takeAfterQuote(byte)
    case .carriageReturn:
      guard byte == UInt8(ascii: "\n") else { throw .loneCarriageReturn }
      return endRecord()
    case .recordEnd: break
    }
    return .more
  }

  /// The end of the input: a last record without a line end is still a record.
  package mutating func finish() throws(Fault) -> Step {
    switch state {
    case .quoted: throw .endsInQuotes
    case .carriageReturn: throw .loneCarriageReturn
    case .recordEnd: return .more
    case .fieldStart, .unquoted, .quoteInQuoted:
      if isRecordEmpty { return .more }
      line -= 1
      return endRecord()
    }
  }

  private mutating func takeUnquoted(_ byte: UInt8) throws(Fault) -> Step {
    switch byte {
    case UInt8(ascii: ","): endField()
    case UInt8(ascii: "\n"): return endRecord()
    case UInt8(ascii: "\r"): state = .carriageReturn
    case UInt8(ascii: "\""): throw .quoteInUnquotedField
    default:
      bytes.append(byte)
      state = .unquoted
    }
    return .more
  }

  private mutating func takeQuoted(_ byte: UInt8) {
    if byte == UInt8(ascii: "\"") {
      state = .quoteInQuoted
      return
    }
    if byte == UInt8(ascii: "\n") { line += 1 }
    bytes.append(byte)
  }

  private mutating func takeAfterQuote(_ byte: UInt8) throws(Fault) -> Step {
    switch byte {
    case UInt8(ascii: "\""):
      bytes.append(byte)
      state = .quoted
    case UInt8(ascii: ","): endField()
    case UInt8(ascii: "\n"): return endRecord()
    case UInt8(ascii: "\r"): state = .carriageReturn
    default: throw .textAfterQuote
    }
    return .more
  }

  private mutating func startRecord() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    recordLine = line
    isRecordEmpty = true
    state = .fieldStart
  }

  private mutating func endField() {
    ends.append(bytes.count)
    state = .fieldStart
  }

  private mutating func endRecord() -> Step {
    ends.append(bytes.count)
    line += 1
    state = .recordEnd
    return .record
  }
}
