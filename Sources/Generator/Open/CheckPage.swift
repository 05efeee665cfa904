internal import Shared

/// Refuses a review page that does more than show text and charts: one that could run a program or load something
/// while somebody reads it.
///
/// Claim: the page has only the elements and attributes listed here, no address and no style from elsewhere.
func checkPage(_ bytes: [UInt8]) throws(CloisterError) {
  var rest = bytes[...]
  while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
    guard let end = rest[start...].firstIndex(of: UInt8(ascii: ">")),
      let tag = String(validating: rest[(start + 1)..<end], as: UTF8.self)?.lowercased(), isHarmless(tag: tag)
    else { throw dangerous("a part that could run a program or load something") }
    rest = rest[(end + 1)...]
    if tag.hasPrefix("style"), !isHarmless(style: rest.prefix { $0 != UInt8(ascii: "<") }) {
      throw dangerous("a style that could load something")
    }
  }
}

private func dangerous(_ what: String) -> CloisterError {
  bundleRefusal(.texts, "\(BundleLayout.review): the page has \(what)")
}

private let harmlessElements: Set<String> = [
  "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "ul", "ol", "li", "dl", "dt", "dd", "div",
  "span", "table", "caption", "thead", "tbody", "tr", "th", "td", "svg", "rect", "text", "path", "circle", "line", "g",
]

private let harmlessAttributes: Set<String> = [
  "lang", "charset", "name", "class", "id", "scope", "role", "aria-label", "viewbox", "width", "height", "x", "y", "cx",
  "cy", "r", "d", "fill", "stroke", "text-anchor", "font-size", "transform",
]

/// - Parameter tag: what stands between the angle brackets, in lower case.
private func isHarmless(tag: String) -> Bool {
  if tag == "!doctype html" { return true }
  if tag.hasPrefix("/") { return harmlessElements.contains(String(tag.dropFirst())) }
  let element = String(tag.prefix { $0 != " " && $0 != "/" })
  guard harmlessElements.contains(element), let attributes = attributes(of: tag.dropFirst(element.count)) else {
    return false
  }
  return attributes.allSatisfy { name, value in
    switch (element, name) {
    case ("meta", "http-equiv"): value == "content-security-policy"
    case ("meta", "content"): true
    default: harmlessAttributes.contains(name)
    }
  }
}

/// The attributes of a tag, each written as `name="value"`; nil if any is written in another way.
private func attributes(of text: Substring) -> [(name: String, value: String)]? {
  var found: [(name: String, value: String)] = []
  var rest = text
  while true {
    rest = rest.drop { $0 == " " }
    if rest.isEmpty || rest == "/" { return found }
    guard let equals = rest.firstIndex(of: "="), rest[equals...].dropFirst().first == "\"" else { return nil }
    let value = rest[equals...].dropFirst(2)
    guard let quote = value.firstIndex(of: "\"") else { return nil }
    found.append((String(rest[..<equals]), String(value[..<quote])))
    rest = value[quote...].dropFirst()
  }
}

private func isHarmless(style: ArraySlice<UInt8>) -> Bool {
  guard let text = String(validating: style, as: UTF8.self)?.lowercased() else { return false }
  return !["url", "@import", "\\"].contains { text.contains($0) }
}
