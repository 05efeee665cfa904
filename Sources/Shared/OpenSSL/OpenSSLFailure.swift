internal import COpenSSL

/// OpenSSL's own text for the last failure on this thread. Empties its queue, so the next call reports only new ones.
package func openSSLFailure() -> String {
  var last: UInt = 0
  var detail = ""
  while true {
    var data: UnsafePointer<CChar>?
    var flags: Int32 = 0
    let code = unsafe ERR_get_error_all(nil, nil, nil, &data, &flags)
    if code == 0 { break }
    last = code
    if let data = unsafe data, flags & ERR_TXT_STRING != 0 { detail = unsafe String(cString: data) }
  }
  guard last != 0, let reason = unsafe ERR_reason_error_string(last) else { return "no reason given" }
  let text = unsafe String(cString: reason)
  return harmless(detail.isEmpty ? text : "\(text) (\(detail))", limit: 300)
}
