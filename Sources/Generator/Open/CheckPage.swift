internal import Shared

/// Refuses a review page that does more than show text and charts: one that could run a program or load something
/// while somebody reads it.
///
/// Claim: the page begins as all of ours do, with a policy that forbids scripts and anything from elsewhere; it is
/// UTF-8 without control characters; its only style has no functions and loads nothing; and it has only the elements
/// and attributes listed here. All of this is checked byte by byte, as a browser reads.
///
/// Limit: whether the page shows the counts of `statistics.json` is not checked.
func checkPage(_ bytes: [UInt8]) throws(CloisterError) {
  let start = Array(HTML.start.utf8)
  guard bytes.starts(with: start) else { throw dangerous("another beginning than pages of the extractor have") }
  guard isPlain(bytes) else { throw dangerous("control characters, or bytes that are not UTF-8") }
  var place = start.count
  var isStyled = false
  while let open = bytes[place...].firstIndex(of: UInt8(ascii: "<")) {
    guard let end = bytes[open...].firstIndex(of: UInt8(ascii: ">")), isHarmless(tag: bytes[(open + 1)..<end]) else {
      throw dangerous("a part that could run a program or load something")
    }
    place = end + 1
    guard bytes[(open + 1)..<end].elementsEqual("style".utf8) else { continue }
    let style = bytes[place...].prefix { $0 != UInt8(ascii: "<") }
    guard !isStyled, isHarmless(style: style), bytes[(place + style.count)...].starts(with: "</style>".utf8) else {
      throw dangerous("a style that could load something")
    }
    isStyled = true
  }
}

private func dangerous(_ what: String) -> CloisterError {
  bundleRefusal(.texts, "\(BundleLayout.review): the page has \(what)")
}

/// Whether all bytes are UTF-8, and the only control characters are line feeds.
private func isPlain(_ bytes: [UInt8]) -> Bool {
  guard let text = String(validating: bytes, as: UTF8.self) else { return false }
  return text.unicodeScalars.allSatisfy { scalar in
    scalar == "\n" || !(scalar.properties.generalCategory == .control || scalar.properties.isBidiControl)
  }
}

private let harmlessElements: Set<[UInt8]> = Set(
  [
    "head", "html", "title", "style", "body", "main", "h1", "h2", "h3", "p", "ul", "li", "dl", "dt", "dd", "div",
    "span",
    "table", "thead", "tbody", "tr", "th", "td", "svg", "rect", "text", "a", "details", "summary", "label",
  ].map { Array($0.utf8) })

private let harmlessAttributes: Set<[UInt8]> = Set(
  ["class", "scope", "role", "aria-label", "viewBox", "width", "height", "x", "y", "text-anchor", "id", "href", "for"]
    .map {
      Array($0.utf8)
    })

/// - Parameter tag: what stands between the angle brackets: a name, and attributes that each follow one space and have
///   a value of printable ASCII in double quotes.
private func isHarmless(tag: ArraySlice<UInt8>) -> Bool {
  if tag.elementsEqual(HTML.checkbox.utf8) { return true }
  if tag.first == UInt8(ascii: "/") { return harmlessElements.contains(Array(tag.dropFirst())) }
  let name = tag.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "/") }
  // Only the beginning, which was checked before, has a head.
  guard harmlessElements.contains(Array(name)), ![Array("head".utf8), Array("html".utf8)].contains(Array(name)) else {
    return false
  }
  var rest = tag.dropFirst(name.count)
  while rest.first == UInt8(ascii: " ") {
    let attribute = rest.dropFirst().prefix { $0 != UInt8(ascii: "=") }
    rest = rest.dropFirst(1 + attribute.count)
    guard harmlessAttributes.contains(Array(attribute)), rest.starts(with: "=\"".utf8) else { return false }
    let value = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "\"") }
    rest = rest.dropFirst(2 + value.count)
    let isPrintable = value.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "(") }
    guard isPrintable, rest.first == UInt8(ascii: "\"") else { return false }
    // A link leads to a part of the page itself.
    if attribute.elementsEqual("href".utf8), value.first != UInt8(ascii: "#") { return false }
    rest = rest.dropFirst()
  }
  return rest.isEmpty || rest.elementsEqual("/".utf8)
}

/// Whether a style has only plain rules, and rules for print and phones: no functions, no escapes, and nothing that is
/// imported.
private func isHarmless(style: ArraySlice<UInt8>) -> Bool {
  guard style.allSatisfy({ (0x20...0x7E).contains($0) || $0 == UInt8(ascii: "\n") }) else { return false }
  let text = String(decoding: style, as: UTF8.self).replacing("@media print {", with: "")
    .replacing(HTML.phones, with: "")
  return !text.contains { "@(\\&".contains($0) }
}
