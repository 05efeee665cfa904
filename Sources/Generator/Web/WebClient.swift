internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import Shared

/// The only place where the program sends bytes over the network. TLS certificates are checked. A redirect is returned
/// like any reply and never followed, because following it could send the key to another server.
enum WebClient {
  /// One client for the whole program, never shut down. A failed connection is reported at once; the caller decides
  /// whether to retry.
  private static let client: HTTPClient = {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.timeout.connect = .seconds(10)
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }()

  /// A server's reply.
  struct Reply: Sendable {
    let status: Int
    let body: [UInt8]
    /// The header Retry-After, in seconds from now.
    let retryAfter: Double?
  }

  /// - Parameters:
  ///   - body: the JSON to send with POST; nil to send a GET request.
  ///   - key: the bearer token; nil to send none.
  /// - Throws: any error of the connection, or an error for a reply of more than 4 MiB.
  static func send(to url: String, body: [UInt8]?, key: String? = nil, seconds: Double) async throws -> Reply {
    var request = HTTPClientRequest(url: url)
    if let body {
      request.method = .POST
      request.headers.add(name: "content-type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: body))
    }
    request.headers.add(name: "accept", value: "application/json")
    request.headers.add(name: "user-agent", value: "cloister-generator/\(cloisterVersion)")
    if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
    let response = try await client.execute(request, timeout: .milliseconds(Int64(seconds * 1000)))
    let bytes = Array(buffer: try await response.body.collect(upTo: 4 << 20))
    let retryAfter = response.headers.first(name: "retry-after").flatMap { pause($0, now: .now) }
    return Reply(status: Int(response.status.code), body: bytes, retryAfter: retryAfter)
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
