internal import Shared

/// The body of a request, exactly as it is sent. The parts that neighbouring admissions share come first. Roles
/// alternate: a refused answer comes back as the assistant's message, and the complaint about it as the user's.
func requestBody(_ prompt: Prompt, model: String, _ dialect: Dialect) -> [UInt8] {
  let question = prompt.question
  var user = question.user
  if dialect.format != .jsonSchema { user += "\n" + formInWords(question.schemaText) }
  var messages: [JSONValue] =
    dialect.parts.contains(.system)
    ? [["role": "system", "content": .string(question.system)], ["role": "user", "content": .string(user)]]
    : [["role": "user", "content": .string("\(question.system)\n\n\(user)")]]
  if let complaint = prompt.complaint {
    messages.append(["role": "assistant", "content": .string(complaint.echo)])
    messages.append([
      "role": "user",
      "content": .string("Your last answer was refused: \(complaint.reason). Answer again, with JSON only."),
    ])
  }
  var body: [UInt8] = []
  body += #"{"model": "#.utf8
  JSONValue.string(model).append(to: &body)
  body += #", "messages": "#.utf8
  JSONValue.array(messages).append(to: &body)
  switch dialect.format {
  case .jsonSchema:
    body += #", "response_format": {"type": "json_schema", "json_schema": {"name": "#.utf8
    JSONValue.string(question.step).append(to: &body)
    body += #", "strict": true, "schema": "#.utf8
    body += question.schemaText.utf8
    body += "}}".utf8
  case .jsonObject: body += #", "response_format": {"type": "json_object"}"#.utf8
  case .none: break
  }
  if dialect.parts.contains(.temperature) { body += #", "temperature": 0.8"#.utf8 }
  if dialect.parts.contains(.seed) { body += ", \"seed\": \(question.seed + prompt.attempt)".utf8 }
  if let limit = dialect.tokenLimit { body += ", \"\(limit.rawValue)\": \(question.maximumAnswerTokens)".utf8 }
  if dialect.streams { body += #", "stream": true"#.utf8 }
  return body + "}".utf8
}

/// The form of an answer in words, for servers that take no schema.
func formInWords(_ schemaText: String) -> String {
  guard let schema = try? JSONValue(parsing: schemaText), let members = schema["properties"]?.members else { return "" }
  let lines = members.map { "\(JSONValue.string($0.name).compact()): \(words($0.value))" }
  return "Answer with one JSON object and nothing else. It has exactly these members, in this order:\n"
    + lines.joined(separator: "\n") + "\nIts form: \(pattern(schema))"
}

private func words(_ schema: JSONValue) -> String {
  switch schema["type"]?.string {
  case "array":
    let most = schema["maxItems"]?.integer ?? 0
    return "a list of at most \(most); each element is \(words(schema["items"] ?? .null))"
  case "object":
    let members = (schema["properties"]?.members ?? []).map {
      "\(JSONValue.string($0.name).compact()): \(words($0.value))"
    }
    return "an object with the members " + members.joined(separator: "; ")
  default:
    if let options = schema["enum"]?.array {
      return options.count == 1
        ? "the text \(options[0].compact())"
        : "one of the texts " + options.map { $0.compact() }.joined(separator: ", ")
    }
    if let pattern = schema["pattern"]?.string { return "a text that matches \(pattern)" }
    return "a text of at most \(schema["maxLength"]?.integer ?? 200) characters"
  }
}

/// The form as JSON, with dots for what the model fills in.
private func pattern(_ schema: JSONValue) -> String {
  switch schema["type"]?.string {
  case "array": "[\(pattern(schema["items"] ?? .null)), ...]"
  case "object":
    "{"
      + (schema["properties"]?.members ?? []).map { "\(JSONValue.string($0.name).compact()): \(pattern($0.value))" }
      .joined(separator: ", ") + "}"
  default: #""...""#
  }
}

/// Unpacks a server's reply; the model's text in it is checked later.
///
/// - Returns: nil if the reply is not a chat completion.
func chatAnswer(from bytes: [UInt8]) -> Answer? {
  (try? JSONValue(parsing: withoutByteOrderMark(bytes))).flatMap(chatAnswer)
}

/// The same, for a reply that is already parsed.
func chatAnswer(from reply: JSONValue) -> Answer? {
  guard let choice = reply["choices"]?.array?.first else { return nil }
  guard let message = choice["message"] ?? choice["text"].map({ ["content": $0] }), message.members != nil else {
    return nil
  }
  var answer = Answer(text: text(of: message), ending: ending(choice["finish_reason"]?.string))
  if answer.ending == .complete, isRefusal(message) { answer.ending = .declined }
  let usage = reply["usage"]
  func tokens(_ names: String...) -> Int {
    max(0, names.lazy.compactMap { usage?[$0]?.integer }.first ?? 0)
  }
  answer.usage = Usage(
    promptTokens: tokens("prompt_tokens", "input_tokens"),
    cachedTokens: usage?["prompt_tokens_details"]?["cached_tokens"]?.integer,
    answerTokens: tokens("completion_tokens", "output_tokens"))
  return answer
}

/// The text of a message: its content, whole or in parts; else the arguments of its tool calls; else, if a server took
/// the whole answer for reasoning, that.
private func text(of message: JSONValue) -> String {
  var calls = (message["tool_calls"]?.array ?? []).compactMap { $0["function"]?["arguments"] ?? $0["arguments"] }
  if let call = message["function_call"]?["arguments"] { calls.append(call) }
  let candidates = [
    plain(message["content"]), calls.map { plain($0) }.joined(separator: "\n"), plain(message["reasoning_content"]),
    plain(message["reasoning"]),
  ]
  return candidates.first { !$0.allSatisfy(\.isWhitespace) } ?? ""
}

/// Content as text: a text, a list of parts, or JSON that the server has already parsed.
private func plain(_ content: JSONValue?) -> String {
  switch content {
  case .string(let text): return text
  case .array(let parts):
    return parts.compactMap { part -> String? in
      if let text = part.string { return text }
      guard ["text", "output_text", nil].contains(part["type"]?.string) else { return nil }
      return part["text"]?.string ?? part["text"]?["value"]?.string
    }.joined()
  case .object: return content?.compact() ?? ""
  default: return ""
  }
}

/// Whether the model declined to answer, in a field of its own or in a part of the content.
private func isRefusal(_ message: JSONValue) -> Bool {
  let parts = message["content"]?.array ?? []
  return message["refusal"]?.string?.isEmpty == false || message["refusal"]?.bool == true
    || parts.contains { $0["type"]?.string == "refusal" }
}

/// How an answer ended. Every reason but those that name a limit or a filter is a normal end: servers have many names
/// for it, and some give none.
private func ending(_ reason: String?) -> Answer.Ending {
  let name = (reason ?? "").lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }
  switch String(name) {
  case "length", "max_tokens", "max_output_tokens", "max_completion_tokens", "max_length", "model_length",
    "token_limit", "truncated", "incomplete", "model_context_window_exceeded":
    return .cut
  case "content_filter", "content_filtered", "safety", "recitation", "blocklist", "prohibited_content", "spii",
    "language", "guardrail_intervened", "guardrail", "sensitive", "moderation", "image_safety":
    return .filtered
  case "refusal", "refused", "declined": return .declined
  default: return .complete
  }
}
