internal import CKnowledge
internal import Foundation
internal import Shared

/// Short texts about diseases. A text is found by the longest matching code that its entry lists, or else by the range
/// of the code's chapter.
///
/// An entry is `# TITLE`, then lines `icd-9:`, `icd-10:`, `ccs:` and `sources:`, an empty line, and text. A code, with
/// or without dots, stands for all codes that begin with it; `390-459` is a range of categories.
struct KnowledgePack: KnowledgeSource {
  let entries: [Entry]
  /// Indices into `entries`, by version and code or range.
  private let byCode: [String: Int]

  struct Entry: Equatable, Sendable {
    let title: String
    fileprivate(set) var codes: [Int: [String]] = [:]
    /// Groups of AHRQ's Clinical Classifications Software.
    fileprivate(set) var ccs: [String] = []
    fileprivate(set) var sources = ""
    fileprivate(set) var text = ""
    /// Where the entry comes from: "built-in" or its file.
    let origin: String
  }

  init(_ entries: [Entry]) {
    self.entries = entries
    byCode = entries.enumerated().reduce(into: [:]) { places, entry in
      for (version, codes) in entry.element.codes { for code in codes { places["\(version):\(code)"] = entry.offset } }
    }
  }

  /// The pack that is built into the program, from the folder knowledge/.
  static func builtIn() throws(CloisterError) -> KnowledgePack {
    var count = 0
    let bytes = unsafe cloister_knowledge(&count)
    let text = unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    return KnowledgePack(try parse(text, file: "knowledge", origin: "built-in"))
  }

  /// The user's own pack, made from the `.md` files of a folder.
  ///
  /// - Parameter files: the bytes of each file, by name.
  /// - Throws: status 65, with file and line, if a file can't be used.
  init(files: [String: [UInt8]]) throws(CloisterError) {
    var entries: [Entry] = []
    for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw CloisterError(.inputRefused, "\(name): the file is not UTF-8", hint: "save the file as UTF-8")
      }
      entries += try Self.parse(text, file: name, origin: name)
    }
    self.init(entries)
  }

  func text(about category: String, title: String?) -> KnowledgeText? {
    if category == missingCategory { return nil }
    let (version, code) = VersionedCode.parts(category)
    var keys = (0..<code.count).map { String(code.prefix(code.count - $0)) }
    keys += CodeGroups.groups(of: category, .mainDiagnosis).map { VersionedCode.parts(String($0.dropLast())).code }
    guard let place = keys.lazy.compactMap({ byCode["\(version):\($0)"] }).first else { return nil }
    let entry = entries[place]
    return KnowledgeText(title: entry.title, text: entry.text, source: "\(entry.origin): \(entry.title)")
  }

  /// Reads all entries of a text.
  static func parse(_ text: String, file: String, origin: String) throws(CloisterError) -> [Entry] {
    var entries: [Entry] = []
    var isHead = false
    var isParagraph = false
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("# ") {
        entries.append(Entry(title: String(line.dropFirst(2)).trimmed, origin: origin))
        isHead = true
      } else if entries.isEmpty {
        guard line.allSatisfy(\.isWhitespace) else { throw error(file, number, "there is text before the first title") }
      } else if line.allSatisfy(\.isWhitespace) {
        isHead = isHead && entries[entries.count - 1].codes.isEmpty
        isParagraph = true
      } else if isHead {
        try entries[entries.count - 1].read(line, file, number)
      } else {
        let gap = entries[entries.count - 1].text.isEmpty ? "" : isParagraph ? "\n" : " "
        isParagraph = false
        entries[entries.count - 1].text += gap + String(line).trimmed
      }
    }
    for entry in entries where entry.codes.isEmpty || entry.text.isEmpty {
      throw error(file, 0, "the entry \(harmless(entry.title)) has no codes or no text")
    }
    return entries
  }

  fileprivate static func error(_ file: String, _ line: Int, _ what: String) -> CloisterError {
    CloisterError(
      .inputRefused, "\(harmless(file)), line \(line + 1): \(what)",
      hint: "write # TITLE, then lines icd-9:, icd-10:, ccs: and sources:, an empty line, and the text")
  }
}

extension KnowledgePack.Entry {
  fileprivate mutating func read(_ line: Substring, _ file: String, _ number: Int) throws(CloisterError) {
    let parts = line.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
    let words = parts.count == 2 ? parts[1].split(separator: " ").map { $0.filter { $0 != "." && $0 != "," } } : []
    switch parts.first {
    case "icd-9": codes[9, default: []] += words
    case "icd-10": codes[10, default: []] += words
    case "ccs": ccs += words
    case "sources": sources = parts.count == 2 ? parts[1] : ""
    default: throw KnowledgePack.error(file, number, "this line does not begin with icd-9:, icd-10:, ccs: or sources:")
    }
  }
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }
}
