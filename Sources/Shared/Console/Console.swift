internal import Glibc

/// The terminal or pipe that a program writes to. Results go to standard output, everything else to standard error.
package enum Console {
  /// Writes a line of the result.
  package static func result(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

  /// Writes a line for the person who is watching.
  package static func note(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

  /// Whether standard error is a terminal, in which case a person may be watching.
  package static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

  /// Replaces the current line of a terminal; silent elsewhere, so that logs stay short.
  @Sendable package static func progress(_ line: String?) {
    if isWatched { write("\r\u{1B}[K" + (line ?? ""), to: STDERR_FILENO) }
  }

  /// Asks the person at the terminal, or the script that answers for them.
  ///
  /// - Returns: the line that was typed, without spaces around it; nil if the input has ended.
  package static func answer(to question: String) -> String? {
    write("\(question) ", to: STDERR_FILENO)
    guard let line = readLine() else {
      write("\n", to: STDERR_FILENO)
      return nil
    }
    let words = line.unicodeScalars.drop { $0.properties.isWhitespace }.reversed().drop { $0.properties.isWhitespace }
    return String(String.UnicodeScalarView(words.reversed()))
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
