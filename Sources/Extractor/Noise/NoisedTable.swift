internal import Shared

/// The published part of one table's noised counts.
struct NoisedTable: Sendable {
  let attributes: [Attribute]
  /// Cells whose noised count is at least the policy's minimum, without those that `keepTop` removed, in no particular
  /// order.
  private(set) var cells: [PublishedCell]
  /// Whether every possible cell is published.
  private(set) var isWhole: Bool
  let smallCells: Int
  private(set) var cellsBeyondTop = 0
  /// The exact number of admissions in all cells, and in each published one. They stay inside the hospital.
  let admissions: Int
  private var exact: [Int]

  var admissionsPublished: Int { exact.reduce(0, +) }

  /// The most cells that a table may have; more would not fit into memory.
  private static let mostCells = 20_000_000

  /// Adds noise to every cell, including empty ones, and then keeps those whose noised count is large enough.
  ///
  /// Claim: the noised counts alone decide which cells are published, and with which counts.
  ///
  /// - Parameters:
  ///   - table: counts of records with bounded contributions.
  ///   - kept: for each axis, the numbers of the categories that are counted. These categories are on public lists or
  ///     were published before.
  /// - Throws: status 77 if there are too many cells.
  init(
    _ table: TalliedTable, over kept: [[Int]], _ noise: DiscreteLaplace, minimum: Int,
    _ random: inout some RandomNumberGenerator
  ) throws(CloisterError) {
    attributes = table.request.attributes
    let size = kept.reduce(1) { min(Self.mostCells + 1, $0 * min(Self.mostCells + 1, $1.count)) }
    guard size <= Self.mostCells else {
      throw CloisterError(
        .releaseRefused,
        "the table \(table.request.name) has more than \(Self.mostCells) possible cells, and each needs noise",
        hint: "give its code attributes a smaller top in their own tables, or list fewer categories")
    }
    let radix = MixedRadix(kept.map(\.count))
    let counts = Self.exactCounts(table, kept, radix)
    var (cells, published) = ([PublishedCell](), [Int]())
    for place in 0..<size {
      let count = counts[place] + noise.draw(&random)
      guard count >= minimum else { continue }
      cells.append(PublishedCell(key: Self.key(radix.digits(place), table, kept), count: count))
      published.append(counts[place])
    }
    self.cells = cells
    isWhole = cells.count == size
    smallCells = size - cells.count
    admissions = table.cells.reduce(0) { $0 + $1.admissions }
    exact = published
  }

  private static func exactCounts(_ table: TalliedTable, _ kept: [[Int]], _ radix: MixedRadix) -> [Int] {
    let places = zip(table.categories, kept).map { names, kept in
      var places = [Int](repeating: -1, count: names.count)
      for (place, number) in kept.enumerated() { places[number] = place }
      return places
    }
    var counts = [Int](repeating: 0, count: radix.count)
    for cell in table.cells {
      if let place = radix.placeOfKnown({ places[$0][Int(cell.ids[$0])] }) { counts[place] += cell.admissions }
    }
    return counts
  }

  private static func key(_ digits: [Int], _ table: TalliedTable, _ kept: [[Int]]) -> [String] {
    digits.enumerated().map { axis, digit in table.categories[axis][kept[axis][digit]] }
  }

  /// Keeps, for each code attribute, the `top` codes with the largest noised counts.
  mutating func keepTop(_ top: Int) {
    for (axis, attribute) in attributes.enumerated() where attribute.isCode {
      var sums: [String: Int] = [:]
      for cell in cells { sums[cell.key[axis], default: 0] += cell.count }
      let ranked = sums.sorted { $0.value != $1.value ? $0.value > $1.value : byteOrder($0.key, $1.key) }
      let kept = Set(ranked.prefix(top).map(\.key))
      let within = cells.indices.filter { kept.contains(cells[$0].key[axis]) }
      cellsBeyondTop += cells.count - within.count
      (cells, exact) = (within.map { cells[$0] }, within.map { exact[$0] })
    }
    if cellsBeyondTop > 0 { isWhole = false }
  }
}

/// Adds noise to every table of a release: first to tables of one attribute, then to the others, which count only the
/// codes that those tables published.
func noisedTables(
  _ tally: Tally, _ plan: NoisePlan, minimum: Int, _ random: inout some RandomNumberGenerator
) throws(CloisterError) -> [NoisedTable] {
  var tables: [Int: NoisedTable] = [:]
  var published: [Attribute: Set<String>] = [:]
  let order = plan.parts.indices.sorted { first, second in
    (plan.parts[first].request.attributes.count, first) < (plan.parts[second].request.attributes.count, second)
  }
  for number in order {
    let (table, part) = (tally.tables[number], plan.parts[number])
    let kept = table.request.attributes.enumerated().map { axis, attribute in
      table.categories[axis].indices.filter { category in
        !attribute.isCode || (published[attribute]?.contains(table.categories[axis][category]) ?? true)
      }
    }
    var noised = try NoisedTable(table, over: kept, part.noise, minimum: minimum, &random)
    if let top = table.request.top { noised.keepTop(top) }
    if noised.attributes.count == 1 { published[noised.attributes[0]] = Set(noised.cells.map { $0.key[0] }) }
    tables[number] = noised
  }
  return plan.parts.indices.compactMap { tables[$0] }
}
