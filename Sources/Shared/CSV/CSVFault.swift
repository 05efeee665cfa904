/// Why bytes are not the CSV (RFC 4180) that we accept, and where.
package struct CSVFault: Error, Equatable, Sendable {
  /// Counted from the first byte of the stretch.
  package let position: Int
  package let reason: Reason

  /// What is wrong; `text` is the wording of the error.
  package enum Reason: Equatable, Sendable {
    case quoteInUnquotedField
    case textAfterQuote
    case loneCarriageReturn
    case endsInQuotes
    case noLineEnd
    case wrongFieldCount(Int)

    package var text: String {
      switch self {
      case .quoteInUnquotedField: "a quote inside an unquoted field"
      case .textAfterQuote:
        "text after a closing quote; quotes in a field must be doubled, not escaped with a backslash"
      case .loneCarriageReturn: "a carriage return without a line feed"
      case .endsInQuotes: "the file ends inside a quoted field"
      case .noLineEnd: "the last line has no line break, although others have one: the file may have been cut off"
      case .wrongFieldCount(let count): "the row has \(count) fields"
      }
    }
  }
}
