internal import Shared

/// The built-in model: draws categories and codes from the bundle's tables alone.
///
/// A category is drawn given all that is settled: each table over it and settled attributes weighs it by how much more
/// often it goes with them than at large (naive Bayes). A code is drawn by itself, with the share that it has among
/// admissions of the same main diagnosis. Cells that the bundle does not publish are never drawn, except that a
/// combination without any published cell falls back to the attribute at large.
struct Sampler: Sendable {
  private let margins: [Attribute: [String: Double]]
  private let conditionals: [Attribute: [Conditional]]
  /// Admissions behind the bundle, as far as its tables tell.
  private let admissions: Double

  /// The bundle publishes no main diagnosis, so that main diagnoses are drawn from the other diagnoses.
  let substitutesMainDiagnosis: Bool

  /// One table seen from one of its attributes: counts of its categories for each combination of the others.
  private struct Conditional: Sendable {
    let given: [Attribute]
    let rows: [[String]: [String: Double]]

    /// The counts that go with what is settled; nil where something is not settled, or no cell of it is published.
    func row(_ draft: Draft) -> [String: Double]? {
      var key: [String] = []
      for attribute in given {
        guard let category = draft.categories[attribute] else { return nil }
        key.append(category)
      }
      return rows[key]
    }
  }

  init(_ statistics: Statistics) {
    var margins: [Attribute: [String: Double]] = [:]
    var conditionals: [Attribute: [Conditional]] = [:]
    let bySize = statistics.tables.sorted { $0.attributes.count < $1.attributes.count }
    for table in bySize where !table.cells.isEmpty {
      for (axis, attribute) in table.attributes.enumerated() {
        let givenIsSingle = table.attributes.enumerated().allSatisfy { $0 == axis || !$1.isMultiValued }
        if margins[attribute] == nil, table.attributes.count == 1 || givenIsSingle {
          margins[attribute] = Self.margin(table, axis)
        }
        if table.attributes.count > 1, givenIsSingle {
          conditionals[attribute, default: []].append(Self.conditional(table, axis))
        }
      }
    }
    substitutesMainDiagnosis = margins[.mainDiagnosis] == nil && margins[.diagnosis] != nil
    if substitutesMainDiagnosis { margins[.mainDiagnosis] = margins[.diagnosis] }
    self.margins = margins
    self.conditionals = conditionals
    admissions =
      statistics.tables
      .filter { table in table.attributes.allSatisfy { !$0.isMultiValued } }
      .map { Double($0.cells.reduce(0) { $0 + $1.count }) }.max() ?? 0
  }

  /// Whether the bundle says anything about the attribute.
  func knows(_ attribute: Attribute) -> Bool { !(margins[attribute] ?? [:]).isEmpty }

  /// The categories of a single-valued attribute with their weights given what is settled, in byte order.
  func weights(of attribute: Attribute, given draft: Draft) -> [(category: String, weight: Double)] {
    let margin = margins[attribute] ?? [:]
    var weights = margin
    for conditional in conditionals[attribute] ?? [] {
      guard let row = conditional.row(draft) else { continue }
      for (category, weight) in weights {
        weights[category] = weight * (row[category] ?? 0) / (margin[category] ?? 1)
      }
    }
    let isPossible = weights.values.contains { $0 > 0 }
    return (isPossible ? weights : margin).sorted { $0.key < $1.key }.map { (category: $0.key, weight: $0.value) }
  }

  /// The codes of a multi-valued attribute with the probability of each given the main diagnosis, in byte order.
  func shares(of attribute: Attribute, given draft: Draft) -> [(code: String, share: Double)] {
    let main = draft.categories[.mainDiagnosis] ?? ""
    let row = conditionals[attribute]?.first { $0.given == [.mainDiagnosis] }?.rows[[main]]
    let counts = row ?? margins[attribute] ?? [:]
    let total = row == nil ? admissions : margins[.mainDiagnosis]?[main] ?? admissions
    return counts.sorted { $0.key < $1.key }.filter { $0.key != main }
      .map { (code: $0.key, share: total > 0 ? min(1, $0.value / total) : 0) }
  }

  /// Settles one attribute of the draft.
  func draw(_ attribute: Attribute, _ draft: inout Draft, _ random: inout SeededRandom) {
    if attribute.isMultiValued {
      draft.codes[attribute] = shares(of: attribute, given: draft)
        .filter { random.unit() < $0.share }.map(\.code).shuffled(using: &random)
    } else {
      let options = weights(of: attribute, given: draft)
      if let index = random.index(weights: options.map(\.weight)) {
        draft.categories[attribute] = options[index].category
      }
    }
  }

  private static func margin(_ table: PublishedTable, _ axis: Int) -> [String: Double] {
    var margin: [String: Double] = [:]
    for cell in table.cells where cell.count > 0 { margin[cell.key[axis], default: 0] += Double(cell.count) }
    return margin
  }

  private static func conditional(_ table: PublishedTable, _ axis: Int) -> Conditional {
    var rows: [[String]: [String: Double]] = [:]
    for cell in table.cells where cell.count > 0 {
      var given = cell.key
      given.remove(at: axis)
      rows[given, default: [:]][cell.key[axis]] = Double(cell.count)
    }
    var attributes = table.attributes
    attributes.remove(at: axis)
    return Conditional(given: attributes, rows: rows)
  }
}
