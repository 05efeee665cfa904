internal import Shared

/// What the site's earlier releases reveal about the counts of a new one.
struct EarlierKnowledge: Sendable {
  /// For each table of the tally, the published cells that have not changed, by cell number.
  private(set) var unchanged: [[Int: Precision]]
  /// For each table, the keys of cells that were published as empty and still are.
  private(set) var empty: [Set<[String]>]
  /// For each table, whether all its cells were published and none has changed.
  private(set) var isWhole: [Bool]
  /// For each table, the cells whose counts were told before and have changed by too few admissions to be told again.
  private(set) var changed: [Set<Int>]
  /// The numbers of the earlier releases that the new one may continue: some count has changed, and none is smaller.
  private(set) var growing: [Int] = []

  enum Precision: Sendable { case exact, rounded }

  /// Whether anything is known about a table.
  func tells(of table: Int) -> Bool {
    !unchanged[table].isEmpty || !empty[table].isEmpty || isWhole[table] || !changed[table].isEmpty
  }

  static func none(_ tally: Tally) -> EarlierKnowledge {
    EarlierKnowledge(
      unchanged: tally.tables.map { _ in [:] }, empty: tally.tables.map { _ in [] },
      isWhole: tally.tables.map { _ in false }, changed: tally.tables.map { _ in [] })
  }

  private init(unchanged: [[Int: Precision]], empty: [Set<[String]>], isWhole: [Bool], changed: [Set<Int>]) {
    self.unchanged = unchanged
    self.empty = empty
    self.isWhole = isWhole
    self.changed = changed
  }

  /// Compares the counts with those of earlier releases.
  ///
  /// Claim: a cell that is not among `changed` either equals the count that was told before, or differs from it by at
  /// least k admissions. A smaller difference would itself be a count of fewer than k patients. An unchanged cell
  /// counts as published, because its count is already known.
  ///
  /// - Parameter isToBePublished: whether a cell of a table would be published.
  /// - Throws: status 77 if a sum that no single cell tells differs by less, or if an earlier release counted or
  ///   protected in another way; the error names the sums or the settings, and the earlier releases.
  init(
    _ tally: Tally, under policy: Policy, _ earlier: [EarlierRelease],
    isToBePublished: (_ table: Int, _ cell: Int) -> Bool
  ) throws(CloisterError) {
    self = .none(tally)
    if policy.isForEvaluation { learnRealPart(tally, minimum: policy.protection.minimumPatients) }
    var close: [String] = []
    let comparable = earlier.filter { $0.statistics.schema == tally.schema }
    for release in comparable { try requireSameCoding(policy, release) }
    for (place, release) in earlier.enumerated() where release.statistics.schema == tally.schema {
      var growth = CountGrowth()
      for table in release.statistics.tables {
        let same = tally.tables.firstIndex { Set($0.request.attributes) == Set(table.attributes) }
        if let number = same {
          changed[number].formUnion(compare(table, of: release, with: tally.tables[number], number, policy, &growth))
        }
        guard release.tellsExactSums(with: policy) else { continue }
        for (number, tallied) in tally.tables.enumerated() {
          changed[number].formUnion(table.closeCells(of: tallied, minimum: release.minimum(with: policy)))
        }
      }
      if growth.isGrowth, policy.isForEvaluation == release.policy.isForEvaluation { growing.append(place) }
    }
    for release in comparable where release.tellsExactSums(with: policy) {
      for table in release.statistics.tables {
        let sums = table.closeSums(tally, minimum: release.minimum(with: policy)) { [changed] table, cell in
          isToBePublished(table, cell) && !changed[table].contains(cell)
        }
        close += sums.map { "\($0) (release \(release.sequence))" }
      }
    }
    guard close.isEmpty else {
      let minimum = policy.protection.minimumPatients
      throw CloisterError(
        .releaseRefused,
        "sums differ from an earlier release of the ledger by fewer than \(minimum) admissions: "
          + close.joined(separator: ", "),
        hint: "release again once more admissions have changed, or leave out tables by these attributes; "
          + "the differences would expose those few")
    }
  }

  /// Takes the counts of the real part by the hospital's own attributes to be known, if they are of enough patients,
  /// because the bundle of that part may publish them. How many admissions both parts have is known, too.
  ///
  /// Claim: whatever an extraction of the real part publishes, before or after, tells no more about the control.
  private mutating func learnRealPart(_ tally: Tally, minimum: Int) {
    for (number, table) in tally.tables.enumerated() {
      let attributes = table.request.attributes
      guard let axis = attributes.firstIndex(of: .evaluationSet),
        attributes.allSatisfy({ $0 == .evaluationSet || $0.isKnownOfReal })
      else { continue }
      if attributes.count == 1 {
        for cell in table.cells.indices { unchanged[number][cell] = .exact }
        continue
      }
      let isReal = table.categories[axis].map { $0 == "real" }
      var isWhole = true
      var keys: Set<[String]> = []
      for (cell, counts) in table.cells.enumerated() {
        var key = table.key(counts)
        key[axis] = "real"
        keys.insert(key)
        if !isReal[Int(counts.ids[axis])] { continue }
        if counts.patients >= minimum { unchanged[number][cell] = .exact } else { isWhole = false }
      }
      // A table that withholds nothing tells which cells are empty.
      if isWhole { empty[number] = keys.subtracting(table.cells.map(table.key)) }
    }
  }

  /// - Returns: the cells whose count has changed by less than the larger of the two policies' minimums.
  private mutating func compare(
    _ table: PublishedTable, of release: EarlierRelease, with tallied: TalliedTable, _ number: Int, _ policy: Policy,
    _ growth: inout CountGrowth
  ) -> [Int] {
    let axes = tallied.request.attributes.map { attribute in table.attributes.firstIndex(of: attribute) ?? 0 }
    let numbers = Dictionary(uniqueKeysWithValues: tallied.cells.enumerated().map { (tallied.key($1), $0) })
    let minimum = release.minimum(with: policy)
    let countsAlike = policy.isForEvaluation == release.policy.isForEvaluation
    var close: [Int] = []
    var equal = 0
    for cell in table.cells {
      let key = axes.map { cell.key[$0] }
      let found = numbers[key]
      let count = found.map { tallied.cells[$0].admissions } ?? 0
      let shown = release.policy.protection.roundTo.map { rounded(count, to: $0) } ?? count
      growth.note(cell.count, shown)
      if shown != cell.count {
        if abs(shown - cell.count) < minimum, let found { close.append(found) }
      } else if countsAlike {
        equal += 1
        let precision: Precision = release.policy.protection.roundTo == nil ? .exact : .rounded
        if let found {
          if unchanged[number][found] != .exact { unchanged[number][found] = precision }
        } else {
          empty[number].insert(key)
        }
      }
    }
    if countsAlike, table.total != nil, equal == table.cells.count, unchanged[number].count == tallied.cells.count {
      isWhole[number] = true
    }
    return close
  }
}

/// Whether counts changed, and none became smaller.
private struct CountGrowth {
  private var hasMore = false
  private var hasFewer = false

  var isGrowth: Bool { hasMore && !hasFewer }

  mutating func note(_ before: Int, _ now: Int) {
    if now > before { hasMore = true }
    if now < before { hasFewer = true }
  }
}

extension EarlierRelease {
  /// Whether sums of the release's tables can be compared with counts under a policy.
  fileprivate func tellsExactSums(with other: Policy) -> Bool {
    other.isForEvaluation == policy.isForEvaluation && other.protection.roundTo == nil
  }

  /// The larger minimum of the two policies.
  fileprivate func minimum(with other: Policy) -> Int {
    max(policy.protection.minimumPatients, other.protection.minimumPatients)
  }
}

/// Requires that an earlier release of the same records counted and protected them as the policy does.
///
/// - Throws: status 77.
private func requireSameCoding(_ policy: Policy, _ release: EarlierRelease) throws(CloisterError) {
  guard policy.isForEvaluation == release.policy.isForEvaluation else { return }
  let different = policy.codingDifferences(from: release.policy)
  guard different.isEmpty else {
    throw CloisterError(
      .releaseRefused,
      "release \(release.sequence) of the ledger counted or protected the same records in another way: its policy has "
        + "another \(different.joined(separator: ", "))",
      hint: "set these as in \(BundleLayout.policy) of release \(release.sequence): from the differences between two "
        + "ways of counting, small groups of patients can be computed")
  }
}

extension Policy {
  /// The settings that all releases of the same records must share, as far as those of two policies differ.
  fileprivate func codingDifferences(from other: Policy) -> [String] {
    let (own, others) = (protection, other.protection)
    let settings: [(name: String, isSame: Bool)] = [
      ("cohort", cohort == other.cohort), ("lab-bins", labBins == other.labBins),
      ("bands", Policy.banded.allSatisfy { bands(of: $0) == other.bands(of: $0) }),
      ("real-categories", realCategories == other.realCategories),
      ("minimum-patients", own.minimumPatients == others.minimumPatients),
      ("top-code-age", own.topCodeAge == others.topCodeAge), ("round-to", own.roundTo == others.roundTo),
      ("zero-cells", own.publishesZeroCells == others.publishesZeroCells),
      ("roll-up-codes", own.rollsUpCodes == others.rollsUpCodes),
    ]
    let tops = release.filter { request in
      other.request(over: request.attributes).map { $0.top != request.top } ?? false
    }
    return settings.filter { !$0.isSame }.map(\.name) + tops.map { "top of \(PublishedTable.name(of: $0.attributes))" }
  }

  /// Whether two policies count the same admissions by the same categories.
  private func countsAlike(_ other: Policy) -> Bool {
    codingDifferences(from: other).isEmpty && isForEvaluation == other.isForEvaluation
  }

  /// This policy plus the tables that only earlier releases published, so that they are counted again, and those of the
  /// sums that earlier tables imply because they withhold nothing. A policy for an evaluation also gets the tables of
  /// what is known about the real part. A policy with noise has no use for earlier counts and keeps its own tables.
  ///
  /// - Throws: status 77 if tables of different releases are connected in a way that the attack does not model.
  func counting(_ earlier: [EarlierRelease]) throws(CloisterError) -> Policy {
    guard protection.noise == nil else { return self }
    var known = Set(release.map { Set($0.attributes) })
    var all = release
    for release in earlier where countsAlike(release.policy) {
      for table in release.statistics.tables where known.insert(Set(table.attributes)).inserted {
        all.append(TableRequest(attributes: table.attributes, top: release.policy.request(over: table.attributes)?.top))
      }
    }
    let whole = earlier.filter { countsAlike($0.policy) && $0.tellsExactSums(with: self) }
      .flatMap(\.statistics.tables).filter { $0.total != nil && !$0.attributes.contains(where: \.isMultiValued) }
    for margin in whole.flatMap({ strictSubsets(of: $0.attributes) }) where known.insert(Set(margin)).inserted {
      all.append(TableRequest(attributes: margin))
    }
    if let problem = releasing(all).connectionProblem {
      throw CloisterError(
        .releaseRefused, "together with the tables of earlier releases in the ledger, the policy \(problem)",
        hint: "leave the table out of this policy: what was released can't be taken back")
    }
    if isForEvaluation {
      for request in release {
        let attributes = [.evaluationSet] + request.attributes.filter(\.isKnownOfReal)
        if attributes.count > 1, known.insert(Set(attributes)).inserted {
          all.append(TableRequest(attributes: attributes, top: nil))
        }
      }
    }
    return releasing(all)
  }
}

/// The nonempty strict subsets of some attributes.
func strictSubsets(of attributes: [Attribute]) -> [[Attribute]] {
  (1..<max(1, (1 << attributes.count) - 1)).map { subset in
    attributes.indices.filter { subset >> $0 & 1 == 1 }.map { attributes[$0] }
  }
}

extension Attribute {
  /// Whether the counts of an evaluation's real part by the attribute may be known: it is one of the hospital's own, or
  /// follows from one.
  fileprivate var isKnownOfReal: Bool { !isEvaluated || self == .phenotype }
}
