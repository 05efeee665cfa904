/// The column names of a CSV file, in lower case and without surrounding blanks.
struct CSVHeader {
  let names: [String]

  /// - Parameter fields: the first record's fields, without quotes.
  /// - Throws: what is wrong with the line, and a hint if there is a better one than to look at the line.
  init(_ fields: [[UInt8]]) throws(Fault) {
    var names: [String] = []
    for field in fields {
      guard let name = String(validating: field, as: UTF8.self) else {
        throw Fault(what: "the header is not UTF-8 text")
      }
      names.append(trimmed(name).lowercased())
    }
    // Excel writes separators after the last column if a cell there was ever used.
    while names.count > 1, names.last?.isEmpty == true { names.removeLast() }
    if let first = names.first(where: { !$0.isEmpty }), Self.isValue(first) {
      throw Fault(
        what: "the line holds values, not column names", hint: "export the table with a header line of column names")
    }
    guard Set(names).count == names.count else { throw Fault(what: "a column name appears twice") }
    self.names = names
  }

  struct Fault: Error {
    let what: String
    var hint: String?
  }

  /// Refuses a header line that has another separator than the expected one.
  ///
  /// - Parameter bytes: the beginning of the file.
  static func requireSeparator(_ separator: CSVSeparator, in bytes: ArraySlice<UInt8>) throws(Fault) {
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    guard !line.contains(separator.byte), let other = CSVSeparator.allCases.first(where: { line.contains($0.byte) })
    else { return }
    throw Fault(
      what: "the fields are separated by \(other.name), not by \(separator.name)",
      hint: "give the option --separator \(other.rawValue), or export the table with commas")
  }

  /// Whether the text is a number or begins like a date, which no column name of the source does.
  private static func isValue(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) || "-+.:/ ".utf8.contains($0) }
  }
}

/// The character between the fields of a CSV file. The raw value is its name on the command line.
package enum CSVSeparator: String, CaseIterable, Sendable {
  case comma, semicolon, tab, pipe

  package var byte: UInt8 {
    switch self {
    case .comma: UInt8(ascii: ",")
    case .semicolon: UInt8(ascii: ";")
    case .tab: UInt8(ascii: "\t")
    case .pipe: UInt8(ascii: "|")
    }
  }

  /// In the plural, for errors.
  var name: String { self == .comma ? "commas" : "\(rawValue)s" }
}

/// The text without blanks and tabs around it.
private func trimmed(_ text: String) -> String {
  func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" || scalar == "\u{A0}" }
  var scalars = text.unicodeScalars[...]
  while let first = scalars.first, isBlank(first) { scalars.removeFirst() }
  while let last = scalars.last, isBlank(last) { scalars.removeLast() }
  return String(scalars)
}
