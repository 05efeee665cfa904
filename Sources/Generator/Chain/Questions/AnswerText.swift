internal import Shared

/// Why a model's text holds no usable answer, in the words that are sent back to the model.
struct UnusableText: Error, Equatable {
  let reason: String
}

/// Finds the one JSON object in a model's text. Models wrap their answer in a code fence or in prose, think aloud
/// before it, or write it as a JSON string; none of that changes the answer. A text with several objects is refused,
/// because nobody can tell which one is the answer.
func answerObject(in text: String) throws(UnusableText) -> JSONValue {
  let bytes = withoutByteOrderMark(Array(text.utf8))
  if let document = try? JSONValue(parsing: bytes) {
    if document.members != nil { return document }
    if let inner = document.string, inner.contains("{") { return try onlyObject(in: Array(inner.utf8)) }
    throw UnusableText(reason: "the answer is not a JSON object")
  }
  return try onlyObject(in: bytes)
}

/// The bytes without the byte order mark that some programs put before UTF-8.
func withoutByteOrderMark(_ bytes: [UInt8]) -> [UInt8] {
  bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
}

/// The tags between which models think aloud.
private let thinkingTags: [(opening: [UInt8], closing: [UInt8])] = [
  ("<think>", "</think>"), ("<thinking>", "</thinking>"), ("<thought>", "</thought>"),
  ("<reasoning>", "</reasoning>"), ("<reflection>", "</reflection>"), ("[think]", "[/think]"),
  ("◁think▷", "◁/think▷"),
].map { (Array($0.utf8), Array($1.utf8)) }

private func onlyObject(in bytes: [UInt8]) throws(UnusableText) -> JSONValue {
  var objects: [JSONValue] = []
  var place = 0
  var loneBraces = 0
  while place < bytes.count, loneBraces < 100 {
    if let tag = thinkingTag(at: place, of: bytes) {
      // What came before a closing tag was thought too: some servers leave out the opening tag.
      if tag.closes { objects = [] }
      guard tag.closes || tag.hasEnd else {
        throw UnusableText(reason: "the answer ends before its reasoning does")
      }
      place = tag.end
    } else if bytes[place] == UInt8(ascii: "{") {
      if let (value, end) = try? JSONValue.beginning(at: place, of: bytes) {
        objects.append(value)
        place = end
      } else {
        let end = matchingBrace(from: place, of: bytes)
        if end == nil { loneBraces += 1 }
        place = end ?? place + 1
      }
    } else {
      place += 1
    }
  }
  guard let object = objects.first else { throw UnusableText(reason: "the answer is not valid JSON") }
  guard objects.count == 1 else { throw UnusableText(reason: "the answer has more than one JSON object") }
  return object
}

/// A tag around a model's reasoning.
private struct ThinkingTag {
  let closes: Bool
  /// Whether an opening tag has a closing one.
  var hasEnd = true
  /// The place after a closing tag or, for an opening one, after the whole block.
  let end: Int
}

private func thinkingTag(at place: Int, of bytes: [UInt8]) -> ThinkingTag? {
  for (opening, closing) in thinkingTags {
    if hasText(closing, at: place, of: bytes) { return ThinkingTag(closes: true, end: place + closing.count) }
    guard hasText(opening, at: place, of: bytes) else { continue }
    // Reasoning may hold more opening tags, and the last closing tag ends all of it.
    var end = place + opening.count
    var depth = 1
    while end < bytes.count, depth > 0 {
      if hasText(opening, at: end, of: bytes) { depth += 1 }
      if hasText(closing, at: end, of: bytes) {
        depth -= 1
        end += closing.count
      } else {
        end += 1
      }
    }
    if depth == 0 { return ThinkingTag(closes: false, end: end) }
    // Without as many closing tags as opening ones, the last closing tag counts.
    let last = (place..<bytes.count).last { hasText(closing, at: $0, of: bytes) }
    return ThinkingTag(closes: false, hasEnd: last != nil, end: last.map { $0 + closing.count } ?? bytes.count)
  }
  return nil
}

/// Whether the bytes have a text at a place, in any letter case.
private func hasText(_ text: [UInt8], at place: Int, of bytes: [UInt8]) -> Bool {
  guard place + text.count <= bytes.count else { return false }
  return text.indices.allSatisfy { index in
    let byte = bytes[place + index]
    return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 0x20 == text[index] : byte == text[index]
  }
}

/// The place after the brace that closes the one at `start`, so that nothing inside a faulty object is taken for the
/// answer; nil if no brace closes it. Braces in strings do not count.
private func matchingBrace(from start: Int, of bytes: [UInt8]) -> Int? {
  var depth = 0
  var isInString = false
  var place = start
  while place < bytes.count {
    switch bytes[place] {
    case UInt8(ascii: "\\") where isInString: place += 1
    case UInt8(ascii: "\""): isInString.toggle()
    case UInt8(ascii: "{") where !isInString: depth += 1
    case UInt8(ascii: "}") where !isInString:
      depth -= 1
      if depth == 0 { return place + 1 }
    default: break
    }
    place += 1
  }
  return nil
}

/// Repeats a refused answer for the model: only its categories and codes, and of these only what the question offers or
/// the bundle knows. Nothing that the model invented goes back into a prompt.
func echo(_ answer: Answer, to question: Question, _ book: CodeBook?) -> String {
  guard let document = try? answerObject(in: answer.text) else { return "{}" }
  var members: [JSONMember] = []
  for field in question.fields {
    let value = document[field.attribute.rawValue]
    if field.mostCodes == nil {
      guard let text = value?.string, field.allows(text, book) else { continue }
      members.append(JSONMember(field.attribute.rawValue, .string(field.spelled(text))))
    } else {
      let codes = (value?.array ?? []).compactMap { $0.string ?? $0["DRUG"]?.string }
      let known = codes.filter { field.allows($0, book) }.map(field.spelled).prefix(40)
      members.append(
        JSONMember(
          field.attribute.rawValue,
          .array(known.map { field.attribute == .drug ? ["DRUG": .string($0)] : .string($0) })))
    }
  }
  return JSONValue.object(members).compact()
}

extension Question.Field {
  /// An option in the bundle's own spelling: Swift takes texts for equal whose letters are composed differently.
  fileprivate func spelled(_ text: String) -> String { options.first { $0 == text } ?? text }
}
