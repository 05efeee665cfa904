internal import Yams

/// Reads YAML of at most 64 KiB and refuses anything that could hide its meaning from a reviewer.
func composeStrictYAML(_ bytes: [UInt8]) throws(PolicyFault) -> Node {
  let start = PolicyPlace(line: 1, column: 1)
  guard bytes.count <= 65_536 else { throw PolicyFault(place: start, reason: "the file is larger than 64 KiB") }
  // Editors on Windows begin a file with an invisible mark, which says nothing more than that it is UTF-8.
  let mark = Array("\u{FEFF}".utf8)
  guard
    let text = String(validating: bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...], as: UTF8.self)
  else { throw PolicyFault(place: start, reason: "the file is not UTF-8 text") }
  try refuseHiddenYAML(text)
  do {
    guard let node = try Yams.compose(yaml: text) else {
      throw PolicyFault(place: start, reason: "the file is empty")
    }
    try refuseAnchors(node)
    return node
  } catch let error as PolicyFault {
    throw error
  } catch {
    throw PolicyFault(yaml: error)
  }
}

/// Refuses YAML that can look like one thing and mean another: tags, anchors, aliases, merges, directives and invisible
/// characters. Scans the text itself, because the YAML library would resolve all of these before we could look.
///
/// Stricter than YAML: a value that merely begins with `!`, `&`, `*` or `%` must be quoted.
func refuseHiddenYAML(_ text: String) throws(PolicyFault) {
  var line = 1
  for content in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
    var scanner = HiddenYAMLScanner(line: line)
    // For YAML, a carriage return alone ends a line too, which viewers don't show.
    for scalar in content.last == "\r" ? content.dropLast() : content { try scanner.take(scalar) }
    line += 1
  }
}

private struct HiddenYAMLScanner {
  let line: Int
  var column = 0
  var quote: Unicode.Scalar?
  /// Whether a value or key may begin here: at the start of a line or after YAML's own punctuation.
  var mayBegin = true
  var previous: Unicode.Scalar = " "
  var isComment = false
  var isEscaped = false
  /// Whether the last scalar closed a single quote; another quote reopens it, as YAML escapes quotes by doubling them.
  var justClosed = false

  init(line: Int) { self.line = line }

  mutating func take(_ scalar: Unicode.Scalar) throws(PolicyFault) {
    column += 1
    defer { previous = scalar }
    if scalar == "\t" { throw error("contains a tab; use spaces instead") }
    guard isPrintable(String(scalar)) else {
      throw error("contains an invisible character")
    }
    if isComment { return }
    if takeQuoted(scalar) { return }
    if scalar == "#", previous == " " {
      isComment = true
    } else if mayBegin, "!&*%".unicodeScalars.contains(scalar) {
      throw error("YAML tags, anchors, aliases and directives are not allowed; put plain text in quotes")
    } else if mayBegin, previous == "<", scalar == "<" {
      throw error("YAML merges are not allowed")
    } else if mayBegin, scalar == "\"" || scalar == "'" {
      quote = scalar
      mayBegin = false
    } else {
      mayBegin = beginsValue(after: scalar)
    }
  }

  /// Takes a scalar that belongs to quoted text; returns false if it does not.
  private mutating func takeQuoted(_ scalar: Unicode.Scalar) -> Bool {
    defer { if quote != nil { justClosed = false } }
    guard let open = quote else {
      guard justClosed, scalar == "'" else {
        justClosed = false
        return false
      }
      quote = "'"
      return true
    }
    if isEscaped {
      isEscaped = false
    } else if open == "\"", scalar == "\\" {
      isEscaped = true
    } else if scalar == open {
      quote = nil
      justClosed = open == "'"
    }
    return true
  }

  private func beginsValue(after scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "[", "{", ",": true
    case " ": mayBegin || ":-?".unicodeScalars.contains(previous)
    case "<": mayBegin
    default: false
    }
  }

  func error(_ reason: String) -> PolicyFault {
    PolicyFault(place: PolicyPlace(line: line, column: column), reason: reason)
  }
}

/// Refuses any anchor that the scan above missed. This also rules out aliases, because every alias needs an anchor.
func refuseAnchors(_ node: Node) throws(PolicyFault) {
  guard node.anchor == nil else {
    throw PolicyFault(place: PolicyPlace(node.mark), reason: "YAML anchors are not allowed")
  }
  switch node {
  case .mapping(let mapping):
    for (key, value) in mapping {
      try refuseAnchors(key)
      try refuseAnchors(value)
    }
  case .sequence(let sequence): for element in sequence { try refuseAnchors(element) }
  case .scalar, .alias: break
  }
}

extension PolicyFault {
  /// The YAML library's error, without its excerpt of the text.
  init(yaml error: any Error) {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      // The library's words for the commonest slip help nobody who doesn't know YAML.
      let reason =
        problem.hasPrefix("mapping values are not allowed")
        ? "a key can't begin here: the line before it lacks the blank after its colon, or one of the two is indented "
          + "wrongly" : "not valid YAML: \(problem)"
      self.init(place: PolicyPlace(mark), reason: reason)
    case YamlError.duplicatedKeysInMapping(let keys, let context):
      let names = harmless(keys.joined(separator: ", "))
      self.init(place: PolicyPlace(context.mark), reason: "the key \(names) appears twice in the same mapping")
    default: self.init(place: PolicyPlace(line: 1, column: 1), reason: "not valid YAML")
    }
  }
}
