/// Why bytes are not the CSV (RFC 4180) that we accept, and at which of them.
package struct CSVFault: Error, Equatable, Sendable {
  /// Counted from the first byte of the stretch.
  package let position: Int
  package let reason: Reason

  /// What is wrong, in the words of the error.
  package enum Reason: Equatable, Sendable {
    case quoteInUnquotedField
    case textAfterQuote
    case loneCarriageReturn
    case endsInQuotes
    case wrongFieldCount(Int)

    package var text: String {
      switch self {
      case .quoteInUnquotedField: "a quote inside a field that is not quoted"
      case .textAfterQuote: "text behind a closing quote"
      case .loneCarriageReturn: "a carriage return that ends no line"
      case .endsInQuotes: "the file ends inside a quoted field"
      case .wrongFieldCount(let count): "the row has \(count) fields"
      }
    }
  }
}
