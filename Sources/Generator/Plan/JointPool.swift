internal import Shared

/// A joint model of the single-valued attributes that agrees with all tables over them at once. The sampler draws
/// records, one attribute after another; iterative proportional fitting (Deming, Stephan 1940) then weights the records
/// so that the published cells of every table get their published weight.
///
/// Withheld cells share the weight that the published cells leave over in the margins; see `FittedTable`.
struct JointPool: Sendable {
  private let attributes: [Attribute]
  /// For each record and attribute, the index of the category in `names`, or -1.
  private let records: [[Int32]]
  private let names: [[String]]
  /// Where each record's part of the range from 0 to 1 ends.
  private let ends: [Double]

  /// The number of sweeps over all tables.
  private static let sweeps = 40

  /// - Parameters:
  ///   - size: the number of records; more records can distinguish more combinations.
  ///   - order: attributes in the order in which they are drawn; the rest follow.
  init(
    _ statistics: Statistics, _ published: Sampler, _ fitted: [FittedTable], size: Int, order: [Attribute]
  ) {
    // A frequent combination that is withheld to protect a rare one must be drawn as often as it occurs.
    let sampler = Sampler(statistics.completed(by: fitted), published.members)
    let attributes = Attribute.allCases.filter { !$0.isMultiValued && sampler.knows($0) }
    let names = attributes.map(sampler.categories)
    let places = names.map { Dictionary(uniqueKeysWithValues: zip($0, 0...)) }
    self.attributes = attributes
    self.names = names
    var records: [[Int32]] = []
    records.reserveCapacity(size)
    // Attributes are drawn in the order of the chain, so that each draw can depend on the earlier ones.
    let first = order.filter { attributes.contains($0) }
    let drawn = first + attributes.filter { !first.contains($0) }
    for number in 0..<size {
      var draft = Draft(number: number)
      var random = SeededRandom(seed: 0, .pool, of: number)
      for attribute in drawn { sampler.draw(attribute, &draft, &random, fills: true) }
      records.append(
        attributes.indices.map { place in
          draft.categories[attributes[place]].flatMap { places[place][$0] }.map(Int32.init) ?? -1
        })
    }
    // Similar records are sorted together, so that evenly spread draws take the right share of each kind of record.
    let grouping: [Attribute] = [.mainDiagnosis, .gender, .ageBand, .diedInHospital, .diagnosisCountBand]
    let sortAxes = (grouping + attributes.filter { !grouping.contains($0) }).compactMap {
      attributes.firstIndex(of: $0)
    }
    records.sort { one, other in
      for axis in sortAxes where one[axis] != other[axis] { return one[axis] < other[axis] }
      return false
    }
    self.records = records
    let targets = fitted.map { TableTargets($0, attributes, places, records) }
    var weights = [Double](repeating: 1 / Double(size), count: size)
    for _ in 0..<Self.sweeps { for target in targets { target.fit(&weights) } }
    let total = weights.reduce(0, +)
    var end = 0.0
    ends = weights.map { weight in
      end += total > 0 ? weight / total : 1 / Double(size)
      return end
    }
  }

  /// Draws one record at each position.
  ///
  /// - Parameter shares: from 0 up to, but not including, 1; evenly spread shares draw each record as often as its
  ///   weight says.
  /// - Returns: the attributes, and column after column the number of each admission's category.
  func drawn(at shares: [Double]) -> (columns: [Population.Column], values: [Int32]) {
    var values = [Int32](repeating: -1, count: shares.count * attributes.count)
    for (number, share) in shares.enumerated() {
      var low = 0
      var high = ends.count - 1
      while low < high {
        let middle = (low + high) / 2
        if ends[middle] <= share { low = middle + 1 } else { high = middle }
      }
      for (column, category) in records[low].enumerated() { values[column * shares.count + number] = category }
    }
    return (zip(attributes, names).map { Population.Column(attribute: $0, names: $1) }, values)
  }
}

/// A table's cells, matched to the records.
private struct TableTargets {
  /// The cell of each record; 0 for all cells without a share of their own.
  private let cells: [Int32]
  private let shares: [Double]

  init(
    _ table: FittedTable, _ attributes: [Attribute], _ places: [[String: Int]], _ records: [[Int32]]
  ) {
    let axes = table.attributes.compactMap { attributes.firstIndex(of: $0) }
    var numbers: [[Int32]: Int32] = [:]
    var shares = [table.rest]
    for (key, share) in table.shares.sorted(by: { byteOrder($0.key, $1.key) }) {
      let known = zip(axes, key).map { places[$0][$1].map(Int32.init) ?? -2 }
      numbers[known] = Int32(shares.count)
      shares.append(share)
    }
    cells = records.map { record in numbers[axes.map { record[$0] }] ?? 0 }
    self.shares = shares
  }

  func fit(_ weights: inout [Double]) {
    var sums = [Double](repeating: 0, count: shares.count)
    for (record, cell) in cells.enumerated() { sums[Int(cell)] += weights[record] }
    let total = sums.reduce(0, +)
    // A cell without any record can't be fitted; its share is divided among the other cells.
    let reachable = zip(shares, sums).reduce(0) { $0 + ($1.1 > 0 ? $1.0 : 0) }
    guard total > 0, reachable > 0 else { return }
    let factors = zip(shares, sums).map { share, sum in sum > 0 ? share / reachable / (sum / total) : 0 }
    for (record, cell) in cells.enumerated() { weights[record] *= factors[Int(cell)] }
  }
}
