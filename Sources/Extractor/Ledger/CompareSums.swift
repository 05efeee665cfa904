internal import Shared

extension PublishedTable {
  /// The cells of a new table that differ too little from the sums of this earlier one, which has more attributes and
  /// withholds nothing.
  func closeCells(of table: TalliedTable, minimum: Int) -> [Int] {
    let others = table.request.attributes
    guard total != nil, Set(others).isStrictSubset(of: attributes), !attributes.contains(where: \.isMultiValued) else {
      return []
    }
    let before = Sums(cells.map { ($0.key, $0.count) }, attributes, by: others, level: 0)
    return table.cells.indices.filter { cell in
      let difference = abs(table.cells[cell].admissions - (before[table.key(table.cells[cell])] ?? 0))
      return difference > 0 && difference < minimum
    }
  }

  /// The sums of an earlier table, by fewer attributes, that differ too little from what tables of the new release
  /// will tell. A table that withholds nothing tells its sums, also those over all main diagnoses of an ICD category or
  /// chapter, whether they are counted one by one or in groups.
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
      let isSame = shared.count == max(attributes.count, others.count)
      let told = table.cells.map { (table.key($0), $0.admissions) }
      func isClose(level: Int) -> Bool {
        let before = Sums(cells.map { ($0.key, $0.count) }, attributes, by: shared, level: level)
        return Sums(told, others, by: shared, level: level).isClose(to: before, minimum: minimum, level: level)
      }
      // The cells of the same table are compared one by one.
      let isGrouped = total != nil && shared.contains(.mainDiagnosis)
      guard !isSame && isClose(level: 0) || isGrouped && (isClose(level: 1) || isClose(level: 2)) else { return nil }
      return shared.isEmpty ? "all admissions" : "sums by \(Self.name(of: shared))"
    }
  }
}

/// A table's sums by some of its attributes.
private struct Sums {
  private var counts: [[String]: Int] = [:]
  /// The categories that each sum is over.
  private var parts: [[String]: Set<[String]>] = [:]

  /// - Parameter level: whether main diagnoses are summed up by ICD category (1) or chapter (2).
  init(_ cells: [(key: [String], count: Int)], _ attributes: [Attribute], by shared: [Attribute], level: Int) {
    let axes = shared.map { attributes.firstIndex(of: $0) ?? 0 }
    for cell in cells {
      let own = axes.map { cell.key[$0] }
      let key = zip(own, shared).map { $1.group(of: $0, level: level) }
      counts[key, default: 0] += cell.count
      parts[key, default: []].insert(own)
    }
  }

  subscript(key: [String]) -> Int? { counts[key] }

  /// Whether a sum differs from an earlier one by fewer than the minimum. A group is compared only if its codes are
  /// counted in another way than before: otherwise comparing each of its cells says all there is to say.
  func isClose(to earlier: Sums, minimum: Int, level: Int) -> Bool {
    counts.contains { key, count in
      guard let before = earlier.counts[key], level == 0 || parts[key] != earlier.parts[key] else { return false }
      let difference = abs(count - before)
      return difference > 0 && difference < minimum
    }
  }
}

extension Attribute {
  /// The ICD category (level 1) or chapter (level 2) of a main diagnosis or a group of them; any other category is its
  /// own group.
  fileprivate func group(of category: String, level: Int) -> String {
    guard self == .mainDiagnosis, level > 0, category != missingCategory, category != otherCategory else {
      return category
    }
    let isGroup = CodeGroups.isGroup(category, self)
    let groups = CodeGroups.groups(of: isGroup ? String(category.dropLast()) : category, self)
    // A chapter has no category.
    return level == 1 && groups.last == category ? category : groups[level - 1]
  }
}
