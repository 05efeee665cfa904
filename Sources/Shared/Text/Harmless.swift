/// Untrusted text, with U+FFFD in place of each control or direction character, and cut at `limit` characters.
package func harmless(_ text: String, limit: Int = 120) -> String {
  var safe = ""
  for scalar in text.unicodeScalars.prefix(limit) {
    let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    let isDirectional =
      (0x200B...0x200F).contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
      || (0x2066...0x2069).contains(scalar.value)
    safe.unicodeScalars.append(isControl || isDirectional ? "\u{FFFD}" : scalar)
  }
  return text.unicodeScalars.count > limit ? safe + "…" : safe
}

/// Whether a text has at most `limit` characters and none that `harmless` would replace.
package func isPrintable(_ text: String, limit: Int = 120) -> Bool { harmless(text, limit: limit) == text }
