internal import Shared

/// The body of a request, exactly as it is sent. The parts that neighbouring admissions share come first.
func requestBody(_ prompt: Prompt, model: String) -> [UInt8] {
  let question = prompt.question
  var messages: [JSONValue] = [
    ["role": "system", "content": .string(question.system)], ["role": "user", "content": .string(question.user)],
  ]
  if let complaint = prompt.complaint {
    messages.append([
      "role": "user", "content": .string("Your last answer was refused: \(complaint). Answer again, with JSON only."),
    ])
  }
  var body: [UInt8] = []
  body += #"{"model": "#.utf8
  JSONValue.string(model).append(to: &body)
  body += #", "messages": "#.utf8
  JSONValue.array(messages).append(to: &body)
  body += #", "response_format": {"type": "json_schema", "json_schema": {"name": "#.utf8
  JSONValue.string(question.step).append(to: &body)
  body += #", "strict": true, "schema": "#.utf8
  body += question.schemaText.utf8
  body += #"}}, "temperature": 0.8, "seed": "#.utf8
  body += "\(question.seed + prompt.attempt), \"max_tokens\": \(question.maximumAnswerTokens)}".utf8
  return body
}

/// Unpacks a server's reply; the model's text in it is checked later.
///
/// - Returns: nil if the reply is not a chat completion.
func chatAnswer(from bytes: [UInt8]) -> Answer? {
  (try? JSONValue(parsing: bytes)).flatMap(chatAnswer)
}

/// The same, for a reply that is already parsed.
func chatAnswer(from reply: JSONValue) -> Answer? {
  guard let choice = reply["choices"]?.array?.first, let message = choice["message"] else { return nil }
  let usage = reply["usage"]
  return Answer(
    text: message["content"]?.string ?? "", isComplete: choice["finish_reason"]?.string == "stop",
    usage: Usage(
      promptTokens: usage?["prompt_tokens"]?.integer ?? 0,
      cachedTokens: usage?["prompt_tokens_details"]?["cached_tokens"]?.integer,
      answerTokens: usage?["completion_tokens"]?.integer ?? 0))
}
