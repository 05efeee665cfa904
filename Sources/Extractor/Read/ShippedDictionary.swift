internal import CDictionaries
internal import Shared

/// A public dictionary of codes that is part of the program: see CDictionaries/README.md for the sources.
struct ShippedDictionary: Sendable {
  /// Lines of a code, a tab and a title, in byte order.
  private let text: [UInt8]
  private let lines: [Int]

  private static let icd9Diagnoses = ShippedDictionary(0)
  private static let icd9Procedures = ShippedDictionary(1)
  private static let icd10Diagnoses = ShippedDictionary(2)
  private static let icd10Procedures = ShippedDictionary(3)

  /// The title of a category of diagnoses or procedures; nil if the classification has no such code.
  static func title(of category: String, in group: String) -> String? {
    let (version, code) = VersionedCode.parts(category)
    switch (group, version) {
    case ("diagnosis", 10): return icd10Diagnoses.title(of: code)
    case ("diagnosis", _): return icd9Diagnoses.title(of: code)
    case ("procedure", 10): return icd10Procedures.title(of: code)
    case ("procedure", _): return icd9Procedures.title(of: code)
    default: return nil
    }
  }

  private init(_ number: Int32) {
    var size = 0
    let start = unsafe cloister_dictionary(number, &size)
    let compressed = unsafe Array(UnsafeBufferPointer(start: start, count: size))
    text = Self.decompressed(compressed)
    var lines: [Int] = text.isEmpty ? [] : [0]
    for place in text.indices where text[place] == UInt8(ascii: "\n") && place + 1 < text.count {
      lines.append(place + 1)
    }
    self.lines = lines
  }

  private static func decompressed(_ bytes: [UInt8]) -> [UInt8] {
    let source = GzipSource(MemoryBytes(bytes, from: 0), name: "the program's dictionary")
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while let count = try? source.read(into: &buffer, from: 0, to: buffer.count), count > 0 { text += buffer[..<count] }
    return text
  }

  private func title(of code: String) -> String? {
    let line = text[firstLine(from: Array(code.utf8))...]
    let found = line.prefix { $0 != UInt8(ascii: "\t") }
    guard found.elementsEqual(code.utf8) else { return nil }
    return String(decoding: line[found.endIndex...].dropFirst().prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// The offset of the first line whose code is not before `code`; the end of the text if there is none.
  private func firstLine(from code: [UInt8]) -> Int {
    var (low, high) = (0, lines.count)
    while low < high {
      let middle = (low + high) / 2
      let found = text[lines[middle]...].prefix { $0 != UInt8(ascii: "\t") }
      if found.lexicographicallyPrecedes(code) { low = middle + 1 } else { high = middle }
    }
    return low < lines.count ? lines[low] : text.count
  }
}
