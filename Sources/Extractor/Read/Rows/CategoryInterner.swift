internal import Shared

/// Numbers the categories of a column. The category of each distinct sequence of bytes is determined only once.
///
/// If the same bytes can mean different things, as a code can in two versions of the ICD, each meaning has its own
/// part. Categories are numbered across all parts.
struct CategoryInterner {
  private var values = ByteInterner()
  /// The category of each value; `none` if it has no category.
  private var categories: [UInt32] = []
  private var numbers: [String: UInt32] = [:]
  private(set) var names: [String] = []

  private static let none = UInt32.max

  /// Returns the category's number; nil if `meaning` gives the value no category.
  ///
  /// - Parameter meaning: gives the value's category, or throws an error about the value.
  @inline(__always)
  mutating func id(
    _ rows: borrowing TableRows, _ column: TableRows.Column, part: Int = 0,
    _ meaning: () throws(CloisterError) -> String?
  ) throws(CloisterError) -> UInt32? {
    let value = rows.intern(column, &values, part: part)
    if value == categories.count { categories.append(try meaning().map { number(of: $0) } ?? Self.none) }
    let category = categories[Int(value)]
    return category == Self.none ? nil : category
  }

  /// Returns the number of a category that need not be a value of a column.
  mutating func number(of name: String) -> UInt32 {
    if let number = numbers[name] { return number }
    let number = UInt32(names.count)
    numbers[name] = number
    names.append(name)
    return number
  }
}
