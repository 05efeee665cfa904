extension CSVReader {
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
