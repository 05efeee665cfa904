internal import Shared

/// How a table contradicts another one, as the end of a sentence; nil if it doesn't. Counts with noise may contradict
/// each other.
func contradiction(
  of table: PublishedTable, _ statistics: Statistics, _ protection: Policy.Protection
) -> String? {
  guard protection.noise == nil else { return nil }
  for other in statistics.tables where Set(other.attributes).isStrictSubset(of: table.attributes) {
    if table.isMore(than: other, protection) { return "has a part that is larger than its whole in \(other.name)" }
    let isGrouped = protection.rollsUpCodes && other.attributes.contains(where: \.isCode)
    if table.tellsSums, other.tellsSums, !isGrouped, !table.addsUp(to: other) {
      return "does not add up to \(other.name)"
    }
  }
  let whole = statistics.tables.lazy.filter(\.tellsSums).compactMap(\.total).first
  if let whole, table.cells.contains(where: { $0.count > whole }) { return "has a count above that of all admissions" }
  if let whole, table.tellsSums, table.cells.reduce(0, { $0 + $1.count }) > whole {
    return "has more admissions than there are"
  }
  guard table.tellsSums, let total = table.total else { return nil }
  let differing = statistics.tables.first { $0.tellsSums && $0.total != nil && $0.total != total }
  return differing.map { "has another total than \($0.name)" }
}

extension PublishedTable {
  /// Whether each admission is counted in just one cell.
  fileprivate var tellsSums: Bool { !attributes.contains(where: \.isMultiValued) }

  /// Whether this table, if it withholds nothing, gives the cells of one by fewer of its attributes as sums.
  fileprivate func addsUp(to other: PublishedTable) -> Bool {
    if total == nil { return true }
    let places = places(of: other)
    var sums: [[String]: Int] = [:]
    for cell in cells { sums[places.map { cell.key[$0] }, default: 0] += cell.count }
    return other.cells.allSatisfy { sums[$0.key, default: 0] == $0.count }
  }

  /// Whether cells of this table have more admissions than the cells of one by fewer of its attributes that they are
  /// parts of. Groups may hold other codes there, so only those with codes of their own are compared.
  fileprivate func isMore(than other: PublishedTable, _ protection: Policy.Protection) -> Bool {
    let places = places(of: other)
    let others = attributes.indices.filter { !places.contains($0) && attributes[$0].isMultiValued }
    let codes = attributes.indices.filter { protection.rollsUpCodes && attributes[$0].isCode }
    let most = Dictionary(uniqueKeysWithValues: other.cells.map { ($0.key, $0.count) })
    let listsAll = other.total != nil && !(protection.rollsUpCodes && other.attributes.contains(where: \.isCode))
    var sums: [[String]: Int] = [:]
    for cell in cells where !codes.contains(where: { CodeGroups.isGroup(cell.key[$0], attributes[$0]) }) {
      let key = places.map { cell.key[$0] }
      // An admission can have several of the codes, so only the cells with the same ones add up. Rounded counts don't.
      let whole = protection.roundTo == nil ? key + others.map { cell.key[$0] } : key
      let sum = protection.roundTo == nil ? sums[whole, default: 0] + cell.count : cell.count
      sums[whole] = sum
      guard let high = most[key] ?? (listsAll ? 0 : nil) else { continue }
      if sum > high { return true }
    }
    return false
  }

  /// The places of another table's attributes.
  private func places(of other: PublishedTable) -> [Int] {
    other.attributes.compactMap { attributes.firstIndex(of: $0) }
  }
}
