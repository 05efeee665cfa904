internal import Shared

/// Numbers the categories of a column. The category of each distinct sequence of bytes is determined only once.
///
/// The same bytes can mean different things: a code, for example, depends on the version of the ICD. Each meaning has
/// its own part, but categories are numbered across all parts.
struct CategoryInterner {
  private var values = ByteInterner()
  /// The category of each value; `none` if it has no category. The highest bit marks a value that is missing.
  private var categories: [UInt32] = []
  /// For each value that is missing, the number of its rows.
  private var missingRows: [UInt32: Int] = [:]
  private var numbers: [String: UInt32] = [:]
  private(set) var names: [String] = []

  private static let none = UInt32.max
  private static let missingBit: UInt32 = 1 << 31

  /// Returns the category's number; nil if `meaning` gives the value no category.
  ///
  /// - Parameter meaning: gives the value's category, or throws an error about the value.
  @inline(__always)
  mutating func id(
    _ rows: borrowing TableRows, _ column: TableRows.Column, part: Int = 0,
    _ meaning: () throws(CloisterError) -> String?
  ) throws(CloisterError) -> UInt32? {
    let value = rows.intern(column, &values, part: part)
    if value == categories.count { addCategory(try meaning()) }
    let category = categories[Int(value)]
    return category < Self.missingBit ? category : countMissing(value, category)
  }

  private mutating func addCategory(_ name: String?) {
    guard let name else { return categories.append(Self.none) }
    categories.append(number(of: name) | (name == missingCategory ? Self.missingBit : 0))
  }

  private mutating func countMissing(_ value: UInt32, _ category: UInt32) -> UInt32? {
    missingRows[value, default: 0] += 1
    return category == Self.none ? nil : category & ~Self.missingBit
  }

  /// What the column held instead of values.
  var findings: ColumnFindings {
    let start = ColumnFindings(
      namesWithMark: names.count { $0.contains("?") },
      namesInAnotherCase: names.count - Set(names.map { $0.lowercased() }).count)
    return missingRows.reduce(into: start) { found, missing in
      let bytes = values.bytes(of: missing.key)
      found.count(fieldText(bytes, bytes.indices)[...], rows: missing.value)
    }
  }

  /// Returns the number of a category, even if no value of the column has it.
  mutating func number(of name: String) -> UInt32 {
    if let number = numbers[name] { return number }
    let number = UInt32(names.count)
    numbers[name] = number
    names.append(name)
    return number
  }
}
