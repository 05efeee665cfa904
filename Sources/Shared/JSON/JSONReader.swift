/// Why bytes are not the JSON that we accept; `offset` counts bytes from 0.
package struct JSONError: Error, Equatable, Sendable {
  package let offset: Int
  package let reason: String
}

extension JSONValue {
  /// Reads one JSON document (RFC 8259, UTF-8) that fills all of `bytes`.
  ///
  /// Stricter than the RFC where leniency could hide an attack: duplicate member names, invalid UTF-8, lone surrogates,
  /// nesting deeper than 32 and integers outside `Int` are refused.
  package init(parsing bytes: [UInt8]) throws(JSONError) {
    try self.init(parsing: bytes, mostStringBytes: Int.max)
  }

  init(parsing bytes: [UInt8], mostStringBytes: Int) throws(JSONError) {
    var reader = JSONReader(bytes: bytes)
    reader.mostStringBytes = mostStringBytes
    self = try reader.document()
  }

  package init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Reads the value that begins at `start`, whatever follows it. Two faults that language models often make are
  /// accepted: a comma after the last element, and control characters in strings.
  ///
  /// - Returns: the value, and the place after it.
  package static func beginning(
    at start: Int, of bytes: [UInt8]
  ) throws(JSONError) -> (value: JSONValue, end: Int) {
    var reader = JSONReader(bytes: bytes)
    reader.position = start
    reader.isLenient = true
    let value = try reader.value()
    return (value, reader.position)
  }
}

/// Reads JSON from its first byte to its last.
struct JSONReader {
  let bytes: [UInt8]
  var position = 0
  var depth = 0
  /// Whether to accept a comma after the last element, and line breaks and other control characters in strings.
  var isLenient = false
  /// The longest string to read. Comparing long strings of combining characters takes very long.
  var mostStringBytes = Int.max

  /// For the small texts of our own formats.
  static let mostInFormats = 2048

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSONValue {
    let value = try self.value()
    skipWhiteSpace()
    guard position == bytes.count else { throw error("text after the document") }
    return value
  }

  func error(_ reason: String) -> JSONError { JSONError(offset: position, reason: reason) }

  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skipWhiteSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  mutating func expect(_ character: Unicode.Scalar) throws(JSONError) {
    skipWhiteSpace()
    guard current == UInt8(ascii: character) else { throw error("expected '\(character)'") }
    position += 1
  }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipWhiteSpace()
    guard current == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func value() throws(JSONError) -> JSONValue {
    skipWhiteSpace()
    switch current {
    case UInt8(ascii: "{"): return try nested { (reader) throws(JSONError) in try reader.object() }
    case UInt8(ascii: "["): return try nested { (reader) throws(JSONError) in try reader.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw error("the document ends early")
    default: return try number()
    }
  }

  mutating func nested(_ body: (inout JSONReader) throws(JSONError) -> JSONValue) throws(JSONError) -> JSONValue {
    guard depth < 32 else { throw error("nested too deeply") }
    depth += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  mutating func object() throws(JSONError) -> JSONValue {
    var members: [JSONMember] = []
    var names: Set<String> = []
    try expect("{")
    if take("}") { return .object([]) }
    repeat {
      if isLenient, !members.isEmpty, take("}") { return .object(members) }
      skipWhiteSpace()
      let name = try string()
      guard names.insert(name).inserted else { throw error("a member name appears twice in one object") }
      try expect(":")
      members.append(JSONMember(name, try value()))
    } while take(",")
    try expect("}")
    return .object(members)
  }

  mutating func array() throws(JSONError) -> JSONValue {
    var elements: [JSONValue] = []
    try expect("[")
    if take("]") { return .array([]) }
    repeat {
      if isLenient, !elements.isEmpty, take("]") { return .array(elements) }
      elements.append(try value())
    } while take(",")
    try expect("]")
    return .array(elements)
  }

  mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw error("not a JSON value") }
    position += word.utf8.count
    return value
  }

  mutating func digits() throws(JSONError) {
    let start = position
    while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
    guard position > start else { throw error("not a JSON value") }
  }

  mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    if current == UInt8(ascii: "-") { position += 1 }
    let first = current
    let whole = position
    try digits()
    guard first != UInt8(ascii: "0") || position == whole + 1 else { throw error("a number has a leading 0") }
    var isInteger = true
    if current == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try digits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger {
      guard let integer = Int(text) else { throw error("the integer is too large") }
      return .integer(integer)
    }
    guard let number = Double(text), number.isFinite else { throw error("the number is too large") }
    return .number(number)
  }
}

extension JSONReader {
  mutating func string() throws(JSONError) -> String {
    guard current == UInt8(ascii: "\"") else { throw error("expected a string") }
    position += 1
    if let plain = plainString() { return plain }
    var text: [UInt8] = []
    while text.count <= mostStringBytes, let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw error("invalid UTF-8") }
        return string
      case UInt8(ascii: "\\"): text += Array(try escape().utf8)
      case 0..<0x20 where !isLenient: throw error("a control character in a string")
      default: text.append(byte)
      }
    }
    throw error(text.count > mostStringBytes ? "a string is too long" : "the document ends inside a string")
  }

  /// A string without escapes, which needs no copy; nil if it is not one.
  private mutating func plainString() -> String? {
    var end = position
    while end < bytes.count, end - position <= mostStringBytes, bytes[end] >= 0x20, bytes[end] != UInt8(ascii: "\\") {
      guard bytes[end] == UInt8(ascii: "\"") else {
        end += 1
        continue
      }
      guard let string = String(validating: bytes[position..<end], as: UTF8.self) else { return nil }
      position = end + 1
      return string
    }
    return nil
  }

  mutating func escape() throws(JSONError) -> String {
    guard let byte = current else { throw error("the document ends inside a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{08}"
    case UInt8(ascii: "f"): return "\u{0C}"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(Unicode.Scalar(byte))
    case UInt8(ascii: "u"): return String(try unicodeEscape())
    default: throw error("an unknown escape")
    }
  }

  mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard (0xD800..<0xDC00).contains(first), current == UInt8(ascii: "\\") else { throw error("a lone surrogate") }
    position += 1
    guard current == UInt8(ascii: "u") else { throw error("a lone surrogate") }
    position += 1
    let second = try hexadecimal()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    else { throw error("a lone surrogate") }
    return scalar
  }

  mutating func hexadecimal() throws(JSONError) -> UInt32 {
    guard position + 4 <= bytes.count,
      bytes[position..<position + 4].allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
      let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw error("an unknown escape") }
    position += 4
    return value
  }
}
