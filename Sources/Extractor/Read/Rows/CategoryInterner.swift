internal import Shared

/// Numbers the categories of a column. The category of each distinct sequence of bytes is determined only once.
///
/// The same bytes can mean different things: a code, for example, depends on the version of the ICD. Each meaning has
/// its own part, but categories are numbered across all parts.
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

  /// Returns the number of a category, even if no value of the column has it.
  mutating func number(of name: String) -> UInt32 {
    if let number = numbers[name] { return number }
    let number = UInt32(names.count)
    numbers[name] = number
    names.append(name)
    return number
  }
}
