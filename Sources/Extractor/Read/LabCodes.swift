internal import Shared

/// Laboratory values as categories: the item with its flag, or, where the policy declares bins for the item, with the bin
/// that the number lies in.
struct LabCodes: RowCodes {
  private let item: TableRows.Column
  private let flag: TableRows.Column
  private let number: TableRows.Column?
  private let bins: [LabBins]
  private var items = CategoryInterner()
  /// For each item its bins; nil where the policy declares none.
  private var itemBins: [LabBins?] = []
  /// For each item the categories of its bins, and, last, of a value without a number; none for items with flags.
  private var binCategories: [[UInt32]] = []
  private var categories = CategoryInterner()

  init(_ rows: inout TableRows, _ bins: [LabBins]) throws(CloisterError) {
    item = try rows.column("itemid")
    flag = try rows.column("flag")
    number = bins.isEmpty ? nil : try rows.column("valuenum")
    self.bins = bins
  }

  var names: [String] { categories.names }

  mutating func code(_ rows: borrowing TableRows) throws(CloisterError) -> UInt32? {
    let column = item
    guard
      let item = try items.id(rows, column, { () throws(CloisterError) in "\(try rows.integer(column))" }).map(Int.init)
    else { return nil }
    if item == itemBins.count { addItem(item) }
    if let number, let bins = itemBins[item] {
      let value = try rows.optionalNumber(number)
      return binCategories[item][value.map(bins.index) ?? bins.labels.count]
    }
    let (flag, name) = (flag, items.names[item])
    return try categories.id(rows, flag, part: item) { () throws(CloisterError) in
      LabCategory.category(item: name, value: rows.isEmpty(flag) ? LabCategory.unflagged : try rows.labFlag(flag))
    }
  }

  private mutating func addItem(_ item: Int) {
    let name = items.names[item]
    let declared = bins.first { "\($0.item)" == name }
    itemBins.append(declared)
    binCategories.append(
      declared.map { bins in
        (bins.labels + [LabCategory.noNumber]).map {
          categories.number(of: LabCategory.category(item: name, value: $0))
        }
      } ?? [])
  }
}
