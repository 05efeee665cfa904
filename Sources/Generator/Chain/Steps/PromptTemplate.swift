internal import Foundation
internal import Shared

/// The prompt of a step, in five parts as in the LLMSYN paper. The first four are the system message, the same for
/// every admission; the fifth sets the order of the retrieved content.
struct PromptTemplate: Equatable, Sendable {
  /// The parts Task, Examples, Description and Steps.
  let instructions: String
  private let retrieval: [Line]

  /// The content that replaces a line `{{name}}` in the part Retrieval.
  enum Slot: String, CaseIterable, Sendable {
    case candidates, knowledge, prior, patient, request

    /// Whether the content differs from one admission to the next.
    fileprivate var isOwn: Bool { self == .prior || self == .patient || self == .request }
  }

  private enum Line: Equatable, Sendable {
    case text(String)
    case slot(Slot)
  }

  static let parts = ["Task", "Examples", "Description", "Steps", "Retrieval"]

  /// Reads a template.
  ///
  /// - Parameter name: the template's name in errors.
  /// - Throws: status 65, with the line, if the template can't be used.
  init(_ text: String, name: String) throws(CloisterError) {
    var found: [String] = []
    var instructions: [Substring] = []
    var retrieval: [Line] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("# ") { found.append(line.dropFirst(2).trimmingCharacters(in: .whitespaces)) }
      guard found == Array(Self.parts.prefix(found.count)) else {
        throw Self.error(name, number, "this part is unknown or in the wrong place")
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

  /// The user message, split before the part that differs between admissions. A line whose slot is empty is left out.
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
      throw error(name, number, "this slot is unknown")
    }
    return .slot(slot)
  }

  private static func error(_ name: String, _ line: Int, _ what: String) -> CloisterError {
    CloisterError(
      .inputRefused, "\(name), line \(line + 1): \(what)",
      hint:
        "write the parts # Task, # Examples, # Description, # Steps and # Retrieval, in this order; give the last the "
        + "lines {{candidates}} and {{patient}}, and any of {{knowledge}}, {{prior}} and {{request}}")
  }
}

extension Step {
  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// The template texts of the steps that ask the model, by file name.
///
/// - Parameter folder: the folder of the user's own templates, `STEP.txt`; a built-in one replaces each missing file.
/// - Throws: status 65 for a template that can't be used; 66 if the folder does not exist.
func templateTexts(from folder: String?) throws(CloisterError) -> [String: String] {
  var texts: [String: String] = [:]
  let names = try folder.map { path throws(CloisterError) in try listFolder(path, name: harmless(path)) } ?? []
  let known = Step.chain.filter { !$0.template.isEmpty }.map { "\($0.name).txt" }
  if let stranger = names.first(where: { $0.hasSuffix(".txt") && !known.contains($0) }) {
    throw CloisterError(
      .inputRefused, "\(harmless(stranger)): no step has a template with this name",
      hint: "name the templates \(known.joined(separator: ", "))")
  }
  for step in Step.chain where !step.template.isEmpty {
    let name = "\(step.name).txt"
    texts[name] = step.template
    if let folder, names.contains(name) {
      let bytes = try readFile("\(folder)/\(name)", name: name, limit: 1 << 20, refusal: .inputRefused)
      guard let own = String(validating: bytes, as: UTF8.self) else {
        throw CloisterError(.inputRefused, "\(name): the template is not UTF-8", hint: "save the template as UTF-8")
      }
      texts[name] = own
    }
  }
  _ = try promptTemplates(texts)
  return texts
}

/// The templates of the steps that ask the model, by step name.
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
