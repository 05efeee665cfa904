internal import Shared

/// Gives each category of a column a number. What a value means is worked out once for each different sequence of bytes.
///
/// Where the same bytes mean different things, as a code does in two versions of the ICD, each meaning is a part of its
/// own; categories are numbered over all parts.
struct CategoryInterner {
  private var values = ByteInterner()
  /// For each value its category; `none` where it stands for none.
  private var categories: [UInt32] = []
  private var numbers: [String: UInt32] = [:]
  private(set) var names: [String] = []

  private static let none = UInt32.max

  /// The category's number; nil where `meaning` says that the value stands for none.
  ///
  /// - Parameter meaning: the value's category, or an error about it.
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

  /// The number of a category that is no value of a column.
  mutating func number(of name: String) -> UInt32 {
    if let number = numbers[name] { return number }
    let number = UInt32(names.count)
    numbers[name] = number
    names.append(name)
    return number
  }
}
