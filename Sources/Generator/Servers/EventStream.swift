internal import Shared

/// Puts a stream of events together (`data: …`, the form of OpenAI's streams): some servers stream whether asked to or
/// not.
///
/// - Returns: the reply as it would be without streaming, or the error that an event reports; nil if the stream has no
///   events or ends early.
func reply(fromEvents bytes: [UInt8]) -> JSONValue? {
  var stream = StreamedReply()
  for event in events(withoutByteOrderMark(bytes)) {
    if event == "[DONE]" {
      stream.isDone = true
    } else if let chunk = try? JSONValue(parsing: event) {
      if chunk["error"] != nil, chunk["choices"] == nil { return chunk }
      stream.add(chunk)
    }
  }
  return stream.whole
}

/// Whether a body looks like a stream of events, whatever its header says.
func isEventStream(_ bytes: [UInt8]) -> Bool {
  let start = withoutByteOrderMark(bytes).drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
  return ["data:", "event:", ": ", "id:", "retry:"].contains { start.starts(with: Array($0.utf8)) }
}

/// The data of each event. The lines of one event are joined; other fields and comments are skipped.
private func events(_ bytes: [UInt8]) -> [String] {
  var events: [String] = []
  var data: [String] = []
  let lines = String(decoding: bytes, as: UTF8.self).split(omittingEmptySubsequences: false) {
    $0 == "\n" || $0 == "\r\n" || $0 == "\r"
  }
  for line in lines + [""] {
    if line.isEmpty, !data.isEmpty {
      events.append(data.joined(separator: "\n"))
      data = []
    }
    guard line.hasPrefix("data:") else { continue }
    let text = line.dropFirst(5)
    let value = String(text.first == " " ? text.dropFirst() : text)
    // Some servers leave out the empty line between events.
    if let first = data.first, (try? JSONValue(parsing: first)) != nil {
      events.append(first)
      data = []
    }
    data.append(value)
  }
  return events
}

/// The pieces of a streamed reply.
private struct StreamedReply {
  var isDone = false
  private var pieces: [String: String] = [:]
  private var calls: [Int: String] = [:]
  private var finish: JSONValue?
  private var usage: JSONValue?
  private var hasChoices = false

  mutating func add(_ chunk: JSONValue) {
    if let usage = chunk["usage"], usage != .null { self.usage = usage }
    guard let choice = chunk["choices"]?.array?.first else { return }
    hasChoices = true
    if let reason = choice["finish_reason"], reason != .null { finish = reason }
    let delta = choice["delta"] ?? choice["message"] ?? .null
    for name in ["content", "refusal", "reasoning_content", "reasoning"] {
      if let text = delta[name]?.string ?? (name == "content" ? choice["text"]?.string : nil) {
        pieces[name, default: ""] += text
      }
      for part in delta[name]?.array ?? [] { pieces[name, default: ""] += part["text"]?.string ?? "" }
    }
    for (place, call) in (delta["tool_calls"]?.array ?? []).enumerated() {
      calls[call["index"]?.integer ?? place, default: ""] += call["function"]?["arguments"]?.string ?? ""
    }
    if let text = delta["function_call"]?["arguments"]?.string { calls[-1, default: ""] += text }
  }

  var whole: JSONValue? {
    guard hasChoices, isDone || finish != nil else { return nil }
    var message = pieces.inByteOrder().map { JSONMember($0.key, .string($0.value)) }
    if !calls.isEmpty {
      let list = calls.sorted { $0.key < $1.key }.map { ["function": ["arguments": .string($0.value)]] as JSONValue }
      message.append(JSONMember("tool_calls", .array(list)))
    }
    return [
      "choices": [["message": .object(message), "finish_reason": finish ?? .null]], "usage": usage ?? .null,
    ]
  }
}
