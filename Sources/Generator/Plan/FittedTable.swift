internal import Shared

/// A table to fit. It holds the share of each published cell and, if it has two attributes, of each withheld cell whose
/// categories both have a known margin.
struct FittedTable: Sendable {
  let attributes: [Attribute]
  var shares: [[String]: Double]
  /// The share left for all other cells.
  var rest: Double
  /// The number of admissions that the shares refer to.
  let total: Double
  /// Published cells with a count of 0.
  let empty: Set<[String]>
}

/// The tables over single-valued attributes, widest first. The margins come last, because the tables fitted last fit
/// best.
func fittedTables(_ statistics: Statistics, _ sampler: Sampler) -> [FittedTable] {
  let tables = statistics.tables.filter { table in
    !table.cells.isEmpty && table.attributes.allSatisfy { !$0.isMultiValued }
  }
  let admissions = statistics.admissions
  let mains = sampler.mainCounts
  let named = mains.values.reduce(0, +)
  let fitted = tables.map { table in
    let axis = table.attributes.firstIndex(of: .mainDiagnosis)
    let published = table.cells.reduce(0) { $0 + $1.count }
    let total = Double(max(table.total ?? admissions, published))
    var shares: [[String]: Double] = [:]
    for cell in table.cells where cell.count > 0 {
      // Shares in a table with the main diagnosis refer to admissions with a named main diagnosis, because no others
      // are drawn.
      if let axis, mains[cell.key[axis]] == nil { continue }
      shares[cell.key] = Double(cell.count) / (axis == nil ? total : max(named, 1))
    }
    let sum = shares.values.reduce(0, +)
    if sum > 1 { shares = shares.mapValues { $0 / sum } }
    let isWhole = table.total != nil && table.suppressed.isEmpty && axis == nil
    return FittedTable(
      attributes: table.attributes, shares: shares, rest: isWhole ? 0 : max(0, 1 - sum),
      total: axis == nil ? total : max(named, 1),
      empty: Set(table.cells.filter { $0.count == 0 }.map(\.key)))
  }
  let margins = knownMargins(fitted)
  return fitted.map { completed($0, margins) }.sorted { $0.attributes.count > $1.attributes.count }
}

/// The shares of each attribute's categories, as far as they are known: from the table of the attribute alone, or else
/// from the table with the fewest attributes that withholds nothing.
private func knownMargins(_ tables: [FittedTable]) -> [Attribute: [String: Double]] {
  var margins: [Attribute: [String: Double]] = [:]
  for table in tables.sorted(by: { $0.attributes.count < $1.attributes.count })
  where table.attributes.count == 1 || table.rest < 1e-6 {
    for (axis, attribute) in table.attributes.enumerated() where margins[attribute] == nil {
      margins[attribute] = table.shares.reduce(into: [:]) { $0[$1.key[axis], default: 0] += $1.value }
    }
  }
  return margins
}

/// Gives each withheld cell of a two-attribute table a share. The part of the margins that the published cells leave
/// over is spread among the withheld cells as evenly as the margins allow (iterative proportional fitting of the
/// withheld cells alone). Categories with an unknown margin share what the known ones leave over. This discloses
/// nothing, since anyone can derive the result from the published tables.
private func completed(_ table: FittedTable, _ margins: [Attribute: [String: Double]]) -> FittedTable {
  guard table.attributes.count == 2, table.rest > 1e-6, let rows = margins[table.attributes[0]],
    let columns = margins[table.attributes[1]]
  else { return table }
  /// What each category has left; nil stands for the categories with an unknown margin.
  func left(_ margin: [String: Double], _ axis: Int) -> [String?: Double] {
    let published = table.shares.reduce(into: [:]) { $0[$1.key[axis], default: 0.0] += $1.value }
    var left = [String?: Double](uniqueKeysWithValues: margin.map { ($0, max($1 - (published[$0] ?? 0), 1e-9)) })
    let sum = left.values.reduce(0, +)
    // Without unknown margins, nothing is left beyond the known ones.
    let unknown = margin.values.reduce(0, +) < 1 - 1e-6 ? max(table.rest - sum, 1e-9) : 0
    if unknown > 0 { left[String?.none] = unknown }
    return left.mapValues { $0 / (sum + unknown) * table.rest }
  }
  let wanted = [left(rows, 0), left(columns, 1)]
  var cells: [[String?]: Double] = [:]
  for (row, rowLeft) in wanted[0] {
    for (column, columnLeft) in wanted[1] {
      let key = [row, column].compactMap { $0 }
      if key.count == 2, table.shares[key] != nil || table.empty.contains(key) { continue }
      cells[[row, column]] = rowLeft * columnLeft
    }
  }
  for sweep in 0..<60 {
    let axis = sweep % 2
    let sums = cells.reduce(into: [:]) { $0[$1.key[axis], default: 0.0] += $1.value }
    for (key, share) in cells {
      cells[key] = share * (wanted[axis][key[axis]] ?? 0) / max(sums[key[axis]] ?? 0, 1e-300)
    }
  }
  var whole = table
  for (key, share) in cells {
    let named = key.compactMap { $0 }
    if named.count == 2 { whole.shares[named] = share }
  }
  whole.rest = max(0, 1 - whole.shares.values.reduce(0, +))
  return whole
}

extension Statistics {
  /// Adds the withheld cells to which the fitted tables give a share, each as a whole number of admissions, at least 1.
  func completed(by fitted: [FittedTable]) -> Statistics {
    var whole = self
    for place in whole.tables.indices {
      guard let table = fitted.first(where: { $0.attributes == tables[place].attributes }) else { continue }
      let published = Set(tables[place].cells.map(\.key))
      whole.tables[place].cells += table.shares.filter { !published.contains($0.key) }
        .sorted { byteOrder($0.key, $1.key) }
        .map { PublishedCell(key: $0.key, count: max(1, Int(($0.value * table.total).rounded()))) }
    }
    return whole
  }
}
