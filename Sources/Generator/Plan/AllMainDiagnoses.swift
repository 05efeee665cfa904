internal import Shared

extension Statistics {
  /// Counts every admission in the table of all main diagnoses, including those whose category this table withholds.
  ///
  /// Otherwise the published categories would take over these admissions. A withheld category that other tables publish
  /// gets what they count, as far as there is room. Groups among these categories share the remaining admissions; if
  /// there are no such groups, the rest is counted as `other`. If no table counts any main diagnosis, nothing is added.
  /// This discloses nothing, as it follows from the published tables.
  func withAllMainDiagnoses() -> Statistics {
    let least = leastMainDiagnoses()
    guard let place = tables.firstIndex(where: { $0.attributes == [.mainDiagnosis] }),
      !tables[place].cells.isEmpty || !least.isEmpty
    else { return self }
    let published = tables[place].cells
    let left = admissions - published.reduce(0) { $0 + $1.count }
    guard left > 0 else { return self }
    let known = Set(published.map { $0.key[0] })
    let withheld = least.filter { !known.contains($0.key) }
    let groups = withheld.filter { CodeGroups.isGroup($0.key, .mainDiagnosis) }
    let scale = min(1, Double(left) / Double(max(1, withheld.values.reduce(0, +))))
    var counts = withheld.mapValues { Int(Double($0) * scale) }
    let rest = left - counts.values.reduce(0, +)
    let sum = groups.values.reduce(0, +)
    if sum == 0 {
      counts[otherCategory, default: published.first { $0.key == [otherCategory] }?.count ?? 0] += rest
    } else {
      for (group, count) in groups { counts[group, default: 0] += rest * count / sum }
    }
    var whole = self
    whole.tables[place].cells.removeAll { counts[$0.key[0]] != nil }
    whole.tables[place].cells += counts.filter { $0.value > 0 }.map { PublishedCell(key: [$0.key], count: $0.value) }
    whole.tables[place].cells.sort { byteOrder($0.key, $1.key) }
    return whole
  }

  /// The least number of admissions that can have each main diagnosis, judging by the tables that count it with another
  /// attribute.
  private func leastMainDiagnoses() -> [String: Int] {
    var least: [String: Int] = [:]
    for table in tables where table.attributes.count > 1 {
      guard let axis = table.attributes.firstIndex(of: .mainDiagnosis) else { continue }
      let isSum = table.attributes.allSatisfy { !$0.isMultiValued }
      let found = table.cells.reduce(into: [String: Int]()) { found, cell in
        let count = found[cell.key[axis]] ?? 0
        found[cell.key[axis]] = isSum ? count + cell.count : max(count, cell.count)
      }
      least.merge(found, uniquingKeysWith: max)
    }
    return least.filter { $0.value > 0 }
  }
}
