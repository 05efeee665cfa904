internal import Shared

/// Gives each category of a column a number. What a value means is worked out once for each different sequence of bytes.
struct CategoryInterner {
  private var values = ByteInterner()
  /// For each value its category; nil where it stands for none.
  private var categories: [UInt32?] = []
  private var numbers: [String: UInt32] = [:]
  private(set) var names: [String] = []

  /// The category's number; nil where `meaning` says that the value stands for none.
  ///
  /// - Parameter meaning: the value's category, or an error about it.
  mutating func id(
    _ rows: TableRows, _ column: TableRows.Column, _ meaning: () throws(CloisterError) -> String?
  ) throws(CloisterError) -> UInt32? {
    let (value, isNew) = rows.intern(column, &values)
    if isNew { categories.append(try meaning().map { number(of: $0) }) }
    return categories[Int(value)]
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
