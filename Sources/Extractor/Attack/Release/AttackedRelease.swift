internal import Shared

/// A release as an attacker sees it. Inside the hospital, before signing, it also contains the true counts.
struct AttackedRelease: Sendable {
  let minimumPatients: Int
  /// Whether the true counts are known: the gate knows them, an outsider does not.
  private(set) var knowsTruth: Bool
  /// For each attribute, the categories that an outsider can name.
  let names: [Attribute: [String]]
  /// The attributes for which the data hold, or may hold, categories that nobody can name. Together they count as one
  /// category, which comes last.
  let hasOthers: Set<Attribute>
  /// The attributes in `hasOthers` with just one such category; its place is a single cell.
  let hasOneOther: Set<Attribute>
  /// For each attribute, the categories whose empty cells are published. A withheld cell that has only such categories
  /// can't be empty.
  let publicWhereEmpty: [Attribute: Set<Int>]
  /// Whether codes stand for groups, too.
  var rollsUpCodes = false
  /// Published counts are rounded to the nearest multiple of this; nil if they are exact.
  var roundTo: Int?
  /// True counts by place, for sets of single-valued attributes that no table counts by.
  var jointCounts: [[Attribute]: [Int]] = [:]
  /// True counts by profile; nil if they are not known.
  var profiles: AttackedProfiles?
  /// Whether the outsider uses the ties of `Tie.all` and what `top` reveals.
  var usesTies = true
  /// Whether each code is attacked by its own tables and the bounds of stays, not jointly with all stays unless these
  /// are few.
  var codesAreAlone = false
  /// Withheld stays that other counts show not to be empty, each by its categories.
  var populated: Set<[Attribute: Int]> = []
  var tables: [AttackedTable]

  /// The largest number of unknowns for which the linear program can be solved in minutes.
  private static let mostJointCells = 20_000

  /// How many categories of a single-valued attribute the attack distinguishes.
  func size(_ attribute: Attribute) -> Int { (names[attribute]?.count ?? 0) + (hasOthers.contains(attribute) ? 1 : 0) }

  func isNamed(_ category: Int, _ attribute: Attribute) -> Bool { category < names[attribute]?.count ?? 0 }

  subscript(_ cell: CellReference) -> AttackedCell { tables[cell.table].cells[cell.cell] }

  /// Lower and upper bound of a published cell: a rounded count stands for a range, and a nonzero count is at least k.
  func shown(_ cell: AttackedCell) -> (low: Int, high: Int) {
    guard let roundTo, cell.admissions > 0, !cell.isKnownExactly else { return (cell.admissions, cell.admissions) }
    let shown = rounded(cell.admissions, to: roundTo)
    return (max(minimumPatients, shown - roundTo / 2), shown + roundTo / 2)
  }

  /// Notes what the publication of a table's most frequent codes reveals.
  func noteTop(of table: inout AttackedTable) {
    table.noteTop(places: places(table.stay), mains: size(.mainDiagnosis), shown)
  }

  /// Whether a published cell could be withheld to protect another. An empty cell can't, because its absence would give
  /// it away; nor can a cell that an earlier release published.
  func canWithhold(_ cell: CellReference) -> Bool { self[cell].admissions > 0 && !self[cell].isFixed }

  /// Whether a joint table of the attributes is small enough to be solved.
  func isSolvable(_ attributes: Set<Attribute>) -> Bool {
    attributes.reduce(1) { min(Self.mostJointCells + 1, $0 * ($1.isMultiValued ? 2 : size($1))) } <= Self.mostJointCells
  }

  /// Whether some tables form a ring whose joint table is too large to be solved, so that the attack misses what these
  /// tables imply together.
  var hasUnsolvedRings: Bool {
    Set(tables.map(\.codes)).contains { codes in
      // Tables with codes are solved together with tables of stays and tables with fewer codes.
      let together = tables.filter { Set($0.codes).isSubset(of: codes) }.map { $0.stay + $0.codes }
      return !cliques(together).allSatisfy(isSolvable)
    }
  }

  /// Whether a withheld count is hidden well enough: certainly empty, or with bounds at least k - 1 apart.
  func isHidden(_ low: Int, _ high: Int) -> Bool { high == 0 || high - low >= minimumPatients - 1 }

  /// Whether an outsider can't tell that the withheld part of a sum is nonzero, or can't tell that it is below k. Cells
  /// that can be named are judged separately.
  func isBeyondKnowing(_ bounds: (low: Int, high: Int)) -> Bool { bounds.low == 0 || bounds.high >= minimumPatients }

  /// Whether tables of stays, one by one or in a chain, connect attributes that no table of the code has together, so
  /// that its counts by one bound those by another.
  ///
  /// - Parameter stays: the stays that the tables of the code count by.
  func tiesStays(_ stays: [[Attribute]]) -> Bool {
    let counted = Set(stays.joined())
    var parts: [Set<Attribute>] = []
    for table in tables where table.codes.isEmpty && !table.isCeiling && table.stay.count > 1 {
      let stay = Set(table.stay)
      let joined = parts.filter { !$0.isDisjoint(with: stay) }.reduce(stay) { $0.union($1) }
      parts = parts.filter { $0.isDisjoint(with: stay) } + [joined]
    }
    return parts.map(counted.intersection).contains { part in
      part.count > 1 && !stays.contains { part.isSubset(of: $0) }
    }
  }

  /// The attributes that a table of stays connects, though no table of codes counts by them all, given the stays that
  /// tables of codes count by.
  func frames(of stays: [[Attribute]]) -> [[Attribute]] {
    let counted = Set(stays.joined())
    let frames = Set(
      tables.filter { $0.codes.isEmpty && !$0.isCeiling }.map { $0.stay.filter(counted.contains) }
        .filter { frame in !stays.contains { Set(frame).isSubset(of: $0) } })
    return frames.filter { frame in !frames.contains { Set(frame).isStrictSubset(of: $0) } }
      .sorted { $0.lexicographicallyPrecedes($1) { $0.rawValue < $1.rawValue } }
  }

  /// Whether all tables of stays have few enough cells together to be solved with each code.
  var isSmall: Bool { tables.reduce(0) { $0 + ($1.codes.isEmpty ? places($1.stay).count : 0) } <= 1000 }

  /// Whether there are few enough places by the attributes for the system of one code.
  func isSmallFrame(_ stay: [Attribute]) -> Bool { places(stay).count <= 600 }

  /// Whether ties connect the codes of an attribute with tables of stays.
  func isTied(_ attribute: Attribute) -> Bool {
    guard usesTies, let band = attribute.countBand else { return false }
    let tied = attribute == .diagnosis ? [band, .mainDiagnosis] : [band]
    return tables.contains { $0.codes.isEmpty && !$0.isCeiling && tied.contains(where: $0.attributes.contains) }
  }

  /// Adds, for every table with codes, the unreleased tables that lack one of its code attributes.
  mutating func addCeilings() {
    var known = Set(tables.map { Set($0.attributes) })
    var next = 0
    while next < tables.count {
      for code in tables[next].codes where tables[next].attributes.count > 1 {
        let attributes = tables[next].attributes.filter { $0 != code }
        guard known.insert(Set(attributes)).inserted else { continue }
        tables.append(AttackedTable(attributes: attributes, isWhole: false, cells: [], isCeiling: true))
      }
      next += 1
    }
  }

  /// Whether a withheld cell can't be empty, because it would be published if it were.
  func cantBeEmpty(_ categories: [Int], _ attributes: [Attribute]) -> Bool {
    !attributes.isEmpty && zip(categories, attributes).allSatisfy { publicWhereEmpty[$1]?.contains($0) ?? false }
  }

  /// Whether a place is a single cell, not the sum of several.
  func isOneCell(_ categories: [Int], _ attributes: [Attribute]) -> Bool {
    zip(categories, attributes).allSatisfy { $1.isMultiValued || isNamed($0, $1) || hasOneOther.contains($1) }
  }
}

/// One table under attack. A cell's categories of single-valued attributes determine its stay, those of multi-valued
/// attributes its code.
struct AttackedTable: Sendable {
  let attributes: [Attribute]
  /// Whether the total is published; if so, a cell that is not listed is empty.
  var isWhole: Bool
  /// Published cells and, if the true counts are known, withheld ones; sorted by code, then by stay.
  var cells: [AttackedCell]
  /// See `Policy.topOfCodes`.
  var top: Int?
  /// The most admissions that a code beyond the top can have; nil if nothing reveals it. See `noteTop`.
  private(set) var mostBeyondTop: Int?
  /// The last code in byte order of those with the fewest admissions; nil if their exact number is not known.
  private(set) var lastOfTop: Int?
  /// The codes with a published cell, in a table with a top.
  private(set) var shownCodes: Set<Int> = []
  /// Whether the table is not released but bounds a released one from above: its cells contain cells of that table.
  var isCeiling = false
  /// Whether the table is not released and only its cells of too few patients must stay hidden: it says what is known
  /// about the real part of an evaluation.
  var isOfEvaluationSets = false

  /// Notes what the publication of the most frequent codes reveals: if the number of published codes is the number that
  /// the policy sets, no other code has more admissions than the rarest published one.
  ///
  /// Limit: of the published codes, only those of which no cell is withheld are compared.
  ///
  /// - Parameters:
  ///   - places: the places of the table's stays.
  ///   - mains: how many main diagnoses are distinguished.
  mutating func noteTop(places: Places, mains: Int, _ shown: (AttackedCell) -> (low: Int, high: Int)) {
    (mostBeyondTop, lastOfTop) = (nil, nil)
    guard let top else { return }
    // A main diagnosis is part of the stay.
    let axis = places.attributes.firstIndex(of: .mainDiagnosis)
    func ranked(_ cell: AttackedCell) -> Int {
      codes.isEmpty ? axis.map { places.categories(cell.stay)[$0] } ?? cell.stay : cell.code
    }
    let complete = codes.isEmpty ? places.count / max(1, mains) : places.count
    let published = cells.filter { $0.isPublished && $0.isOfRelease && $0.admissions > 0 }
    shownCodes = Set(published.map(ranked))
    guard shownCodes.count == top else { return }
    var sums: [Int: (low: Int, high: Int)] = [:]
    for (code, cells) in Dictionary(grouping: published, by: ranked) where cells.count == complete {
      sums[code] = cells.map(shown).reduce((0, 0)) { ($0.low + $1.low, $0.high + $1.high) }
    }
    guard let most = sums.values.map(\.high).min() else { return }
    let beyond = Dictionary(grouping: cells.filter { !shownCodes.contains(ranked($0)) }, by: ranked)
    if beyond.values.contains(where: { $0.reduce(0) { $0 + $1.admissions } > most }) { return }
    mostBeyondTop = most
    let rarest = sums.filter { $0.value.high == most }
    if rarest.values.allSatisfy({ $0.low == most }) { lastOfTop = rarest.keys.max() }
  }

  /// The most admissions that a code beyond the top can have; nil if nothing reveals it. Equal counts are ranked in
  /// byte order, the order in which codes are numbered.
  func mostBeyondTop(_ code: Int) -> Int? {
    if shownCodes.contains(code) { return nil }
    return mostBeyondTop.map { lastOfTop.map { code < $0 } == true ? $0 - 1 : $0 }
  }

  /// The table's single-valued attributes, in the order in which places are numbered.
  var stay: [Attribute] { Attribute.allCases.filter { attributes.contains($0) && !$0.isMultiValued } }
  /// The table's multi-valued attributes, in the order in which codes are numbered.
  var codes: [Attribute] { Attribute.allCases.filter { attributes.contains($0) && $0.isMultiValued } }
}

struct AttackedCell: Sendable {
  let code: Int
  let stay: Int
  var admissions: Int
  /// A lower bound on the number of distinct patients; 0 if the true counts are not known.
  var patients: Int
  var isPublished: Bool
  /// Whether an earlier release published the cell and its count has not changed.
  var isFixed = false
  /// Whether this release publishes the cell; an unchanged cell may be known from an earlier one only.
  var isOfRelease = true
  /// Whether its count is known without rounding.
  var isKnownExactly = false
  /// The number of the cell in the tally; nil for the sum of several cells, for an empty cell and for an outsider.
  var source: Int?
}

/// A cell of a table under attack.
struct CellReference: Hashable, Sendable {
  let table: Int
  let cell: Int
}
