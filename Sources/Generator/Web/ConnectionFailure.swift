internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Shared

/// Why a request got no reply, in words that tell apart what a person must do next.
struct ConnectionFailure: Equatable, Sendable {
  let reason: String
  /// Whether trying again is pointless, because somebody must change something first.
  var isLasting = false
  /// Whether the reply came but was too large to read.
  var isTooLarge = false

  /// - Parameters:
  ///   - proxy: the proxy that the request went through, in words; nil if there is none.
  ///   - seconds: how long the request was allowed to take.
  init(_ error: any Error, proxy: String?, seconds: Double) {
    let other = proxy.map { "the proxy \($0)" } ?? "the model server"
    switch error {
    case let error as CloisterError:
      reason = error.what
      isLasting = true
    case is WebClient.ReplyTooLarge:
      reason = "the model server's reply is larger than \(WebClient.mostBytes >> 20) MiB"
      isTooLarge = true
    case let error as NIOConnectionError: reason = Self.connection(error, other)
    case let error as HTTPClientError: reason = Self.client(error, other, proxy, seconds)
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
      (reason, isLasting) = Self.tls("\(error)")
    case let error as IOError: reason = Self.system(error, other)
    case _ where "\(type(of: error))".hasSuffix("DecompressionError"):
      reason = "the model server's reply can't be decompressed"
    default: reason = "the model server broke the connection (\(type(of: error)))"
    }
  }

  private static func connection(_ error: NIOConnectionError, _ other: String) -> String {
    let host = harmless(error.host)
    guard let first = error.connectionErrors.first?.error else {
      return "the name of \(other) can't be resolved: \(host) (DNS)"
    }
    if let failure = first as? IOError { return system(failure, other) }
    if case .connectTimeout? = first as? ChannelError { return timedOut(other) }
    return "\(other) can't be reached (\(type(of: first)))"
  }

  private static func system(_ error: IOError, _ other: String) -> String {
    switch error.errnoCode {
    case ECONNREFUSED: "\(other) refused the connection: nothing listens at this address and port"
    case ETIMEDOUT: timedOut(other)
    case EHOSTUNREACH, ENETUNREACH: "no network route leads to \(other)"
    case ECONNRESET, EPIPE: "\(other) broke the connection"
    default: "\(other) can't be reached (errno \(error.errnoCode))"
    }
  }

  private static func timedOut(_ other: String) -> String {
    "time-out: \(other) did not accept a connection within 10 seconds"
  }

  private static func client(
    _ error: HTTPClientError, _ other: String, _ proxy: String?, _ seconds: Double
  ) -> String {
    switch error {
    case .connectTimeout: timedOut(other)
    case .deadlineExceeded, .readTimeout, .writeTimeout, .getConnectionFromPoolTimeout:
      "time-out: no reply from the model server within \(seconds.formatted()) seconds"
    case .tlsHandshakeTimeout: "time-out: the model server did not finish the TLS handshake"
    case .proxyAuthenticationRequired: "\(other) wants a user name and a password"
    case .invalidProxyResponse: "\(other) refused to connect to the model server"
    case .httpProxyHandshakeTimeout, .socksHandshakeTimeout: "time-out: \(other) did not answer"
    case .remoteConnectionClosed, .uncleanShutdown: "the model server broke the connection"
    default: "the request failed: \(harmless("\(error)"))"
    }
  }

  private static func tls(_ description: String) -> (reason: String, isLasting: Bool) {
    if description.contains("CERTIFICATE_VERIFY_FAILED") || description.contains("unableToValidateCertificate") {
      return ("TLS: no trusted authority signed the model server's certificate, or it has expired", true)
    }
    if description.contains("failedToValidateHostname") || description.contains("unableToValidateHostname") {
      return ("TLS: the model server's certificate is for another host name", true)
    }
    if description.contains("WRONG_VERSION_NUMBER") || description.contains("HTTP_REQUEST") {
      return ("TLS: the model server does not use TLS at this address", true)
    }
    if description.contains("uncleanShutdown") || description.contains("EOF") {
      return ("TLS: the model server broke the connection", false)
    }
    return ("TLS: the handshake with the model server failed", false)
  }
}

extension ConnectionFailure {
  /// What to try next.
  var hint: String {
    if reason.contains("no trusted authority") { return "for a private certificate authority, give its file with --ca" }
    if reason.contains("does not use TLS") { return "begin the address with http:// if the server has no TLS" }
    if reason.contains("the proxy") { return "check the proxy variables, or name the server in NO_PROXY" }
    return "check the address in --model, and that the server is running"
  }
}
