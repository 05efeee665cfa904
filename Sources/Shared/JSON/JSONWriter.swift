extension JSONValue {
  /// The document for people to read: a short list or object is on one line if it fits in 110 columns, and members stay
  /// in their order. Equal values give equal bytes. Ends with a line break.
  package func formatted() -> String {
    var text = ""
    write(to: &text, indent: 0)
    return text + "\n"
  }

  /// The document on one line, for machines.
  package func compact() -> String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Adds the document on one line, as UTF-8.
  package func append(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes += "null".utf8
    case .bool(let flag): bytes += (flag ? "true" : "false").utf8
    case .integer(let number): bytes += String(number).utf8
    case .number(let number): bytes += (number.isFinite ? "\(number)" : "null").utf8
    case .string(let text): Self.appendQuoted(text, to: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (place, element) in elements.enumerated() {
        if place > 0 { bytes += ", ".utf8 }
        element.append(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (place, member) in members.enumerated() {
        if place > 0 { bytes += ", ".utf8 }
        Self.appendQuoted(member.name, to: &bytes)
        bytes += ": ".utf8
        member.value.append(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private func write(to text: inout String, indent: Int) {
    if isShallow, case let line = compact(), line.utf8.count + indent <= 110 {
      text += line
      return
    }
    switch self {
    case .array(let elements):
      Self.writeLines(elements, open: "[", close: "]", indent: indent, to: &text) { element, text in
        element.write(to: &text, indent: indent + 2)
      }
    case .object(let members):
      Self.writeLines(members, open: "{", close: "}", indent: indent, to: &text) { member, text in
        text += Self.quoted(member.name) + ": "
        member.value.write(to: &text, indent: indent + 2)
      }
    default: text += compact()
    }
  }

  /// Whether the value is small enough to try on one line, which keeps the writer linear on documents with many cells.
  private var isShallow: Bool {
    switch self {
    case .array(let elements): elements.count <= 12 && elements.allSatisfy(\.isLeafLike)
    case .object(let members): members.count <= 12 && members.allSatisfy(\.value.isLeafLike)
    default: true
    }
  }

  private var isLeafLike: Bool {
    switch self {
    case .array(let elements): elements.count <= 12 && elements.allSatisfy { $0.array == nil && $0.members == nil }
    case .object: false
    default: true
    }
  }

  private static func writeLines<Element>(
    _ elements: [Element], open: String, close: String, indent: Int, to text: inout String,
    _ write: (Element, inout String) -> Void
  ) {
    let margin = String(repeating: " ", count: indent + 2)
    text += open + "\n"
    for (index, element) in elements.enumerated() {
      text += margin
      write(element, &text)
      text += index + 1 < elements.count ? ",\n" : "\n"
    }
    text += String(repeating: " ", count: indent) + close
  }

  private static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    appendQuoted(text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    defer { bytes.append(UInt8(ascii: "\"")) }
    let needsEscapes = text.utf8.contains { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
    guard needsEscapes else { return bytes += text.utf8 }
    var text = text
    text.withUTF8 { unsafe appendEscaped($0, to: &bytes) }
  }

  /// Copies whole stretches at once, since few bytes need an escape.
  private static func appendEscaped(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
    var start = 0
    for place in text.indices {
      let byte = unsafe text[place]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
      unsafe bytes.append(contentsOf: text[start..<place])
      start = place + 1
      switch byte {
      case UInt8(ascii: "\""): bytes += #"\""#.utf8
      case UInt8(ascii: "\\"): bytes += #"\\"#.utf8
      case UInt8(ascii: "\n"): bytes += #"\n"#.utf8
      case UInt8(ascii: "\r"): bytes += #"\r"#.utf8
      case UInt8(ascii: "\t"): bytes += #"\t"#.utf8
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        bytes += (#"\u"# + String(repeating: "0", count: 4 - digits.count) + digits).utf8
      default: preconditionFailure("only these need an escape")
      }
    }
    unsafe bytes.append(contentsOf: text[start...])
  }
}
