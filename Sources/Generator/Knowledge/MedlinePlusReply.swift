internal import Shared

extension MedlinePlus {
  /// The entry whose title has the most words in common with the code's title, as a share of all words in the two
  /// titles; the service's first entry is often about something else. If the code has no title, an entry is taken only
  /// if the reply contains no other.
  static func best(_ reply: JSONValue, title: String?) -> (title: String, text: String)? {
    let entries = entries(reply)
    guard let title else { return entries.count == 1 ? entries[0] : nil }
    let wanted = words(title)
    var best: (title: String, text: String)?
    var bestScore = 0.0
    for entry in entries {
      let found = words(entry.title)
      let common = Double(wanted.intersection(found).count)
      let score = common / Double(max(1, wanted.union(found).count))
      if score > bestScore { (best, bestScore) = (entry, score) }
    }
    return best
  }

  /// Reads a reply in any of its forms: texts may be plain or `{"_value": ...}`, there may be one entry or a list, and
  /// an entry may have a `summary` or `content`.
  private static func entries(_ reply: JSONValue) -> [(title: String, text: String)] {
    guard let found = (reply["feed"] ?? reply)["entry"] else { return [] }
    return (found.array ?? [found]).compactMap { entry in
      guard let title = text(entry["title"]), let summary = text(entry["summary"] ?? entry["content"]) else {
        return nil
      }
      let plain = plainText(summary)
      return plain.isEmpty ? nil : (title, plain)
    }
  }

  private static func text(_ value: JSONValue?) -> String? { value?.string ?? value?["_value"]?.string }

  /// Words of four or more letters or digits, in lower case and without a final s. These words tell diseases apart.
  private static func words(_ text: String) -> Set<String> {
    let parts = text.lowercased().split { !$0.isLetter && !$0.isNumber }
    return Set(parts.filter { $0.count >= 4 }.map { $0.hasSuffix("s") ? String($0.dropLast()) : String($0) })
  }

  /// HTML without its tags, on one line. If the text has more than 900 characters, it is cut after the last full stop
  /// among the first 900, or at 900 characters if there is no full stop.
  static func plainText(_ html: String) -> String {
    var text = ""
    var isInTag = false
    for character in html {
      if character == "<" { isInTag = true }
      if !isInTag { text.append(character.isNewline || character.isWhitespace ? " " : character) }
      if character == ">", isInTag {
        isInTag = false
        text.append(" ")
      }
    }
    for (entity, character) in [
      ("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&"),
    ] { text = text.replacing(entity, with: character) }
    text = harmless(text.split(separator: " ").joined(separator: " "), limit: 100_000)
    guard text.count > 900 else { return text }
    let cut = text.prefix(900)
    return cut.lastIndex(of: ".").map { String(cut[...$0]) } ?? String(cut)
  }
}
