internal import ArgumentParser
internal import Foundation
internal import Shared

/// How to reach model servers and how to ask them: the arguments that generate, resume and probe share.
struct ServerArguments: ParsableArguments {
  @Option(help: "Seconds that one request may take.")
  var timeout = 300.0

  @Option(help: "Seconds that one question may wait for a server that answered before but is now busy or gone.")
  var patience = 1800.0

  @Option(
    help:
      "How the server is told the form of an answer: json_schema, json_object or none; default: the probe finds out.")
  var responseFormat: Dialect.ResponseFormat?

  @Option(
    help: ArgumentHelp(
      "Parts of requests to leave out: temperature, seed, system (its text goes into the user's message), max_tokens "
        + "(no limit of any name). The probe leaves out more if the server needs it.", valueName: "part,part"))
  var without: [String] = []

  @Option(
    help:
      "The parameter that limits an answer's tokens: max_tokens or max_completion_tokens; default: the probe finds out."
  )
  var tokenParameter: Dialect.TokenLimit?

  @Flag(help: "Ask for streamed answers, for servers that send nothing else; default: the probe finds out.")
  var stream = false

  @Option(
    help: ArgumentHelp(
      "The header for the bare key from CLOISTER_API_KEY, such as api-key or x-api-key; default: a bearer token.",
      valueName: "name"))
  var keyHeader: String?

  @Option(help: ArgumentHelp("A PEM file with a private certificate authority to trust.", valueName: "file"))
  var ca: String?

  private static let parts =
    Dialect.Part.allCases.map(\.rawValue) + [Dialect.TokenLimit.maxTokens.rawValue, "response_format"]

  /// The parts to leave out, one by one.
  private var left: Set<String> {
    Set(without.flatMap { $0.split { $0 == "," || $0 == " " }.map { String($0).replacing("-", with: "_") } })
  }

  func validate() throws {
    guard timeout > 0, timeout <= 86_400, patience >= 0, patience <= 864_000 else {
      throw ValidationError("--timeout must be over 0 and at most 86400 seconds, --patience from 0 to 864000 seconds")
    }
    guard left.isSubset(of: Self.parts), without.isEmpty == left.isEmpty else {
      throw ValidationError("--without takes \(Self.parts.joined(separator: ", ")), separated by commas")
    }
    if left.contains("response_format"), let responseFormat, responseFormat != .none {
      throw ValidationError("--response-format and --without response_format contradict each other")
    }
    if left.contains(Dialect.TokenLimit.maxTokens.rawValue), tokenParameter != nil {
      throw ValidationError("--token-parameter and --without max_tokens contradict each other")
    }
    if let keyHeader {
      let isName = keyHeader.utf8.allSatisfy {
        ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || (0x30...0x39).contains($0) || [0x2D, 0x5F].contains($0)
      }
      guard isName, !keyHeader.isEmpty, !Self.ownHeaders.contains(keyHeader.lowercased()) else {
        throw ValidationError("--key-header takes the name of a header, such as api-key")
      }
    }
  }

  /// Headers that hold something else than a key.
  private static let ownHeaders: Set<String> = [
    "host", "content-type", "content-length", "accept", "user-agent", "connection", "transfer-encoding",
  ]

  var dialect: DialectOptions {
    DialectOptions(
      format: left.contains("response_format") ? Dialect.ResponseFormat.none : responseFormat,
      tokenLimit: tokenParameter,
      without: left.subtracting(["response_format"]), streams: stream)
  }

  /// The key from the environment; nil if there is none.
  ///
  /// - Throws: status 64 if the key can't be sent in a header.
  func key() throws(CloisterError) -> String? {
    let text = ProcessInfo.processInfo.environment["CLOISTER_API_KEY"]?.trimmingCharacters(in: .whitespacesAndNewlines)
    guard let text, !text.isEmpty else { return nil }
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw CloisterError(
        .wrongArguments, "CLOISTER_API_KEY holds characters that a header can't hold",
        hint: "set it to the key alone, without quotation marks or spaces")
    }
    return text
  }
}

extension Dialect.ResponseFormat: ExpressibleByArgument {}
extension Dialect.TokenLimit: ExpressibleByArgument {}
