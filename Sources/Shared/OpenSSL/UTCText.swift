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
