internal import Foundation
internal import Shared

/// The words in which a step asks: five parts, as in the LLMSYN paper. The first four are the system message, the same for
/// every admission; the fifth says in what order what is retrieved follows.
struct PromptTemplate: Equatable, Sendable {
  /// The parts Task, Examples, Description and Steps.
  let instructions: String
  private let retrieval: [Line]

  /// What a line `{{name}}` of the part Retrieval is replaced by.
  enum Slot: String, CaseIterable, Sendable {
    case candidates, knowledge, prior, patient, request

    /// Differs from one admission to the next.
    fileprivate var isOwn: Bool { self == .prior || self == .patient || self == .request }
  }

  private enum Line: Equatable, Sendable {
    case text(String)
    case slot(Slot)
  }

  static let parts = ["Task", "Examples", "Description", "Steps", "Retrieval"]

  /// Reads a template.
  ///
  /// - Parameter name: what errors call it.
  /// - Throws: status 65, with the line.
  init(_ text: String, name: String) throws(CloisterError) {
    var found: [String] = []
    var instructions: [Substring] = []
    var retrieval: [Line] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("# ") { found.append(line.dropFirst(2).trimmingCharacters(in: .whitespaces)) }
      guard found == Array(Self.parts.prefix(found.count)) else {
        throw Self.error(name, number, "this part is unknown or not in its place")
      }
      if found.last != "Retrieval" {
        instructions.append(line)
      } else if !line.hasPrefix("# "), !line.allSatisfy(\.isWhitespace) {
        retrieval.append(try Self.line(line, name, number))
      }
    }
    guard found == Self.parts else { throw Self.error(name, 0, "a part is missing") }
    guard retrieval.contains(.slot(.patient)), retrieval.contains(.slot(.candidates)) else {
      throw Self.error(name, 0, "the part Retrieval has no line {{patient}} or no line {{candidates}}")
    }
    self.instructions = instructions.joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
    self.retrieval = retrieval
  }

  /// The user's message, cut where what differs between admissions begins. A line whose slot has nothing to say is left out.
  func filled(_ values: [Slot: String]) -> (shared: String, own: String) {
    var shared: [String] = []
    var own: [String] = []
    for line in retrieval {
      switch line {
      case .text(let text): if own.isEmpty { shared.append(text) } else { own.append(text) }
      case .slot(let slot):
        guard let value = values[slot], !value.isEmpty else { continue }
        if slot.isOwn || !own.isEmpty { own.append(value) } else { shared.append(value) }
      }
    }
    return (shared.map { $0 + "\n" }.joined(), own.joined(separator: "\n"))
  }

  private static func line(_ line: Substring, _ name: String, _ number: Int) throws(CloisterError) -> Line {
    guard line.hasPrefix("{{"), line.hasSuffix("}}") else { return .text(String(line)) }
    guard let slot = Slot(rawValue: String(line.dropFirst(2).dropLast(2))) else {
      throw error(name, number, "there is no such slot")
    }
    return .slot(slot)
  }

  private static func error(_ name: String, _ line: Int, _ what: String) -> CloisterError {
    CloisterError(
      .inputRefused, "\(name), line \(line + 1): \(what)",
      hint:
        "a template has the parts # Task, # Examples, # Description, # Steps and # Retrieval, in this order; in the last, lines such "
        + "as {{candidates}}, {{knowledge}}, {{prior}}, {{patient}} and {{request}}")
  }
}

extension Step {
  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// The texts of the templates of the steps that ask, by file name.
///
/// - Parameter folder: one's own templates, `STEP.txt`; those that are not there are the built-in ones.
/// - Throws: status 65 for a template that can't be used; 66 where there is no folder.
func templateTexts(from folder: String?) throws(CloisterError) -> [String: String] {
  var texts: [String: String] = [:]
  let names = try folder.map { path throws(CloisterError) in try listFolder(path, name: Console.harmless(path)) } ?? []
  let known = Step.chain.filter { !$0.template.isEmpty }.map { "\($0.name).txt" }
  if let stranger = names.first(where: { $0.hasSuffix(".txt") && !known.contains($0) }) {
    throw CloisterError(
      .inputRefused, "\(Console.harmless(stranger)): no step has this name",
      hint: "templates are named \(known.joined(separator: ", "))")
  }
  for step in Step.chain where !step.template.isEmpty {
    let name = "\(step.name).txt"
    texts[name] = step.template
    if let folder, names.contains(name) {
      let bytes = try readFile("\(folder)/\(name)", name: name, limit: 1 << 20, refusal: .inputRefused)
      guard let own = String(validating: bytes, as: UTF8.self) else {
        throw CloisterError(.inputRefused, "\(name): is not UTF-8", hint: "save the template as UTF-8")
      }
      texts[name] = own
    }
  }
  _ = try promptTemplates(texts)
  return texts
}

/// The templates of the steps that ask, by the steps' names.
///
/// - Throws: status 65 for a template that can't be used.
func promptTemplates(_ texts: [String: String]) throws(CloisterError) -> [String: PromptTemplate] {
  var templates: [String: PromptTemplate] = [:]
  for step in Step.chain where !step.template.isEmpty {
    let name = "\(step.name).txt"
    templates[step.name] = try PromptTemplate(texts[name] ?? step.template, name: name)
  }
  return templates
}
