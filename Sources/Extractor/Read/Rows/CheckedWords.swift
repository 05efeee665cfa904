internal import Foundation
internal import Shared

/// Values that are words, checked.
extension TableRows {
  func flag(_ column: Column) throws(CloisterError) -> Bool {
    switch MissingText.capitals(String(decoding: text(column), as: UTF8.self)) {
    case "0", "0.0", "FALSE", "F": false
    case "1", "1.0", "TRUE", "T": true
    default: throw refusal(column, "is neither 0 nor 1")
    }
  }

  /// `F` or `M`, or `missing`.
  func gender(_ column: Column) throws(CloisterError) -> String {
    let category = try category(column)
    switch MissingText.capitals(category) {
    case "F", "FEMALE": return "F"
    case "M", "MALE": return "M"
    case _ where category == missingCategory: return category
    default: throw refusal(column, "is not M, F, Male or Female")
    }
  }

  /// A category: printable text of at most 255 bytes, in Unicode's composed form. Every text that stands for a missing
  /// value becomes `missing`.
  ///
  /// - Parameter real: texts in capital letters that are categories here, although they look like missing values.
  func category(_ column: Column, keeping real: Set<String> = []) throws(CloisterError) -> String {
    let value = text(column)
    guard let text = String(validating: value, as: UTF8.self) else {
      throw refusal(column, "is not UTF-8 text")
    }
    guard value.count <= 255, isPrintable(text, limit: 255) else {
      throw refusal(column, "is not printable text of at most 255 bytes")
    }
    if let end = [text.unicodeScalars.first, text.unicodeScalars.last].compactMap({ $0 }).first(where: isInvisible) {
      throw refusal(
        column, "begins or ends with an invisible character, U+\(String(end.value, radix: 16).uppercased())")
    }
    guard !text.unicodeScalars.contains("\u{FFFD}") else {
      throw refusal(column, "has a character that was lost in a conversion (U+FFFD)")
    }
    let capitals = MissingText.capitals(text)
    if MissingText.isMissing(capitals), !real.contains(capitals) { return missingCategory }
    return value.allSatisfy { $0 < 0x80 } ? text : text.precomposedStringWithCanonicalMapping
  }

  /// A code of the given shape; nil if the field is empty.
  func code(_ column: Column, _ shape: CodeShape) throws(CloisterError) -> String? {
    let value = text(column)
    if value.isEmpty { return nil }
    guard MissingText.word(value[...]) == nil else {
      throw refusal(column, "stands for a missing value, but in a column of codes only an empty field does")
    }
    guard shape.matches(value[...]) else {
      throw refusal(
        column,
        shape.isCutShort(value[...])
          ? "is too short to be a whole code; did the export drop leading zeros?"
          : "is not a valid code: codes have only capital letters and digits, without a dot")
    }
    return String(decoding: value, as: UTF8.self)
  }

  /// Whether the value is the end of an ICD-9 code that has lost its leading zeros.
  func isCutShort(_ column: Column, _ shape: CodeShape) -> Bool { shape.isCutShort(text(column)[...]) }

  /// A laboratory flag, such as `abnormal`, in lower case.
  func labFlag(_ column: Column) throws(CloisterError) -> String {
    let value = text(column)
    guard LabCategory.isFlag(value[...]) else {
      throw refusal(column, "is not a flag: one word of at most 16 letters")
    }
    return String(decoding: value, as: UTF8.self).lowercased()
  }
}

/// Whether a character can't be seen at the end of a text, where it would make another category of it.
private func isInvisible(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace || scalar == "\u{FEFF}" }
