internal import Shared

/// How near a run's counts of one table are to the bundle's, beside two baselines.
struct TableScore: Sendable {
  let name: String
  let attributes: [Attribute]
  let pair: DistributionPair
  let distance: Distance
  /// What as many perfect, independent draws from the table itself would have.
  let perfect: Distance
  /// What draws would have that know the table's margins and no more; nil for a table of one attribute.
  let independent: Distance?
  /// For a table of codes alone: the share of admissions with each code.
  let prevalences: [Prevalence]
}

/// How often a code comes, against what the bundle says.
struct Prevalence: Equatable, Sendable {
  let code: String
  let published: Double
  let made: Double
  /// The standard error of as many independent draws.
  let error: Double

  var deviations: Double { error > 0 ? (made - published) / error : 0 }
}

/// Scores a table over its published cells; nil where it has none.
func score(_ table: PublishedTable, _ made: [[String]: Int], _ published: Int, _ admissions: Int) -> TableScore? {
  let cells = table.cells.filter { cell in
    zip(cell.key, table.attributes).allSatisfy { !CodeGroups.isGroup($0, $1) }
  }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
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
    prevalences: prevalences)
}

/// The product of the margins, over the same cells.
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
