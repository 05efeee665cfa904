internal import Foundation
internal import Shared

/// The address that questions are sent to, from what the user gives: a server, the base of its interface, or the whole
/// endpoint. A query such as `?api-version=…` is kept.
///
/// - Throws: status 64 if the text is not the URL of a server.
func serverAddress(_ url: String) throws(CloisterError) -> String {
  guard var parts = URLComponents(string: url.trimmingCharacters(in: .whitespaces)),
    let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme), parts.host?.isEmpty == false,
    parts.user == nil, parts.password == nil, parts.fragment == nil
  else {
    throw CloisterError(
      .wrongArguments, "--model is not sampler, batch or the URL of a server",
      hint:
        "give a URL that begins with http:// or https:// and has no user name, such as http://127.0.0.1:8080; "
        + "put an API key in CLOISTER_API_KEY")
  }
  if let secret = (parts.queryItems ?? []).first(where: { secretNames.contains($0.name.lowercased()) }) {
    throw CloisterError(
      .wrongArguments, "--model has a key in its address, in \(harmless(secret.name))",
      hint: "put the key in CLOISTER_API_KEY, and name the header for it with --key-header if it is not a bearer token")
  }
  parts.scheme = scheme
  var path = parts.percentEncodedPath
  while path.hasSuffix("/") { path.removeLast() }
  let segments = path.split(separator: "/").map { $0.lowercased() }
  if !path.lowercased().hasSuffix("/chat/completions") {
    let isVersioned = segments.contains(where: isVersion) || segments.contains("deployments")
    let hasVersionInQuery = !segments.isEmpty && parts.queryItems?.contains { $0.name == "api-version" } == true
    path += isVersioned || hasVersionInQuery ? "/chat/completions" : "/v1/chat/completions"
  }
  parts.percentEncodedPath = path
  guard let address = parts.string else { preconditionFailure("the parts of a URL make a URL") }
  return address
}

/// Names of parameters that hold a key. An address is stored in the run, and a key must not be.
private let secretNames: Set<String> = [
  "key", "api_key", "api-key", "apikey", "access_token", "token", "subscription-key", "secret", "sig", "code",
]

/// Whether a part of a path is a version: `v1`, `v4`, `v1beta`, `v1beta2`.
private func isVersion(_ segment: String) -> Bool {
  guard segment.first == "v" else { return false }
  let rest = segment.dropFirst()
  let digits = rest.prefix { $0.isASCII && $0.isNumber }
  let tail = rest.dropFirst(digits.count).drop { $0.isASCII && $0.isLetter }
  return !digits.isEmpty && tail.allSatisfy { ($0.isASCII && $0.isNumber) || $0 == "." }
}
