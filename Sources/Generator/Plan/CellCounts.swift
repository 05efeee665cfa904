internal import Shared

/// The cells of all published tables: how many admissions of the run are to be in each.
///
/// The distance is the sum over cells of (found - wanted)² / wanted, as in a chi-squared statistic. Cells that a table
/// withholds count less, with what other tables leave for them, or not at all.
struct CellCounts: Sendable {
  private(set) var tables: [Table] = []
  private(set) var wanted: [Float] = []
  private(set) var weights: [Float] = []

  /// Where the cells of a table are.
  struct Table: Sendable {
    /// The columns of its single-valued attributes, each with what a category's number counts in a cell's number.
    fileprivate(set) var columns: [(column: Int, step: Int)] = []
    /// The same for its attributes with codes, with a number for each code that the table names, or -1.
    fileprivate(set) var codes: [(kind: Int, step: Int, numbers: [Int32])] = []
    let start: Int
  }

  /// How much a withheld cell counts, compared with a published one.
  private static let estimated: Float = 0.2
  /// A larger table is not fitted.
  private static let mostCells = 1 << 24

  /// - Parameters:
  ///   - fitted: the tables without codes, with what the others leave for the cells that they withhold.
  ///   - named: the number of admissions in the bundle that have a main diagnosis with a name.
  init(_ population: Population, _ statistics: Statistics, _ fitted: [FittedTable], named: Double) {
    for table in statistics.tables where !table.cells.isEmpty && table.attributes.allSatisfy(population.knows) {
      let isOfMain = table.attributes.contains(.mainDiagnosis)
      let all = isOfMain ? named : Double(statistics.admissions)
      add(
        table, population, fitted.first { $0.attributes == table.attributes },
        leftovers(table, statistics), scale: Double(population.admissions) / max(all, 1))
    }
  }

  private mutating func add(
    _ table: PublishedTable, _ population: Population, _ fitted: FittedTable?, _ leftovers: [[String]: Double],
    scale: Double
  ) {
    var shape = Table(start: wanted.count)
    var size = 1
    var axes: [(step: Int, numbers: [String: Int])] = []
    for (axis, attribute) in table.attributes.enumerated() {
      let numbers: [String: Int]
      if let column = population.columns.firstIndex(where: { $0.attribute == attribute }) {
        let names = population.columns[column].names
        numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0 + 1) })
        shape.columns.append((column, size))
        axes.append((size, numbers))
        size *= names.count + 1
      } else if let kind = population.codes.firstIndex(where: { $0.attribute == attribute }) {
        let names = Set(table.cells.map { $0.key[axis] }).inByteOrder()
        numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        shape.codes.append((kind, size, population.codes[kind].names.map { Int32(numbers[$0] ?? -1) }))
        axes.append((size, numbers))
        size *= names.count
      }
      if size > Self.mostCells { return }
    }
    let isWhole = table.total != nil && table.suppressed.isEmpty && !table.attributes.contains(where: \.isCode)
    wanted += [Float](repeating: 0, count: size)
    weights += [Float](repeating: isWhole ? 1 : 0, count: size)
    func want(_ key: [String], _ count: Double, _ weight: Float) {
      var cell = shape.start
      for (name, axis) in zip(key, axes) {
        guard let number = axis.numbers[name] else { return }
        cell += number * axis.step
      }
      wanted[cell] = Float(count)
      weights[cell] = weight / Float(max(count, 1))
    }
    for (key, share) in fitted?.shares ?? [:] { want(key, share * Double(population.admissions), Self.estimated) }
    for (key, count) in leftovers { want(key, count * scale, Self.estimated) }
    for cell in table.cells { want(cell.key, Double(cell.count) * scale, 1) }
    tables.append(shape)
  }
}

/// In a table by codes and one single-valued attribute: what a code's own table and a table of stays leave for each of
/// the code's withheld cells.
private func leftovers(_ table: PublishedTable, _ statistics: Statistics) -> [[String]: Double] {
  guard table.attributes.count == 2, let axis = table.attributes.firstIndex(where: \.isMultiValued),
    !table.attributes[1 - axis].isMultiValued, let all = statistics.table(over: [table.attributes[axis]]),
    let stays = statistics.table(over: [table.attributes[1 - axis]])
  else { return [:] }
  var left: [[String]: Double] = [:]
  let cells = Dictionary(grouping: table.cells) { $0.key[axis] }
  let told = Set(table.cells.map { $0.key[1 - axis] })
  let sizes = stays.cells.map { (name: $0.key[0], size: Double($0.count), isTold: told.contains($0.key[0])) }
  let outside = sizes.reduce(0) { $0 + ($1.isTold ? 0 : $1.size) }
  for code in all.cells {
    let own = cells[code.key[0]] ?? []
    let shown = Set(own.map { $0.key[1 - axis] })
    let rest = sizes.filter { !shown.contains($0.name) }
    let guess = Leftover(
      Double(max(0, code.count - own.reduce(0) { $0 + $1.count })), sizes: rest.filter(\.isTold).map(\.size),
      outside: own.isEmpty ? 0 : outside, of: max(1, rest.reduce(0) { $0 + $1.size }),
      usual: statistics.usualWithheldCount,
      overall: Double(code.count) / Double(max(1, statistics.admissions)))
    for stay in rest {
      let key = axis == 0 ? code.key + [stay.name] : [stay.name] + code.key
      left[key] = stay.isTold ? guess.count(of: stay.size) : guess.shareOutside * stay.size
    }
  }
  return left
}
