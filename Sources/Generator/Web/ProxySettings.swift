internal import AsyncHTTPClient
internal import Foundation
internal import Shared

/// The proxies that the environment names in HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, or in the same names in
/// lower case, which come first.
struct ProxySettings: Sendable {
  private var proxies: [String: Proxy] = [:]
  private var exceptions: [String] = []
  /// Why a variable can't be used; thrown when a request would be sent.
  private(set) var problem: CloisterError?

  /// How a request reaches its server.
  enum Way: Hashable, Sendable {
    case direct
    /// Through a connection that the proxy opens to the server.
    case tunnel(Proxy)
    /// The proxy reads the request and sends it on.
    case relay(Proxy)

    var proxy: Proxy? {
      switch self {
      case .direct: nil
      case .tunnel(let proxy), .relay(let proxy): proxy
      }
    }
  }

  /// A proxy, from a URL such as `http://user:password@proxy:3128`.
  struct Proxy: Hashable, Sendable {
    /// The variable that names the proxy.
    let variable: String
    let isSOCKS: Bool
    let host: String
    let port: Int
    /// User and password in Base64; nil if there are none. Never shown.
    let login: String?

    /// The proxy for people, without its password.
    var words: String { "\(isSOCKS ? "socks5" : "http")://\(harmless(host)):\(port) (\(variable))" }

    var configuration: HTTPClient.Configuration.Proxy {
      if isSOCKS { return .socksServer(host: host, port: port) }
      return .server(host: host, port: port, authorization: login.map { .basic(credentials: $0) })
    }

    /// The proxy's own address, with the path of the address that it is asked for.
    func address(for parts: URLComponents) -> String {
      let query = parts.percentEncodedQuery.map { "?\($0)" } ?? ""
      return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)\(parts.percentEncodedPath)\(query)"
    }
  }

  init(_ environment: [String: String]) {
    func value(_ name: String) -> (name: String, text: String)? {
      for name in [name.lowercased(), name] {
        if let text = environment[name]?.trimmingCharacters(in: .whitespaces), !text.isEmpty { return (name, text) }
      }
      return nil
    }
    for scheme in ["http", "https"] {
      guard let (name, text) = value("\(scheme.uppercased())_PROXY") ?? value("ALL_PROXY") else { continue }
      guard let proxy = Self.proxy(text, name) else {
        problem = CloisterError(
          .wrongArguments, "\(name) is not the address of a proxy that can be used",
          hint: "give an address such as http://proxy:3128 or socks5://proxy:1080, or unset the variable")
        continue
      }
      proxies[scheme] = proxy
    }
    exceptions = (value("NO_PROXY")?.text ?? "").split { $0 == "," || $0 == " " }.map { $0.lowercased() }
  }

  private static func proxy(_ text: String, _ variable: String) -> Proxy? {
    let url = text.contains("://") ? text : "http://\(text)"
    guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
      let scheme = parts.scheme?.lowercased(), ["http", "socks5", "socks5h"].contains(scheme)
    else { return nil }
    let isSOCKS = scheme != "http"
    if isSOCKS && parts.user != nil { return nil }
    let login = parts.user.map { Data("\($0):\(parts.password ?? "")".utf8).base64EncodedString() }
    return Proxy(
      variable: variable, isSOCKS: isSOCKS, host: host.trimmingCharacters(in: ["[", "]"]),
      port: parts.port ?? (isSOCKS ? 1080 : 80), login: login)
  }

  /// Every way that a request might take.
  var ways: Set<Way> {
    Set([.direct] + proxies.map { way($0.key, $0.value) })
  }

  private func way(_ scheme: String, _ proxy: Proxy) -> Way {
    scheme == "http" && !proxy.isSOCKS ? .relay(proxy) : .tunnel(proxy)
  }

  func way(to url: String) -> Way {
    guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(), let host = parts.host,
      let proxy = proxies[scheme], !isException(host.lowercased(), port: parts.port ?? (scheme == "https" ? 443 : 80))
    else { return .direct }
    return way(scheme, proxy)
  }

  /// Whether NO_PROXY names a host: `*`, a host, a domain with or without a leading dot or `*`, a block of IPv4
  /// addresses such as `10.0.0.0/8`, each but the block with or without a port.
  private func isException(_ host: String, port: Int) -> Bool {
    let host = host.trimmingCharacters(in: ["[", "]"])
    return exceptions.contains { entry in
      if entry == "*" { return true }
      if let block = IPv4Block(entry) { return block.contains(host) }
      var name = entry
      if let colon = entry.lastIndex(of: ":"), let own = Int(entry[entry.index(after: colon)...]),
        entry.filter({ $0 == ":" }).count == 1 || entry.contains("]")
      {
        guard own == port else { return false }
        name = String(entry[..<colon])
      }
      name = name.trimmingCharacters(in: ["[", "]", "*"])
      let domain = name.hasPrefix(".") ? String(name.dropFirst()) : name
      return !domain.isEmpty && (host == domain || host.hasSuffix(".\(domain)"))
    }
  }
}

/// A block of IPv4 addresses in the form `10.0.0.0/8`.
private struct IPv4Block {
  private let first: UInt32
  private let bits: Int

  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let bits = Int(parts[1]), (0...32).contains(bits), let first = Self.number(parts[0]) else {
      return nil
    }
    self.first = first
    self.bits = bits
  }

  func contains(_ host: String) -> Bool {
    guard let number = Self.number(host[...]) else { return false }
    let mask = bits == 0 ? 0 : UInt32.max << UInt32(32 - bits)
    return number & mask == first & mask
  }

  private static func number(_ text: Substring) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt32($0) ?? 256 }
    guard parts.count == 4, parts.allSatisfy({ $0 < 256 }) else { return nil }
    return parts.reduce(0) { $0 << 8 | $1 }
  }
}

extension URLComponents {
  /// The host and, if the address has one, the port, as in the header Host.
  var hostAndPort: String { (percentEncodedHost ?? "") + (port.map { ":\($0)" } ?? "") }
}
