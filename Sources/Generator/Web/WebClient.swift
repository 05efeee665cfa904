internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPCompression
internal import NIOSSL
internal import Shared
internal import Synchronization

/// The only place where the program sends bytes over the network. TLS certificates are checked. A redirect is returned
/// like any reply and never followed, because following it could send the key to another server. Proxies are those of
/// the environment.
struct WebClient: Sendable {
  /// Trusts the system's certificate authorities.
  static let standard = WebClient(authorities: [], proxies: ProxySettings(ProcessInfo.processInfo.environment))

  /// The most bytes of a reply, after decompression.
  static let mostBytes = 64 << 20

  private let proxies: ProxySettings
  /// The clients, by what they connect through. Never shut down, and therefore kept until the program ends. A failed
  /// connection is reported at once; the caller decides whether to retry.
  private let clients: [ProxySettings.Way: HTTPClient]
  private static let kept = Mutex<[HTTPClient]>([])

  /// A server's reply.
  struct Reply: Sendable {
    let status: Int
    let body: [UInt8]
    /// The header Retry-After, in seconds from now.
    let retryAfter: Double?
    /// Whether the server sent a stream of events instead of one document.
    var isStream = false
    /// A compression of the body that was not undone; nil if there is none.
    var encoding: String?
  }

  /// A reply with more than `mostBytes`.
  struct ReplyTooLarge: Error {}

  /// - Parameter authority: a PEM file with certificate authorities to trust besides the system's; nil for none.
  /// - Throws: status 66 if the file is missing; 78 if it holds no certificate.
  init(authority: String?) throws(CloisterError) {
    guard let authority else {
      self = .standard
      return
    }
    let name = harmless(authority)
    let bytes = try readFile(authority, name: name, limit: 4 << 20, refusal: .policyOrKeyWrong)
    guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
      throw CloisterError(
        .policyOrKeyWrong, "\(name): no X.509 certificate in PEM format",
        hint: "give the certificate of the authority that signed the server's certificate")
    }
    self.init(authorities: certificates, proxies: ProxySettings(ProcessInfo.processInfo.environment))
  }

  private init(authorities: [NIOSSLCertificate], proxies: ProxySettings) {
    self.proxies = proxies
    let clients = proxies.ways.reduce(into: [:]) { $0[$1] = Self.client(authorities, $1) }
    self.clients = clients
    Self.kept.withLock { $0 += clients.values }
  }

  private static func client(_ authorities: [NIOSSLCertificate], _ way: ProxySettings.Way) -> HTTPClient {
    var tls = TLSConfiguration.makeClientConfiguration()
    if !authorities.isEmpty { tls.additionalTrustRoots = [.certificates(authorities)] }
    var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
    configuration.timeout.connect = .seconds(10)
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
    configuration.decompression = .enabled(limit: .size(mostBytes))
    switch way {
    case .direct: break
    case .tunnel(let proxy): configuration.proxy = proxy.configuration
    case .relay:
      configuration.httpVersion = .http1Only
      configuration.http1_1ConnectionDebugInitializer = { channel in writeWholeAddresses(channel) }
    }
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// The proxy that requests to an address go through, in words; nil if they go directly.
  func proxy(for url: String) -> String? { proxies.way(to: url).proxy?.words }

  /// - Parameters:
  ///   - body: the JSON to send with POST; nil to send a GET request.
  ///   - key: a header with a secret, and its value; nil to send none.
  /// - Throws: any error of the connection, `ReplyTooLarge`, or status 64 for a proxy that can't be used.
  func send(
    to url: String, body: [UInt8]?, key: (header: String, value: String)? = nil, seconds: Double
  ) async throws -> Reply {
    if let problem = proxies.problem { throw problem }
    let way = proxies.way(to: url)
    var request = HTTPClientRequest(url: url)
    if case .relay(let proxy) = way, let parts = URLComponents(string: url) {
      request.url = proxy.address(for: parts)
      request.headers.add(name: "host", value: parts.hostAndPort)
      if let login = proxy.login { request.headers.add(name: "proxy-authorization", value: "Basic \(login)") }
    }
    if let body {
      request.method = .POST
      request.headers.add(name: "content-type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: body))
    }
    request.headers.add(name: "accept", value: "application/json")
    request.headers.add(name: "user-agent", value: "cloister-generator/\(cloisterVersion)")
    if let key { request.headers.add(name: key.header, value: key.value) }
    guard let client = clients[way] else { preconditionFailure("every way has a client") }
    let response = try await client.execute(request, timeout: .milliseconds(Int64(seconds * 1000)))
    return try await read(response)
  }

  private func read(_ response: HTTPClientResponse) async throws -> Reply {
    let bytes: [UInt8]
    do { bytes = Array(buffer: try await response.body.collect(upTo: Self.mostBytes)) } catch is NIOTooManyBytesError {
      throw ReplyTooLarge()
    } catch let error as NIOHTTPDecompression.DecompressionError where error == .limit { throw ReplyTooLarge() }
    let headers = response.headers
    let encoding = headers.first(name: "content-encoding")?.lowercased() ?? "identity"
    return Reply(
      status: Int(response.status.code), body: bytes,
      retryAfter: headers.first(name: "retry-after").flatMap { Self.pause($0, now: .now) },
      isStream: headers.first(name: "content-type")?.lowercased().hasPrefix("text/event-stream") == true,
      encoding: ["identity", "gzip", "deflate", ""].contains(encoding) ? nil : encoding)
  }

  /// Reads Retry-After (RFC 9110, section 10.2.3), which is a number of seconds or a date; nil for anything else.
  static func pause(_ text: String, now: Date) -> Double? {
    if let seconds = Double(text), seconds >= 0, seconds.isFinite { return seconds }
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = .gmt
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
    return format.date(from: text).map { max(0, $0.timeIntervalSince(now)) }
  }
}

/// Makes a connection to a proxy name the whole address in each request, as proxies for plain HTTP require (RFC 9112,
/// section 3.2.2).
private func writeWholeAddresses(_ channel: any Channel) -> EventLoopFuture<Void> {
  channel.eventLoop.submit {
    let pipeline = channel.pipeline.syncOperations
    let encoder = try pipeline.handler(type: HTTPRequestEncoder.self)
    try pipeline.addHandler(WholeAddress(), position: .after(encoder))
  }
}

private final class WholeAddress: ChannelOutboundHandler {
  typealias OutboundIn = HTTPClientRequestPart
  typealias OutboundOut = HTTPClientRequestPart

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard case .head(var head) = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
    head.uri = "http://\(head.headers.first(name: "host") ?? "")\(head.uri)"
    context.write(wrapOutboundOut(.head(head)), promise: promise)
  }
}
