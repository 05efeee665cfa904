internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import Shared

/// A server with OpenAI's chat completions interface, asked for structured output by JSON Schema.
struct ChatCompletions: LanguageModel {
  private let address: String
  private let name: String
  /// Sent as a bearer token, never logged or stored; nil: none is sent.
  private let key: String?

  /// One for the whole program, never shut down. A refused connection is an error at once: `send` decides about more tries,
  /// where the client by itself would try until the time limit of the request.
  private static let client: HTTPClient = {
    var configuration = HTTPClient.Configuration()
    configuration.timeout.connect = .seconds(10)
    configuration.connectionPool.retryConnectionEstablishment = false
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }()

  /// - Parameters:
  ///   - url: the server, with or without `/v1`.
  ///   - name: the model's name on that server.
  /// - Throws: status 64 where the text is no URL.
  init(url: String, name: String, key: String?) throws(CloisterError) {
    guard let parsed = URL(string: url), parsed.scheme == "http" || parsed.scheme == "https", parsed.host != nil else {
      throw CloisterError(
        .wrongArguments, "--model is neither sampler nor the URL of a server",
        hint: "a URL begins with http:// or https://, such as http://127.0.0.1:8080")
    }
    let base = url.hasSuffix("/") ? String(url.dropLast()) : url
    address = base.hasSuffix("/v1") ? base + "/chat/completions" : base + "/v1/chat/completions"
    self.name = name
    self.key = key
  }

  func answer(_ question: Question, complaint: String?) async throws -> Answer {
    var request = HTTPClientRequest(url: address)
    request.method = .POST
    request.headers.add(name: "content-type", value: "application/json")
    if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
    request.body = .bytes(ByteBuffer(string: body(question, complaint).compact()))
    return try await send(request)
  }

  /// The request, with what must not change between admissions first.
  func body(_ question: Question, _ complaint: String?) -> JSONValue {
    var messages: [JSONValue] = [
      ["role": "system", "content": .string(question.system)], ["role": "user", "content": .string(question.user)],
    ]
    if let complaint {
      messages.append([
        "role": "user", "content": .string("Your last answer was refused: \(complaint). Answer again, with JSON only."),
      ])
    }
    let format: JSONValue = [
      "type": "json_schema",
      "json_schema": ["name": .string(question.step), "strict": true, "schema": question.schema],
    ]
    return [
      "model": .string(name), "messages": .array(messages), "response_format": format, "temperature": .number(0.8),
      "seed": .integer(question.seed), "max_tokens": 500,
    ]
  }

  /// Sends the request, again after a pause where the server was busy or the connection broke.
  private func send(_ request: HTTPClientRequest) async throws -> Answer {
    var failure = ""
    for pause in [0.5, 1, 2, 4, nil] {
      do {
        let response = try await Self.client.execute(request, timeout: .seconds(300))
        let bytes = Array(buffer: try await response.body.collect(upTo: 4 << 20))
        if response.status == .ok { return try answer(from: bytes) }
        failure = "the model server answered with status \(response.status.code)"
        guard Self.isPassing(response.status) else { break }
      } catch let error as CloisterError {
        throw error
      } catch {
        try Task.checkCancellation()
        failure = "the model server can't be reached (\(type(of: error)))"
      }
      if let pause { try await Task.sleep(for: .seconds(pause * Double.random(in: 0.75...1.25))) }
    }
    throw CloisterError(
      .modelUnreachable, failure,
      hint:
        "check --model, --model-name and, for a paid server, the key in CLOISTER_API_KEY; --model sampler needs no server"
    )
  }

  private static func isPassing(_ status: HTTPResponseStatus) -> Bool {
    status.code == 408 || status.code == 409 || status.code == 429 || status.code >= 500
  }

  /// Reads the server's reply; what the model wrote in it is not believed here, only unpacked.
  func answer(from bytes: [UInt8]) throws(CloisterError) -> Answer {
    guard let reply = try? JSONValue(parsing: bytes), let choice = reply["choices"]?.array?.first,
      let message = choice["message"]
    else {
      throw CloisterError(
        .modelUnreachable, "the model server's reply is not a chat completion",
        hint: "--model must name a server with OpenAI's /v1/chat/completions")
    }
    return Answer(
      text: message["content"]?.string ?? "", isComplete: choice["finish_reason"]?.string == "stop",
      promptTokens: reply["usage"]?["prompt_tokens"]?.integer ?? 0,
      answerTokens: reply["usage"]?["completion_tokens"]?.integer ?? 0)
  }
}
