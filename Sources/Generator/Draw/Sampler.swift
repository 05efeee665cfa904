internal import Shared

/// The built-in model: draws categories and codes from the bundle's tables alone.
///
/// The draw of a category depends on everything that is already settled. Each table that combines the attribute with
/// settled attributes multiplies the category's weight by how much more often the category occurs with them than
/// overall (naive Bayes). Each code is drawn independently; its probability is its share among admissions with the same
/// main diagnosis. Cells that the bundle does not publish are not drawn unless `draw` is told to fill them. A table
/// without any published cell for the settled combination is ignored, and if no plausible category has a weight left,
/// the attribute's overall counts decide. Implausible categories are drawn only if no others are left. Where the bundle
/// counts rare codes under a group, the group is drawn; `members` knows the codes that it stands for.
struct Sampler: Sendable {
  private let margins: [Attribute: Margin]
  private let conditionals: [Attribute: [Conditional]]
  private let codeShares: [Attribute: CodeShares]
  /// The codes that the bundle's groups stand for.
  let members: GroupMembers

  /// Whether main diagnoses are drawn from the other diagnoses because the bundle publishes none.
  let substitutesMainDiagnosis: Bool

  /// - Parameter members: nil to take them from the statistics and the built-in prior.
  init(_ statistics: Statistics, _ members: GroupMembers? = nil) {
    let members = members ?? GroupMembers(statistics, prior: .builtIn)
    self.members = members
    var counts: [Attribute: [String: Double]] = [:]
    var least: [Attribute: [String: Double]] = [:]
    var rows: [Attribute: [ConditionalCounts]] = [:]
    let bySize = statistics.tables.map { nameable($0, members) }.sorted { $0.attributes.count < $1.attributes.count }
    for table in bySize where !table.cells.isEmpty {
      for (axis, attribute) in table.attributes.enumerated() {
        let givenIsSingle = table.attributes.enumerated().allSatisfy { $0 == axis || !$1.isMultiValued }
        let found = Self.least(table, axis, isSum: givenIsSingle)
        if counts[attribute] == nil, givenIsSingle { counts[attribute] = found }
        least[attribute, default: [:]].merge(found, uniquingKeysWith: max)
        if table.attributes.count > 1, givenIsSingle {
          rows[attribute, default: []].append(ConditionalCounts(table, axis, fill: statistics.usualWithheldCount))
        }
      }
    }
    // A category that is withheld from the smallest table may be published as part of a larger one.
    for (attribute, known) in counts {
      counts[attribute] = known.merging(least[attribute] ?? [:]) { known, _ in known }
    }
    substitutesMainDiagnosis = counts[.mainDiagnosis] == nil && counts[.diagnosis] != nil
    if substitutesMainDiagnosis { counts[.mainDiagnosis] = counts[.diagnosis] }
    // The number of admissions in the bundle, as far as its tables show.
    let admissions =
      statistics.tables
      .filter { table in table.attributes.allSatisfy { !$0.isMultiValued } }
      .map { Double($0.cells.reduce(0) { $0 + $1.count }) }.max() ?? 0
    let margins = counts.reduce(into: [Attribute: Margin]()) { $0[$1.key] = Margin($1.value, $1.key) }
    self.margins = margins
    conditionals = rows.reduce(into: [:]) { conditionals, entry in
      guard !entry.key.isMultiValued, let margin = margins[entry.key] else { return }
      conditionals[entry.key] = entry.value.map { Conditional($0, margin) }
    }
    codeShares = counts.reduce(into: [:]) { shares, entry in
      guard entry.key.isMultiValued else { return }
      let byMain = rows[entry.key]?.first { $0.given == [.mainDiagnosis] }
      shares[entry.key] = CodeShares(
        entry.key, entry.value, admissions, byMain?.rows ?? [:], counts[.mainDiagnosis] ?? [:],
        usual: statistics.usualWithheldCount,
        hasOwnTable: statistics.table(over: [entry.key]).map { !$0.cells.isEmpty } ?? false)
    }
  }

  /// Whether the bundle says anything about the attribute.
  func knows(_ attribute: Attribute) -> Bool { !(margins[attribute]?.categories ?? []).isEmpty }

  /// The categories of a single-valued attribute, in byte order, with their weights given everything already settled.
  func weights(of attribute: Attribute, given draft: Draft) -> [(category: String, weight: Double)] {
    guard let margin = margins[attribute] else { return [] }
    return zip(margin.categories, numbers(attribute, margin, members.counted(draft))).map { (category: $0, weight: $1) }
  }

  /// The codes of a multi-valued attribute, in byte order, each with its probability given the main diagnosis. Codes
  /// that can't belong to the patient are left out.
  func shares(of attribute: Attribute, given draft: Draft) -> [(code: String, share: Double)] {
    guard let list = codeShares[attribute]?.list(main(draft)) else { return [] }
    return list.codes.indices.filter { list.limits[$0].fit(draft) }
      .map { (code: list.codes[$0], share: list.shares[$0]) }
  }

  /// Every category or code of an attribute that the bundle publishes, in byte order.
  func categories(of attribute: Attribute) -> [String] { margins[attribute]?.categories ?? [] }

  /// The number of admissions with each main diagnosis.
  var mainCounts: [String: Double] {
    guard let margin = margins[.mainDiagnosis] else { return [:] }
    return Dictionary(uniqueKeysWithValues: zip(margin.categories, margin.weights))
  }

  /// The codes of an attribute, with their shares among admissions with this main diagnosis.
  func codeList(_ attribute: Attribute, _ mainDiagnosis: String) -> CodeShares.List? {
    codeShares[attribute]?.list(mainDiagnosis)
  }

  /// Whether codes of the attribute are known for this main diagnosis in particular, not only overall.
  func knows(_ attribute: Attribute, of mainDiagnosis: String) -> Bool {
    codeShares[attribute]?.knows(members.counted(mainDiagnosis, .mainDiagnosis)) ?? false
  }

  /// Settles one attribute of the draft, with a group where the bundle names no code.
  ///
  /// - Parameter fills: whether unpublished combinations are drawn too, each as if its count were half the largest
  ///   count that can be withheld.
  func draw(_ attribute: Attribute, _ draft: inout Draft, _ random: inout SeededRandom, fills: Bool = false) {
    if attribute.isMultiValued {
      let list = codeShares[attribute]?.list(main(draft))
      draft.codes[attribute] = list?.draw(for: draft, without: draft.categories[.mainDiagnosis], &random) ?? []
    } else if let margin = margins[attribute] {
      if let index = random.index(weights: numbers(attribute, margin, members.counted(draft), fills: fills)) {
        draft.categories[attribute] = margin.categories[index]
      }
    }
  }

  private func main(_ draft: Draft) -> String {
    draft.categories[.mainDiagnosis].map { members.counted($0, .mainDiagnosis) } ?? ""
  }

  /// - Parameter draft: with its main diagnosis as the bundle counts it.
  private func numbers(
    _ attribute: Attribute, _ margin: Margin, _ draft: Draft, fills: Bool = false
  ) -> [Double] {
    var weights = margin.weights
    for conditional in conditionals[attribute] ?? [] {
      guard let factors = conditional.factors(draft, fills) else { continue }
      for place in weights.indices { weights[place] *= factors[place] }
    }
    let plausible = margin.plausible(attribute, draft)
    for choice in [weights, margin.weights] {
      let kept = plausible.map { zip(choice, $0).map { $1 ? $0 : 0 } } ?? choice
      if kept.contains(where: { $0 > 0 }) { return kept }
    }
    return margin.weights
  }

  /// The number of admissions that each category has at least, according to one table's published cells.
  ///
  /// - Parameter isSum: whether no admission is counted in two cells of a category.
  private static func least(_ table: PublishedTable, _ axis: Int, isSum: Bool) -> [String: Double] {
    table.cells.reduce(into: [:]) { least, cell in
      guard cell.count > 0 else { return }
      let known = least[cell.key[axis]] ?? 0
      least[cell.key[axis]] = isSum ? known + Double(cell.count) : max(known, Double(cell.count))
    }
  }
}

/// The table without the cells of groups that no code is known for: an admission can't have one of these.
private func nameable(_ table: PublishedTable, _ members: GroupMembers) -> PublishedTable {
  var nameable = table
  nameable.cells.removeAll { cell in !zip(cell.key, table.attributes).allSatisfy(members.allow) }
  return nameable
}

/// One table from the point of view of one attribute: the counts of that attribute's categories for each combination of
/// the other attributes' categories.
private struct ConditionalCounts {
  let given: [Attribute]
  private(set) var rows: [[String]: [String: Double]] = [:]
  /// The count assumed for each unpublished cell when cells are filled.
  let fill: Double

  init(_ table: PublishedTable, _ axis: Int, fill: Double) {
    let isWhole = table.total != nil && table.suppressed.isEmpty
    self.fill = isWhole ? 0 : fill
    var given = table.attributes
    given.remove(at: axis)
    self.given = given
    for cell in table.cells {
      var key = cell.key
      key.remove(at: axis)
      rows[key, default: [:]][cell.key[axis]] = Double(cell.count)
    }
    rows = rows.filter { $0.value.contains { $0.value > 0 } }
  }
}

/// An attribute's categories, in byte order, with their counts.
private struct Margin: Sendable {
  let categories: [String]
  let weights: [Double]
  /// The limits on the patients who can have each category; empty if anyone can have any of them.
  private let limits: [CodeLimits]

  init(_ counts: [String: Double], _ attribute: Attribute) {
    let sorted = counts.inByteOrder()
    categories = sorted.map(\.key)
    weights = sorted.map(\.value)
    let limits = categories.map { CodeLimits(of: $0, attribute) }
    self.limits = limits.contains { $0 != .none } ? limits : []
  }

  /// Whether each category is plausible given everything already settled; nil if all of them are.
  func plausible(_ attribute: Attribute, _ draft: Draft) -> [Bool]? {
    switch attribute {
    case .mainDiagnosis: limits.isEmpty ? nil : limits.map { $0.fit(draft) }
    case .dischargeLocation, .diedInHospital, .insurance, .ageBand:
      categories.map { implausibility(of: $0, attribute, in: draft) == nil }
    default: nil
    }
  }
}

/// How much more often each category of an attribute occurs with a combination of other attributes' categories than
/// overall.
private struct Conditional: Sendable {
  private let given: [Attribute]
  /// The factors for each combination, in the order of the margin's categories.
  private let factors: [[String]: [Double]]
  /// The same, with unpublished cells filled.
  private let filled: [[String]: [Double]]

  init(_ table: ConditionalCounts, _ margin: Margin) {
    given = table.given
    func factors(_ fill: Double) -> [[String]: [Double]] {
      table.rows.mapValues { row in
        zip(margin.categories, margin.weights).map { category, weight in (row[category] ?? fill) / weight }
      }
    }
    self.factors = factors(0)
    filled = table.fill > 0 ? factors(table.fill) : self.factors
  }

  /// The factors for the draft; nil if an attribute is not settled or no cell of the combination is published.
  func factors(_ draft: Draft, _ fills: Bool) -> [Double]? {
    var key: [String] = []
    for attribute in given {
      guard let category = draft.categories[attribute] else { return nil }
      key.append(category)
    }
    return fills ? filled[key] : factors[key]
  }
}
