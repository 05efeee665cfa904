internal import Shared

/// Sends one request to a model server and reads the reply.
struct Exchange: Sendable {
  let web: WebClient
  /// The API key, never logged or stored; nil to send none.
  let key: String?
  /// The header that holds the bare key; nil to send it as a bearer token.
  let keyHeader: String?
  /// Seconds that one request may take.
  let timeout: Double

  /// What a reply means.
  enum Meaning: Sendable {
    case answer(Answer)
    /// The server refuses this request, and would refuse it every time.
    case refused(status: Int, Failure)
    /// It may help to try again.
    case passing(Failure, retryAfter: Double?)
    /// Nothing helps until somebody changes something.
    case hopeless(Failure)
  }

  /// Why there is no answer.
  struct Failure: Equatable, Sendable {
    let reason: String
    /// The server's own words, made harmless; nil if it gave none.
    var detail: String?
    /// The parameter that the server complains about; nil if it names none.
    var parameter: String?
    /// What a person can do; nil if there is no special advice.
    var hint: String?

    /// The reason and the server's words.
    var text: String { detail.map { "\(reason); it says: \($0)" } ?? reason }

    var error: CloisterError {
      CloisterError(
        .modelUnreachable, text,
        hint: hint
          ?? "check --model, --model-name and, for a paid server, the key in CLOISTER_API_KEY; "
          + "--model sampler needs no server")
    }
  }

  /// - Returns: what the reply means, and the server's HTTP status; nil if there was no reply.
  /// - Throws: CancellationError if the task is cancelled.
  func send(_ body: [UInt8], to address: String) async throws -> (meaning: Meaning, status: Int?) {
    do {
      let header = key.map { key in
        keyHeader.map { (header: $0, value: key) } ?? (header: "authorization", value: "Bearer \(key)")
      }
      let reply = try await web.send(to: address, body: body, key: header, seconds: timeout)
      return (read(reply), reply.status)
    } catch {
      try Task.checkCancellation()
      let failure = ConnectionFailure(error, proxy: web.proxy(for: address), seconds: timeout)
      let told = Failure(reason: failure.reason, hint: failure.hint)
      if failure.isTooLarge { return (.refused(status: 413, told), nil) }
      return (failure.isLasting ? .hopeless(told) : .passing(told, retryAfter: nil), nil)
    }
  }

  private func read(_ reply: WebClient.Reply) -> Meaning {
    if let encoding = reply.encoding {
      return .hopeless(
        Failure(
          reason:
            "the model server's reply is compressed with \(harmless(encoding, limit: 20)), which was not asked for",
          hint: "make the server or gateway send plain or gzip-compressed replies"))
    }
    let body = withoutByteOrderMark(reply.body)
    let isStream = reply.isStream || isEventStream(body)
    let document = isStream ? Generator.reply(fromEvents: body) : try? JSONValue(parsing: body)
    guard (200..<300).contains(reply.status) else {
      return failure(reply.status, document, body, reply.retryAfter)
    }
    if let answer = document.flatMap(chatAnswer) { return .answer(answer) }
    if let document, ServerError(document) != nil {
      // Some gateways report a failure with status 200.
      let status = document["error"]?["code"]?.integer ?? 500
      return failure((400..<600).contains(status) ? status : 500, document, body, reply.retryAfter)
    }
    let reason =
      isStream
      ? "the model server's stream of events ended early" : "the model server's reply is not a chat completion"
    return .passing(Failure(reason: reason), retryAfter: nil)
  }

  private func failure(_ status: Int, _ document: JSONValue?, _ body: [UInt8], _ retryAfter: Double?) -> Meaning {
    let error = document.flatMap(ServerError.init)
    let plain = error == nil && document == nil ? String(decoding: body.prefix(4000), as: UTF8.self) : ""
    var failure = Failure(
      reason: "the model server answered with status \(status)",
      detail: shown(error?.message ?? plain), parameter: error?.parameter)
    switch status {
    case _ where error?.isAboutMoney == true:
      failure.hint = "pay for the account, or use another key or server; then resume the run"
      return .hopeless(failure)
    case 408, 409, 425, 429, 500...599: return .passing(failure, retryAfter: retryAfter)
    case 400, 413, 422: return .refused(status: status, failure)
    default: return .hopeless(failure)
    }
  }

  /// A server's words for a person: on one line, bounded, without control characters, tags or the key.
  private func shown(_ text: String) -> String? {
    var words = text
    if let key, key.count >= 4 { words = words.replacing(key, with: "[key]") }
    if words.contains("<"), words.contains(">") { words = withoutTags(words) }
    let line = words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.isEmpty ? nil : harmless(line, limit: 300)
  }

  private func withoutTags(_ text: String) -> String {
    var kept = ""
    var isInTag = false
    for character in text {
      if character == "<" { isInTag = true }
      if !isInTag { kept.append(character) }
      if character == ">" {
        isInTag = false
        kept.append(" ")
      }
    }
    return kept
  }
}

/// An error as servers write it: `{"error": {"message": …, "code": …}}` and its relatives.
struct ServerError: Equatable, Sendable {
  let message: String
  /// The parameter that the error is about; nil if it names none.
  let parameter: String?
  /// Whether the account has no money or quota left, so that waiting is pointless.
  let isAboutMoney: Bool

  /// - Returns: nil if the document reports no error.
  init?(_ document: JSONValue) {
    // Some servers put the error into a list.
    let document = document.array?.first ?? document
    let error = document["error"] ?? document["errors"]?.array?.first ?? .null
    let detail = document["detail"] ?? .null
    let first = detail.array?.first ?? .null
    let words = [
      error["message"], error, document["message"], detail, detail["message"], first["msg"],
      document["error_description"],
      document["msg"],
    ]
    guard error != .null || document["message"]?.string != nil || detail != .null || document["msg"]?.string != nil
    else { return nil }
    let whole = error == .null ? detail : error
    message = words.lazy.compactMap { $0?.string }.first ?? (whole == .object([]) ? "" : whole.compact())
    parameter = error["param"]?.string ?? first["loc"]?.array?.compactMap(\.string).joined(separator: " ")
    let names = [error["code"], error["type"], document["code"], document["type"], error["status"]]
      .compactMap { $0?.string?.lowercased().filter { $0.isLetter || $0.isNumber } }
    isAboutMoney = names.contains { name in Self.moneyWords.contains { name.contains($0) } }
  }

  /// Words in the code or type of an error that only a payment mends, without the characters between words.
  private static let moneyWords = [
    "insufficientquota", "insufficientuserquota", "insufficientbalance", "insufficientcredit", "insufficientfund",
    "billing", "accountbalance", "credit", "payment", "arrear", "exceededcurrentquota", "hardlimit", "overdue",
    "accountdeactivated", "unpaid", "outoffunds",
  ]
}
