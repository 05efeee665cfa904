internal import COpenSSL
internal import Glibc

/// Formats a time, given in seconds since 1970, as UTC text like `2026-01-31T12:00:00Z`.
package func utcText(_ seconds: Int64) -> String {
  var time = time_t(seconds)
  var parts = unsafe tm()
  unsafe gmtime_r(&time, &parts)
  var text = [CChar](repeating: 0, count: 40)
  let count = unsafe strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
  return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Whether a text is a time as `utcText` writes it.
package func isUTCTime(_ text: String) -> Bool {
  let bytes = Array(text.utf8)
  guard bytes.count == 20 else { return false }
  func number(_ place: Range<Int>) -> Int32 { Int32(String(decoding: bytes[place], as: UTF8.self)) ?? -1 }
  var parts = unsafe tm()
  unsafe (parts.tm_year, parts.tm_mon, parts.tm_mday) = (number(0..<4) - 1900, number(5..<7) - 1, number(8..<10))
  unsafe (parts.tm_hour, parts.tm_min, parts.tm_sec) = (number(11..<13), number(14..<16), number(17..<19))
  // Dates that don't exist come back as others.
  return unsafe utcText(Int64(timegm(&parts))) == text
}
