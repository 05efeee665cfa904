internal import Glibc

/// The terminal or pipe a program talks to. Results go to standard output, everything else to standard error.
package enum Console {
  /// Writes a line of result.
  package static func result(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

  /// Writes a line for the person who watches.
  package static func note(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

  /// Whether a person watches standard error.
  package static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

  /// Replaces the current line of a terminal, or removes it for nil; silent elsewhere, so logs stay short.
  @Sendable package static func progress(_ line: String?) {
    if isWatched { write("\r\u{1B}[K" + (line ?? ""), to: STDERR_FILENO) }
  }

  /// The text with control characters made visible, and cut at `limit` characters: for text that others wrote.
  package static func harmless(_ text: String, limit: Int = 120) -> String {
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

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { return }
      bytes = bytes.dropFirst(written)
    }
  }
}
