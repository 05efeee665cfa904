internal import COpenSSL

/// OpenSSL's own words for the last failure on this thread; empties its queue, so that the next failure is its own.
package func openSSLFailure() -> String {
  var last: UInt = 0
  while case let code = ERR_get_error(), code != 0 { last = code }
  guard last != 0, let reason = unsafe ERR_reason_error_string(last) else { return "no reason given" }
  return unsafe String(cString: reason)
}
