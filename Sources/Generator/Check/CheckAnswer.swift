internal import Shared

/// What becomes of a model's answer.
enum AnswerVerdict: Equatable, Sendable {
  /// The choice for every field; a field with one category has one element.
  case accepted([Attribute: [String]])
  /// Why not, in words that are sent back to the model.
  case refused(because: String)
}

/// Checks an answer against the question again, whatever the server promised: complete, valid JSON, every field there,
/// every choice among the candidates. Doubled codes are dropped, as servers do not enforce `uniqueItems`.
func check(_ answer: Answer, to question: Question) -> AnswerVerdict {
  guard answer.isComplete else { return .refused(because: "the answer was too long and cut off") }
  let document: JSONValue
  do { document = try JSONValue(parsing: answer.text) } catch {
    return .refused(because: "the answer is not valid JSON")
  }
  guard document.members != nil else { return .refused(because: "the answer is not a JSON object") }
  var choices: [Attribute: [String]] = [:]
  for field in question.fields {
    let name = field.attribute.rawValue
    guard let value = document[name] else { return .refused(because: "the field \"\(name)\" is missing") }
    guard let chosen = field.mostCodes == nil ? value.string.map({ [$0] }) : value.strings else {
      return .refused(
        because: "the field \"\(name)\" is not \(field.mostCodes == nil ? "one text" : "a list of texts")")
    }
    guard chosen.allSatisfy(field.options.contains) else {
      return .refused(because: "the field \"\(name)\" has a value that is not among its candidates")
    }
    var unique: [String] = []
    for choice in chosen where !unique.contains(choice) { unique.append(choice) }
    if let most = field.mostCodes, unique.count > most {
      return .refused(because: "the field \"\(name)\" has more than \(most) codes")
    }
    choices[field.attribute] = unique
  }
  return .accepted(choices)
}

extension Draft {
  /// Takes over the choices that passed the check.
  mutating func settle(_ choices: [Attribute: [String]]) {
    for (attribute, chosen) in choices {
      if attribute.isMultiValued { codes[attribute] = chosen } else { categories[attribute] = chosen.first }
    }
  }
}
