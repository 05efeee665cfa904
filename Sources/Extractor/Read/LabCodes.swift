internal import Shared

/// Laboratory values as categories. A category is the item with the value's flag or, if the policy declares bins for
/// the item, with the bin that contains the value.
struct LabCodes: RowCodes {
  private let item: TableRows.Column
  private let flag: TableRows.Column
  private let number: TableRows.Column?
  private let bins: [LabBins]
  private var items = CategoryInterner()
  /// For each item, the index of its bins in `bins`; -1 if the policy declares none.
  private var itemBins: [Int] = []
  /// For each element of `bins`, the categories of its bins, followed by the category of a value without a number.
  /// Empty until the item appears.
  private var binCategories: [[UInt32]]
  /// For each item, the category of a value without a flag; nil until such a value appears.
  private var unflagged: [UInt32?] = []
  private var categories = CategoryInterner()
  /// For each category, whether it is that of a value without a flag.
  private var isUnflagged: [Bool] = []

  init(_ rows: inout TableRows, _ bins: [LabBins]) throws(CloisterError) {
    item = try rows.column("itemid")
    flag = try rows.column("flag")
    number = bins.isEmpty ? nil : try rows.column("valuenum")
    self.bins = bins
    binCategories = bins.map { _ in [] }
  }

  var names: [String] { categories.names }
  var findings: (column: String, found: ColumnFindings)? { nil }

  @inline(__always)
  mutating func code(_ rows: borrowing TableRows) throws(CloisterError) -> UInt32? {
    let item = try itemNumber(rows)
    if let number, itemBins[item] >= 0 { return bin(item, try rows.optionalNumber(number)) }
    if !rows.isEmpty(flag) { return try flagged(item, rows) }
    if let known = unflagged[item] { return known }
    unflagged[item] = category(item, LabCategory.unflagged)
    return unflagged[item]
  }

  @inline(__always)
  private mutating func itemNumber(_ rows: borrowing TableRows) throws(CloisterError) -> Int {
    let column = item
    let number = try items.id(rows, column) { () throws(CloisterError) in "\(try rows.integer(column))" }
    let item = Int(number ?? 0)
    if item == itemBins.count {
      guard item < 1 << 16 else {
        throw rows.refusal(column, "is one item too many: a table may have at most 65536 different items")
      }
      addItem(item)
    }
    return item
  }

  private mutating func addItem(_ item: Int) {
    unflagged.append(nil)
    itemBins.append(bins.firstIndex { "\($0.item)" == items.names[item] } ?? -1)
    guard itemBins[item] >= 0 else { return }
    let values = bins[itemBins[item]].labels + [LabCategory.noNumber]
    binCategories[itemBins[item]] = values.map { category(item, $0) }
  }

  private func bin(_ item: Int, _ value: Double?) -> UInt32 {
    let categories = binCategories[itemBins[item]]
    return categories[value.map(bins[itemBins[item]].index) ?? categories.count - 1]
  }

  @inline(__always)
  private mutating func flagged(_ item: Int, _ rows: borrowing TableRows) throws(CloisterError) -> UInt32? {
    let column = flag
    let number = try categories.id(rows, column, part: item) { () throws(CloisterError) in
      let flag = rows.isMissingWord(column) ? LabCategory.unflagged : try rows.labFlag(column)
      return LabCategory.category(item: items.names[item], value: flag)
    }
    for name in categories.names[isUnflagged.count...] {
      isUnflagged.append(LabCategory.value(of: name) == LabCategory.unflagged)
    }
    // A word such as NULL stands here instead of a flag, which the findings count.
    if let number, isUnflagged[Int(number)] { _ = rows.isMissing(column) }
    return number
  }

  private mutating func category(_ item: Int, _ value: String) -> UInt32 {
    categories.number(of: LabCategory.category(item: items.names[item], value: value))
  }
}
