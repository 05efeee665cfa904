internal import Shared

/// How a server wants to be asked: the optional parts of a request. Servers with OpenAI's interface differ in what they
/// accept; the probe finds out.
struct Dialect: Equatable, Sendable {
  var format = ResponseFormat.jsonSchema
  /// The parameter that limits an answer's tokens; nil to send no limit.
  var tokenLimit: TokenLimit? = .maxTokens
  /// The parts that are sent.
  var parts = Set(Part.allCases)
  /// Whether the server is asked to send its answer as a stream of events.
  var streams = false

  /// How a server is told the form of the answer.
  enum ResponseFormat: String, CaseIterable, Sendable {
    case jsonSchema = "json_schema"
    case jsonObject = "json_object"
    /// In words only, within the prompt.
    case none

    /// What to try if a server does not accept this form.
    var next: ResponseFormat? {
      switch self {
      case .jsonSchema: .jsonObject
      case .jsonObject: ResponseFormat.none
      case .none: nil
      }
    }
  }

  enum TokenLimit: String, CaseIterable, Sendable {
    case maxTokens = "max_tokens"
    case maxCompletionTokens = "max_completion_tokens"
  }

  /// A part of a request that can be left out.
  enum Part: String, CaseIterable, Sendable {
    /// The message of the role `system`; without it, its text begins the first message of the user.
    case system
    case temperature
    case seed
  }

  /// The dialect with the fewest parts.
  static let bare = Dialect(format: .none, tokenLimit: nil, parts: [])
}

extension Dialect {
  /// The dialect as the journal stores it: the names of its parts.
  var text: String {
    ([format.rawValue] + (tokenLimit.map { [$0.rawValue] } ?? []) + Part.allCases.filter(parts.contains).map(\.rawValue)
      + (streams ? ["stream"] : [])).joined(separator: " ")
  }

  /// - Throws: status 65 if the text is not one that `text` writes.
  init(_ text: String) throws(CloisterError) {
    var words = text.split(separator: " ").map(String.init)
    let format = words.isEmpty ? nil : ResponseFormat(rawValue: words.removeFirst())
    tokenLimit = words.lazy.compactMap(TokenLimit.init).first
    parts = Set(words.compactMap(Part.init))
    streams = words.contains("stream")
    self.format = format ?? .none
    guard format != nil, self.text == text else {
      throw CloisterError(
        .inputRefused, "journal.sqlite: how the model was asked is damaged",
        hint: "restore the run folder from a backup")
    }
  }

  /// The dialect for people.
  var words: String {
    let form =
      switch format {
      case .jsonSchema: "json_schema"
      case .jsonObject: "json_object and the form in words"
      case .none: "the form in words only"
      }
    var sent = [form]
    if parts.contains(.system) { sent.append("a system message") }
    if let tokenLimit { sent.append(tokenLimit.rawValue) }
    sent += [Part.temperature, .seed].filter(parts.contains).map(\.rawValue)
    if streams { sent.append("stream") }
    var missing = Part.allCases.filter { !parts.contains($0) }.map { $0 == .system ? "a system message" : $0.rawValue }
    if tokenLimit == nil { missing.append("a limit on the answer's tokens") }
    return "asked with " + sent.joined(separator: ", ")
      + (missing.isEmpty ? "" : "; without " + missing.joined(separator: ", "))
  }
}

/// What the user says about a server; the probe finds the rest.
struct DialectOptions: Equatable, Sendable {
  var format: Dialect.ResponseFormat?
  var tokenLimit: Dialect.TokenLimit?
  /// The names of parts that must not be sent; `max_tokens` stands for any limit on the answer's tokens.
  var without: Set<String> = []
  var streams = false

  /// Whether the user said anything.
  var isEmpty: Bool { self == DialectOptions() }

  /// The dialect to begin with.
  var dialect: Dialect {
    Dialect(
      format: format ?? .jsonSchema, tokenLimit: limits.first, parts: Set(Dialect.Part.allCases.filter(allows)),
      streams: streams)
  }

  /// The limits that may be sent, in the order in which they are tried.
  var limits: [Dialect.TokenLimit] {
    without.contains(Dialect.TokenLimit.maxTokens.rawValue)
      ? [] : tokenLimit.map { [$0] } ?? Dialect.TokenLimit.allCases
  }

  func allows(_ part: Dialect.Part) -> Bool { !without.contains(part.rawValue) }
}
