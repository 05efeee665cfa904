internal import CDictionaries
internal import Foundation

/// A public dictionary of codes that is part of the programs: see CDictionaries/README.md for the sources.
package struct ShippedDictionary: Sendable {
  /// Lines of a code, a tab and a title, in byte order.
  private let text: [UInt8]
  private let lines: [Int]

  private static let icd9Diagnoses = ShippedDictionary(0)
  private static let icd9Procedures = ShippedDictionary(1)
  private static let icd10Diagnoses = ShippedDictionary(2)
  private static let icd10Procedures = ShippedDictionary(3)

  /// The dictionary of one version of ICD.
  ///
  /// - Parameter group: `diagnosis` or `procedure`; nil for every other.
  package static func of(_ group: String, version: Int) -> ShippedDictionary? {
    switch (group, version) {
    case ("diagnosis", 10): icd10Diagnoses
    case ("diagnosis", _): icd9Diagnoses
    case ("procedure", 10): icd10Procedures
    case ("procedure", _): icd9Procedures
    default: nil
    }
  }

  /// The title of a category of diagnoses or procedures; nil if the classification has no such code.
  package static func title(of category: String, in group: String) -> String? {
    let (version, code) = VersionedCode.parts(category)
    return of(group, version: version)?.title(of: code)
  }

  private init(_ number: Int32) {
    var size = 0
    let start = unsafe cloister_dictionary(number, &size)
    text = unsafe Array(UnsafeBufferPointer(start: start, count: size))
    unsafe free(start)
    var lines: [Int] = text.isEmpty ? [] : [0]
    for place in text.indices where text[place] == UInt8(ascii: "\n") && place + 1 < text.count {
      lines.append(place + 1)
    }
    self.lines = lines
  }

  /// The codes that stand for a disease or procedure of their own, with their titles, in byte order. A heading, of
  /// which longer codes are parts, is none of them.
  package var whole: [(code: String, title: String)] {
    lines.indices.compactMap { number in
      let (code, title) = entry(lines[number])
      if number + 1 < lines.count, text[lines[number + 1]...].starts(with: code) { return nil }
      return (String(decoding: code, as: UTF8.self), String(decoding: title, as: UTF8.self))
    }
  }

  private func title(of code: String) -> String? {
    let (found, title) = entry(firstLine(from: Array(code.utf8)))
    return found.elementsEqual(code.utf8) ? String(decoding: title, as: UTF8.self) : nil
  }

  /// The code and the title in the line that begins at an offset.
  private func entry(_ start: Int) -> (code: ArraySlice<UInt8>, title: ArraySlice<UInt8>) {
    let code = text[start...].prefix { $0 != UInt8(ascii: "\t") }
    return (code, text[code.endIndex...].dropFirst().prefix { $0 != UInt8(ascii: "\n") })
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
