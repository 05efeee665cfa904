extension JSONValue {
  /// The document as people read it: a list or object stands on one line where it fits in 110 columns, members stay in
  /// their order. Equal values give equal bytes. Ends with a line break.
  package func formatted() -> String {
    var text = ""
    write(to: &text, indent: 0)
    return text + "\n"
  }

  /// The document on one line, as machines send it.
  package func compact() -> String {
    switch self {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .integer(let number): String(number)
    case .number(let number): number.isFinite ? "\(number)" : "null"
    case .string(let text): Self.quoted(text)
    case .array(let elements): "[" + elements.map { $0.compact() }.joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.name) + ": " + $0.value.compact() }.joined(separator: ", ") + "}"
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

  /// Small enough to be tried on one line: keeps the writer linear on documents of many cells.
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

  static func quoted(_ text: String) -> String {
    let needsEscapes = text.utf8.contains { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
    guard needsEscapes else { return "\"\(text)\"" }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
