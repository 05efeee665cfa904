import Shared
import Testing

@testable import Generator

/// How replies are read and requests are written, for servers that differ from one another.
@Suite struct ChatFormatTests {
  private func ending(_ reason: String) -> Answer.Ending? {
    chatAnswer(from: Array(#"{"choices": [{"message": {"content": "x"}, "finish_reason": \#(reason)}]}"#.utf8))?.ending
  }

  @Test func onlyLimitsAndFiltersAreNoEnd() {
    for reason in [
      "\"stop\"", "\"eos\"", "null", "\"STOP\"", "\"end_turn\"", "\"tool_calls\"", "\"stop_sequence\"", "7",
    ] {
      #expect(ending(reason) == .complete, "\(reason)")
    }
    for reason in ["length", "max_tokens", "MAX_TOKENS", "model_length"] { #expect(ending("\"\(reason)\"") == .cut) }
    for reason in ["content_filter", "SAFETY", "RECITATION"] { #expect(ending("\"\(reason)\"") == .filtered) }
    #expect(chatAnswer(from: Array(#"{"choices": [{"message": {"content": "x"}}]}"#.utf8))?.ending == .complete)
  }

  @Test(arguments: [
    #"{"content": "text"}"#, #"{"content": [{"type": "text", "text": "te"}, {"type": "text", "text": "xt"}]}"#,
    #"{"content": [{"type": "thinking", "thinking": "no"}, {"type": "output_text", "text": "text"}]}"#,
    #"{"content": ["te", "xt"]}"#, #"{"content": null, "reasoning_content": "text"}"#,
    #"{"content": "", "tool_calls": [{"function": {"name": "f", "arguments": "text"}}]}"#,
    #"{"content": null, "function_call": {"arguments": "text"}}"#, #"{"content": "text", "refusal": null}"#,
    #"{"content": "text", "reasoning_content": "no", "tool_calls": []}"#,
  ])
  func theTextIsFound(_ message: String) throws {
    let answer = try #require(chatAnswer(from: Array(#"{"choices": [{"message": \#(message)}]}"#.utf8)))
    #expect(answer.text == "text" && answer.ending == .complete)
  }

  @Test(arguments: [
    #"{"content": null, "refusal": "no"}"#, #"{"content": [{"type": "refusal", "refusal": "no"}]}"#,
  ])
  func aRefusalIsSeen(_ message: String) {
    #expect(chatAnswer(from: Array(#"{"choices": [{"message": \#(message)}]}"#.utf8))?.ending == .declined)
  }

  @Test func aStreamIsPutTogether() throws {
    let stream =
      ": hello\r\n\r\ndata: {\"choices\": [{\"delta\": {\"content\": \"te\"}}]}\r\n\r\n"
      + "event: x\ndata: {\"choices\": [{\"delta\": {\"content\": \"xt\"}, \"finish_reason\": \"stop\"}]}\n\n"
      + "data: {\"choices\": [], \"usage\": {\"prompt_tokens\": 4}}\n\ndata: [DONE]\n"
    #expect(isEventStream(Array(stream.utf8)))
    let answer = try #require(reply(fromEvents: Array(stream.utf8)).flatMap(chatAnswer))
    #expect(answer.text == "text" && answer.ending == .complete && answer.usage.promptTokens == 4)
    #expect(reply(fromEvents: Array(stream.prefix(90).utf8)) == nil)
    #expect(reply(fromEvents: Array("data: {\"error\": {\"message\": \"no\"}}\n\n".utf8))?["error"] != nil)
    #expect(!isEventStream(Array(#"{"data": 1}"#.utf8)))
  }

  @Test func aDialectIsKeptAsText() throws {
    for dialect in [Dialect(), .bare, Dialect(format: .jsonObject, tokenLimit: .maxCompletionTokens, streams: true)] {
      #expect(try Dialect(dialect.text) == dialect)
    }
    #expect(Dialect().text == "json_schema max_tokens system temperature seed")
    #expect(throws: CloisterError.self) { try Dialect("json_schema what") }
    #expect(throws: CloisterError.self) { try Dialect("") }
  }

  @Test func withoutASchemaTheFormIsSaidInWords() throws {
    let prompt = Probe.prompt(1)
    for format in [Dialect.ResponseFormat.jsonObject, .none] {
      let dialect = Dialect(format: format, tokenLimit: .maxCompletionTokens, parts: [.seed])
      let body = try JSONValue(parsing: requestBody(prompt, model: "m", dialect))
      let messages = try #require(body["messages"]?.array)
      #expect(messages.count == 1 && messages[0]["role"] == "user")
      let text = messages[0]["content"]?.string ?? ""
      #expect(text.hasPrefix(prompt.question.system))
      for words in [
        "one JSON object", #""gender": one of the texts "F", "M""#, #""diagnosis": a list of at most 2"#,
        #"{"reasoning": "...", "gender": "...", "diagnosis": ["...", ...]}"#,
      ] {
        #expect(text.contains(words), "\(words)")
      }
      #expect(body["temperature"] == nil && body["seed"] == 2 && body["max_tokens"] == nil)
      #expect(body["max_completion_tokens"]?.integer == prompt.question.maximumAnswerTokens)
      #expect(body["response_format"] == (format == .none ? nil : ["type": "json_object"]))
    }
  }

  @Test(arguments: [
    ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_completion_tokens"),
    ("This model doesn't support temperature while reasoning", "system seed"),
    ("response_format json_schema is unavailable", "json_object"),
    ("System role not supported", "max_tokens temperature"),
    ("Only stream mode is supported", "stream"), ("Unrecognized request argument supplied: seed", "temperature"),
  ])
  func aServersWordsAreUnderstood(_ words: String, _ change: String) throws {
    let failure = Exchange.Failure(reason: "", detail: words)
    let next = try #require(Dialect().without(failure, DialectOptions()))
    #expect(next != Dialect() && next.text.contains(change), "\(next.text)")
  }

  @Test func whatSaysNothingOrWasChosenIsKept() {
    #expect(Dialect().without(Exchange.Failure(reason: "", detail: "upstream failed"), DialectOptions()) == nil)
    let chosen = DialectOptions(format: .jsonSchema, tokenLimit: .maxTokens)
    #expect(Dialect().without(Exchange.Failure(reason: "", detail: "no json_schema"), chosen) == nil)
  }

  @Test(arguments: [
    ("http://h", "http://h/v1/chat/completions"), ("http://h/", "http://h/v1/chat/completions"),
    ("http://h/v1", "http://h/v1/chat/completions"), ("HTTPS://h/v1/", "https://h/v1/chat/completions"),
    ("http://h/v1/chat/completions", "http://h/v1/chat/completions"),
    ("https://h/chat/completions/", "https://h/chat/completions"),
    ("https://h/v1beta/openai", "https://h/v1beta/openai/chat/completions"),
    ("https://h/v1beta/openai/", "https://h/v1beta/openai/chat/completions"),
    ("https://h/api/paas/v4", "https://h/api/paas/v4/chat/completions"),
    ("https://h/openai", "https://h/openai/v1/chat/completions"),
    (
      "https://h/openai/deployments/d?api-version=2024-10-21",
      "https://h/openai/deployments/d/chat/completions?api-version=2024-10-21"
    ),
    (
      "https://h/openai/deployments/d/chat/completions?api-version=x",
      "https://h/openai/deployments/d/chat/completions?api-version=x"
    ),
    ("https://h/models?api-version=x", "https://h/models/chat/completions?api-version=x"),
    ("http://[::1]:8080/v1?a=b%20c", "http://[::1]:8080/v1/chat/completions?a=b%20c"),
  ])
  func anAddressIsCompleted(_ given: String, _ whole: String) throws {
    #expect(try serverAddress(given) == whole)
  }

  @Test func aKeyInAnAddressIsRefused() {
    let error = #expect(throws: CloisterError.self) { try serverAddress("https://h/v1?key=secret") }
    #expect(error?.status == .wrongArguments && error?.what.contains("secret") == false)
  }

  @Test(arguments: [
    #"{"error": {"code": "insufficient_quota"}}"#, #"{"error": {"type": "insufficient_quota", "message": "x"}}"#,
    #"{"error": {"code": "billing_hard_limit_reached"}}"#, #"{"error": {"type": "exceeded_current_quota_error"}}"#,
    #"{"error": {"code": "InsufficientBalance"}}"#, #"[{"error": {"code": "billing_not_active"}}]"#,
  ])
  func moneyIsRecognised(_ body: String) throws {
    #expect(ServerError(try JSONValue(parsing: body))?.isAboutMoney == true)
  }

  @Test(arguments: [
    #"{"error": {"code": "rate_limit_exceeded", "type": "tokens", "message": "quota"}}"#,
    #"{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}"#, #"{"error": {"type": "load_balancer_error"}}"#,
  ])
  func aBusyServerWantsNoMoney(_ body: String) throws {
    #expect(ServerError(try JSONValue(parsing: body))?.isAboutMoney == false)
  }

  @Test(arguments: [
    (#"{"error": {"message": "why"}}"#, "why"), (#"{"error": "why"}"#, "why"), (#"{"message": "why"}"#, "why"),
    (#"{"detail": "why"}"#, "why"), (#"{"detail": [{"loc": ["body", "seed"], "msg": "why"}]}"#, "why"),
  ])
  func aServersMessageIsFound(_ body: String, _ words: String) throws {
    let error = try #require(ServerError(try JSONValue(parsing: body)))
    #expect(error.message == words)
    #expect(ServerError(["choices": []]) == nil)
  }

  @Test func aShareIsRead() {
    for (text, value) in [("20%", 0.2), ("20", 0.2), ("0.2", 0.2), ("0", 0.0), ("100%", 1.0), ("1", 1.0), ("1%", 0.01)]
    {
      #expect(Percentage(argument: text)?.value == value, "\(text)")
    }
    for text in ["", "-1", "101", "x", "20%%", "nan"] { #expect(Percentage(argument: text) == nil, "\(text)") }
  }
}
