internal import Shared

extension PublishedTable {
  /// The cells of a new table that differ too little from the sums of this earlier one, which has more attributes and
  /// withholds nothing.
  func closeCells(of table: TalliedTable, minimum: Int) -> [Int] {
    let others = table.request.attributes
    guard total != nil, Set(others).isStrictSubset(of: attributes), !attributes.contains(where: \.isMultiValued) else {
      return []
    }
    let before = Sums(cells.map { ($0.key, $0.count) }, attributes, by: others)
    return table.cells.indices.filter { cell in
      let difference = abs(table.cells[cell].admissions - (before[table.key(table.cells[cell])] ?? 0))
      return difference > 0 && difference < minimum
    }
  }

  /// The sums of an earlier table, by fewer attributes, that differ too little from what tables of the new release
  /// will tell. A table that withholds nothing tells its sums.
  ///
  /// Limit: only tables whose attributes have one category per admission.
  ///
  /// - Returns: the sums' names.
  func closeSums(
    _ tally: Tally, minimum: Int, _ isToBePublished: (_ table: Int, _ cell: Int) -> Bool
  ) -> [String] {
    if attributes.contains(where: \.isMultiValued) { return [] }
    return tally.tables.enumerated().compactMap { number, table -> String? in
      let others = table.request.attributes
      let shared = attributes.filter(others.contains)
      guard shared.count == attributes.count || total != nil, !others.contains(where: \.isMultiValued) else {
        return nil
      }
      guard table.cells.indices.allSatisfy({ isToBePublished(number, $0) }) else { return nil }
      // The cells of the same table are compared one by one.
      guard shared.count < max(attributes.count, others.count) else { return nil }
      let before = Sums(cells.map { ($0.key, $0.count) }, attributes, by: shared)
      let told = Sums(table.cells.map { (table.key($0), $0.admissions) }, others, by: shared)
      guard told.isClose(to: before, minimum: minimum) else { return nil }
      return shared.isEmpty ? "all admissions" : "sums by \(Self.name(of: shared))"
    }
  }
}

/// A table's sums by some of its attributes.
private struct Sums {
  private var counts: [[String]: Int] = [:]

  init(_ cells: [(key: [String], count: Int)], _ attributes: [Attribute], by shared: [Attribute]) {
    let axes = shared.map { attributes.firstIndex(of: $0) ?? 0 }
    for cell in cells { counts[axes.map { cell.key[$0] }, default: 0] += cell.count }
  }

  subscript(key: [String]) -> Int? { counts[key] }

  /// Whether a sum differs from an earlier one by fewer than the minimum.
  func isClose(to earlier: Sums, minimum: Int) -> Bool {
    counts.contains { key, count in
      guard let before = earlier.counts[key] else { return false }
      let difference = abs(count - before)
      return difference > 0 && difference < minimum
    }
  }
}
