internal import Shared

/// How close a run's counts in one table are to the bundle's, compared with two baselines.
struct TableScore: Sendable {
  let name: String
  let attributes: [Attribute]
  let pair: DistributionPair
  let distance: Distance
  /// The mean distance of the same number of independent draws from the published table itself.
  let perfect: Distance
  /// The distance if the table kept its margins but its attributes were independent; nil for a table of one
  /// attribute.
  let independent: Distance?
  /// For a table of a single code attribute: the share of admissions with each code.
  let prevalences: [Prevalence]
  /// The share of the bundle's admissions that the published cells count; nil for tables with several codes an
  /// admission.
  let coverage: Double?

  /// Whether the run is as close to the table as chance allows: its total variation is at most 1.5 times that of a
  /// perfect sample, or too small to matter.
  var isClose: Bool { distance.totalVariation <= max(1.5 * perfect.totalVariation, 0.005) }

  /// How well the run's prevalences follow the bundle's: the coefficient of determination, R², where 1 is perfect; nil
  /// if there are fewer than two different ones.
  var prevalenceFit: Double? {
    let mean = prevalences.reduce(0) { $0 + $1.published } / Double(max(1, prevalences.count))
    func sum(_ off: (Prevalence) -> Double) -> Double { prevalences.reduce(0) { $0 + off($1) * off($1) } }
    let spread = sum { $0.published - mean }
    return spread > 0 ? 1 - sum { $0.made - $0.published } / spread : nil
  }
}

/// How often a code occurs in the bundle and in the run.
struct Prevalence: Equatable, Sendable {
  let code: String
  let published: Double
  let made: Double
  /// The standard error of the share in the same number of independent draws.
  let error: Double

  var deviations: Double { error > 0 ? (made - published) / error : 0 }
}

/// Scores a table over its published cells, excluding groups that no code is known for; nil if none of these cells has
/// a count over 0.
func score(
  _ table: PublishedTable, _ made: [[String]: Int], _ published: Int, _ admissions: Int, _ members: GroupMembers
) -> TableScore? {
  let cells = table.cells.filter { zip($0.key, table.attributes).allSatisfy(members.allow) }
    .sorted { byteOrder($0.key, $1.key) }
  guard cells.contains(where: { $0.count > 0 }) else { return nil }
  let counts = cells.map { Double($0.count) }
  let pair = DistributionPair(
    names: cells.map { $0.key.joined(separator: ", ") }, published: counts,
    made: cells.map { Double(made[$0.key] ?? 0) })
  let draws = cells.reduce(0) { $0 + (made[$1.key] ?? 0) }
  var prevalences: [Prevalence] = []
  if table.attributes.count == 1, table.attributes[0].isMultiValued, published > 0 {
    prevalences = cells.map { cell in
      let share = min(1, Double(cell.count) / Double(published))
      return Prevalence(
        code: cell.key[0], published: share, made: Double(made[cell.key] ?? 0) / Double(max(admissions, 1)),
        error: (share * (1 - share) / Double(max(admissions, 1))).squareRoot())
    }
  }
  return TableScore(
    name: table.name, attributes: table.attributes, pair: pair, distance: pair.distance,
    perfect: .ofPerfectSample(pair.published, draws: draws), independent: independent(table, cells, pair),
    prevalences: prevalences, coverage: coverage(table, published))
}

private func coverage(_ table: PublishedTable, _ admissions: Int) -> Double? {
  guard admissions > 0, table.attributes.allSatisfy({ !$0.isMultiValued }) else { return nil }
  return min(1, Double(table.cells.reduce(0) { $0 + $1.count }) / Double(admissions))
}

/// The distance between the published table and the product of its margins, over the same cells.
private func independent(_ table: PublishedTable, _ cells: [PublishedCell], _ pair: DistributionPair) -> Distance? {
  guard table.attributes.count > 1 else { return nil }
  var margins = table.attributes.map { _ in [String: Double]() }
  for (cell, share) in zip(cells, pair.published) {
    for (axis, category) in cell.key.enumerated() { margins[axis][category, default: 0] += share }
  }
  let products = cells.map { cell in
    cell.key.enumerated().reduce(1.0) { $0 * (margins[$1.offset][$1.element] ?? 0) }
  }
  return Distance(pair.published, DistributionPair.normalised(products))
}
