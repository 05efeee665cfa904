internal import Shared

/// The verdict on a model's answer.
enum AnswerVerdict: Equatable, Sendable {
  case accepted(Choices)
  /// The reason, in the words that are sent back to the model. It quotes no text that the model invented.
  case refused(because: String)
}

/// What a model chose, field by field.
struct Choices: Equatable, Sendable {
  var categories: [Attribute: String] = [:]
  var codes: [Attribute: [String]] = [:]
  var orders: [String: DrugOrder] = [:]

  var attributes: [Attribute] { (Array(categories.keys) + Array(codes.keys)).sorted() }
}

/// Checks an answer without relying on anything that the server promised. The answer must be complete and contain one
/// JSON object with every field; every code must be offered or, in an open field, known; no code may be for another sex
/// or age; and nothing may contradict the settled part of the draft. Repeated codes are dropped, because servers do not
/// enforce `uniqueItems`.
///
/// - Parameter book: the codes that an open field may hold; nil if the question has no open field.
func check(_ answer: Answer, to question: Question, about draft: Draft, _ book: CodeBook?) -> AnswerVerdict {
  if let status = answer.failure { return .refused(because: "the server answered with status \(status)") }
  switch answer.ending {
  case .complete: break
  case .cut: return .refused(because: "the answer was too long and cut off")
  case .filtered: return .refused(because: "the server's content filter stopped the answer")
  case .declined: return .refused(because: "the model declined to answer")
  }
  let document: JSONValue
  do { document = try answerObject(in: answer.text) } catch { return .refused(because: error.reason) }
  var choices = Choices()
  for field in question.fields {
    if let reason = read(field, from: document, book, &choices) { return .refused(because: reason) }
  }
  var settled = draft
  settled.settle(choices)
  for field in question.fields {
    if let reason = breach(of: field, in: settled) { return .refused(because: reason) }
  }
  return .accepted(choices)
}

/// Reads one field into the choices; returns the reason if the field is refused.
private func read(
  _ field: Question.Field, from document: JSONValue, _ book: CodeBook?, _ choices: inout Choices
) -> String? {
  let name = field.attribute.rawValue
  guard let value = document[name] else { return "the field \"\(name)\" is missing" }
  guard let mostCodes = field.mostCodes else {
    guard let text = value.string else { return "the field \"\(name)\" is not one text" }
    choices.categories[field.attribute] = text
    return absence(of: [text], field, book)
  }
  guard let elements = value.array else { return "the field \"\(name)\" is not a list" }
  var codes: [String] = []
  for element in elements {
    guard let code = field.attribute == .drug ? element["DRUG"]?.string : element.string else {
      return "the field \"\(name)\" is not a list of \(field.attribute == .drug ? "drug orders" : "texts")"
    }
    if field.attribute == .drug {
      guard let order = DrugOrder(element) else { return "an order in \"\(name)\" has a wrong or missing field" }
      if choices.orders[code] == nil { choices.orders[code] = order }
    }
    if !codes.contains(code) { codes.append(code) }
  }
  guard codes.count <= mostCodes else { return "the field \"\(name)\" has more than \(mostCodes) codes" }
  choices.codes[field.attribute] = codes
  return absence(of: codes, field, book)
}

/// Why the texts can't be chosen; nil if every text is offered or, in an open field, known.
private func absence(of texts: [String], _ field: Question.Field, _ book: CodeBook?) -> String? {
  if texts.allSatisfy({ field.allows($0, book) }) { return nil }
  return "the field \"\(field.attribute.rawValue)\" has a value that "
    + (field.isOpen ? "is not a code of this hospital" : "is not among its candidates")
}

extension Question.Field {
  /// Whether the text is offered or, in an open field, known.
  func allows(_ text: String, _ book: CodeBook?) -> Bool {
    options.contains(text) || (isOpen && book?.offers(text, attribute) == true)
  }
}

/// Why the field's choice contradicts the rest of the draft; nil if it does not.
private func breach(of field: Question.Field, in draft: Draft) -> String? {
  let chosen = draft.categories[field.attribute].map { [$0] } ?? draft.codes[field.attribute] ?? []
  let name = field.attribute.rawValue
  for choice in chosen {
    if let reason = implausibility(of: choice, field.attribute, in: draft) {
      return "in the field \"\(name)\" \(JSONValue.string(choice).compact()) can't be: it \(reason)"
    }
    if field.attribute == .diagnosis, choice == draft.categories[.mainDiagnosis] {
      return "the field \"\(name)\" repeats the main diagnosis"
    }
  }
  return nil
}

extension Draft {
  /// Enters choices that passed the check into the draft.
  mutating func settle(_ choices: Choices) {
    for (attribute, category) in choices.categories { categories[attribute] = category }
    for (attribute, list) in choices.codes { codes[attribute] = list }
    orders.merge(choices.orders) { $1 }
  }
}
