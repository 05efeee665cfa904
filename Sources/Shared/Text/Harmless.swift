/// Untrusted text, with U+FFFD in place of each control, direction or invisible character and each line separator, and
/// cut at `limit` characters.
package func harmless(_ text: String, limit: Int = 120) -> String {
  var safe = ""
  for scalar in text.unicodeScalars.prefix(limit) {
    safe.unicodeScalars.append(isHidden(scalar) ? "\u{FFFD}" : scalar)
  }
  return text.unicodeScalars.count > limit ? safe + "…" : safe
}

/// The path of a file in a folder, as `harmless` shows it, with one slash even if the folder's path ends with one.
package func harmless(_ folder: String, file: String) -> String {
  var folder = folder
  while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
  return "\(harmless(folder))/\(file)"
}

/// Whether a character is one that nobody sees, or that changes how others are shown.
private func isHidden(_ scalar: Unicode.Scalar) -> Bool {
  if (0x20...0x7E).contains(scalar.value) { return false }
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: return true
  default: return scalar.properties.isDefaultIgnorableCodePoint
  }
}

/// Whether a text has at most `limit` characters and none that `harmless` would replace.
package func isPrintable(_ text: String, limit: Int = 120) -> Bool { harmless(text, limit: limit) == text }
