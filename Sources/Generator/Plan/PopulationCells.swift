internal import Shared

/// A population and the cells that its admissions are in, as flat numbers: an exchange takes about a microsecond, so
/// reference counts would cost more than the work.
struct PopulationCells {
  let admissions: Int
  private(set) var values: [Int32]
  private(set) var slots: [Int32]
  private var found: [Float]
  let owners: [Int32]
  private let wanted: [Float]
  private let weights: [Float]
  /// For each kind of codes and each admission, where its slots begin; one more for each kind's end.
  private let starts: [Int32]
  private let kinds: [Kind]
  private let bands: [Int32]
  private let tables: [Shape]
  private let axes: [Axis]
  private let numbers: [Int32]

  /// One kind of codes: the column of their number's band, or -1, where its bands are in `bands`, and the number of
  /// further codes.
  private struct Kind {
    let band: Int
    let bands: Range<Int>
    let further: Int32
  }

  /// What a category of a column counts in a cell's number.
  private struct Axis {
    let column: Int
    let step: Int
  }

  /// What a code counts, with where the numbers of its table's codes are in `numbers`.
  private struct CodeAxis {
    let kind: Int
    let step: Int
    let numbers: Int
  }

  private struct Shape {
    let start: Int
    let axes: Range<Int>
    let first: CodeAxis?
    let second: CodeAxis?
  }

  init(_ population: Population, _ counts: CellCounts) {
    admissions = population.admissions
    (values, slots, owners) = (population.values, population.slots, population.owners)
    (wanted, weights) = (counts.wanted, counts.weights)
    found = wanted.map { _ in 0 }
    starts = population.codes.flatMap(\.starts)
    var (axes, numbers, bands): ([Axis], [Int32], [Int32]) = ([], [], [])
    tables = counts.tables.map { table in
      let start = axes.count
      axes += table.columns.map { Axis(column: $0.column, step: $0.step) }
      let codes = table.codes.map { code in
        numbers += code.numbers
        return CodeAxis(kind: code.kind, step: code.step, numbers: numbers.count - code.numbers.count)
      }
      return Shape(
        start: table.start, axes: start..<axes.count, first: codes.first, second: codes.count > 1 ? codes[1] : nil)
    }
    kinds = population.codes.map { own in
      bands += own.bands
      return Kind(
        band: own.band ?? -1, bands: bands.count - own.bands.count..<bands.count, further: Int32(own.names.count - 1))
    }
    (self.axes, self.numbers, self.bands) = (axes, numbers, bands)
    for kind in kinds.indices where kinds[kind].band >= 0 { for number in 0..<admissions { settleBand(kind, number) } }
    for number in 0..<admissions { _ = count(Array(tables.indices), number, 1) }
  }

  @inline(__always)
  func value(_ column: Int, _ admission: Int) -> Int { Int(values[column * admissions + admission]) }

  func all(_ kind: Int) -> Range<Int> {
    Int(starts[kind * (admissions + 1)])..<Int(starts[kind * (admissions + 1) + admissions])
  }

  @inline(__always)
  func slots(_ kind: Int, of admission: Int) -> Range<Int> {
    let place = kind * (admissions + 1) + admission
    return Int(starts[place])..<Int(starts[place + 1])
  }

  /// Whether an admission has a code, so that it can't gain it. It can have any number of empty slots and of further
  /// codes.
  @inline(__always)
  func has(_ admission: Int, _ kind: Int, _ code: Int32) -> Bool {
    if code == 0 || code == kinds[kind].further { return false }
    for slot in slots(kind, of: admission) where slots[slot] == code { return true }
    return false
  }

  @inline(__always)
  mutating func swap(_ column: Int, _ one: Int, _ other: Int) {
    values.swapAt(column * admissions + one, column * admissions + other)
  }

  @inline(__always)
  mutating func set(_ column: Int, _ admission: Int, _ value: Int) {
    values[column * admissions + admission] = Int32(value)
  }

  /// Exchanges two codes, and sets the bands of the numbers of codes.
  mutating func swapSlots(_ kind: Int, _ slot: Int, _ other: Int) {
    slots.swapAt(slot, other)
    if kinds[kind].band < 0 || (slots[slot] == 0) == (slots[other] == 0) { return }
    settleBand(kind, Int(owners[slot]))
    settleBand(kind, Int(owners[other]))
  }

  private mutating func settleBand(_ kind: Int, _ admission: Int) {
    var count = 0
    for slot in slots(kind, of: admission) where slots[slot] > 0 { count += 1 }
    let own = kinds[kind].bands
    values[kinds[kind].band * admissions + admission] = bands[min(own.lowerBound + count, own.upperBound - 1)]
  }

  var distance: Double {
    var sum = 0.0
    for cell in wanted.indices {
      let off = Double(found[cell] - wanted[cell])
      sum += Double(weights[cell]) * off * off
    }
    return sum
  }

  /// Changes a cell's count.
  ///
  /// - Returns: by how much the distance grows.
  @inline(__always)
  private mutating func change(_ cell: Int, by change: Float) -> Float {
    let off = found[cell] - wanted[cell]
    found[cell] += change
    return weights[cell] * change * (2 * off + change)
  }

  /// Adds an admission to its cells in some tables, or takes it away.
  ///
  /// - Returns: by how much the distance grows.
  mutating func count(_ numbers: [Int], _ admission: Int, _ change: Float) -> Float {
    var gain: Float = 0
    for number in numbers {
      let table = tables[number]
      let stay = self.stay(table, admission)
      guard let first = table.first else {
        gain += self.change(stay, by: change)
        continue
      }
      for slot in slots(first.kind, of: admission) {
        gain += count(first, slots[slot], table.second, admission, stay, change)
      }
    }
    return gain
  }

  /// Adds an admission to the cells of one of its codes, or takes it away.
  mutating func count(_ numbers: [Int], _ kind: Int, _ code: Int32, _ admission: Int, _ change: Float) -> Float {
    if code == 0 { return 0 }
    var gain: Float = 0
    for number in numbers {
      let table = tables[number]
      guard let first = table.first else { continue }
      let stay = self.stay(table, admission)
      if first.kind == kind {
        gain += count(first, code, table.second, admission, stay, change)
      } else if let second = table.second {
        gain += count(second, code, first, admission, stay, change)
      }
    }
    return gain
  }

  /// The part of a cell's number that an admission's single-valued attributes decide.
  @inline(__always)
  private func stay(_ table: Shape, _ admission: Int) -> Int {
    var cell = table.start
    for axis in table.axes { cell += (value(axes[axis].column, admission) + 1) * axes[axis].step }
    return cell
  }

  /// Changes the cell of one code or, if the table counts pairs, of the code with each of the admission's others.
  @inline(__always)
  private mutating func count(
    _ axis: CodeAxis, _ code: Int32, _ partner: CodeAxis?, _ admission: Int, _ part: Int, _ change: Float
  ) -> Float {
    let number = Int(numbers[axis.numbers + Int(code)])
    if number < 0 { return 0 }
    let part = part + number * axis.step
    guard let partner else { return self.change(part, by: change) }
    var gain: Float = 0
    for slot in slots(partner.kind, of: admission) {
      let other = Int(numbers[partner.numbers + Int(slots[slot])])
      if other >= 0 { gain += self.change(part + other * partner.step, by: change) }
    }
    return gain
  }
}
