internal import Shared

/// A release as an attacker holds it; and, inside the hospital before it is signed, with the true counts beside it.
struct AttackedRelease: Sendable {
  let minimumPatients: Int
  /// Whether the true counts are known, as they are to the gate and not to an outsider.
  let knowsTruth: Bool
  /// The categories that an outsider can name, of each attribute.
  let names: [Attribute: [String]]
  /// The attributes of which the data hold, or may hold, a category that nobody can name: all such are one category, the last.
  let hasOthers: Set<Attribute>
  /// Those of them of which it is just one category, so that who guesses it holds a cell.
  let hasOneOther: Set<Attribute>
  /// The categories of each attribute whose cells are published where they are empty, so that a withheld one is not.
  let publicWhereEmpty: [Attribute: Set<Int>]
  /// Published counts are rounded to the nearest multiple of this; nil: exact.
  var roundTo: Int?
  /// True counts of sets of single-valued attributes that no table counts by, by place.
  var jointCounts: [[Attribute]: [Int]] = [:]
  var tables: [AttackedTable]

  /// More unknowns than this, the linear programme does not solve in minutes.
  private static let mostJointCells = 20_000

  /// How many categories of a single-valued attribute the attack tells apart.
  func size(_ attribute: Attribute) -> Int { (names[attribute]?.count ?? 0) + (hasOthers.contains(attribute) ? 1 : 0) }

  func isNamed(_ category: Int, _ attribute: Attribute) -> Bool { category < names[attribute]?.count ?? 0 }

  subscript(_ cell: CellReference) -> AttackedCell { tables[cell.table].cells[cell.cell] }

  /// The least and the most that a published cell can hold: rounded counts leave a range, and none that is not 0 is under k.
  func shown(_ cell: AttackedCell) -> (low: Int, high: Int) {
    guard let roundTo, cell.admissions > 0, !cell.isKnownExactly else { return (cell.admissions, cell.admissions) }
    let shown = rounded(cell.admissions, to: roundTo)
    return (max(minimumPatients, shown - roundTo / 2), shown + roundTo / 2)
  }

  /// Whether a published cell could be withheld to protect another: an empty cell would show by being gone, and what an earlier
  /// release published can't be taken back.
  func canWithhold(_ cell: CellReference) -> Bool { self[cell].admissions > 0 && !self[cell].isFixed }

  /// Whether a joint table of the attributes is small enough to be solved.
  func isSolvable(_ attributes: Set<Attribute>) -> Bool {
    attributes.reduce(1) { min(Self.mostJointCells + 1, $0 * ($1.isMultiValued ? 2 : size($1))) } <= Self.mostJointCells
  }

  /// Whether the attack leaves out what tables in a ring imply together, as the joint table is too large.
  var hasUnsolvedRings: Bool {
    Set(tables.map(\.codes)).contains { codes in
      // Tables with codes are solved together with those of stays and of fewer codes.
      let together = tables.filter { Set($0.codes).isSubset(of: codes) }.map { $0.stay + $0.codes }
      return !cliques(together).allSatisfy(isSolvable)
    }
  }

  /// Whether a withheld count is hidden well enough: empty for certain, or k - 1 or more between its bounds.
  func isHidden(_ low: Int, _ high: Int) -> Bool { high == 0 || high - low >= minimumPatients - 1 }

  /// Whether an outsider can't tell that somebody is behind what a sum withholds, or that it is too few. A cell of it that he can name
  /// is judged by itself.
  func isBeyondKnowing(_ bounds: (low: Int, high: Int)) -> Bool { bounds.low == 0 || bounds.high >= minimumPatients }

  /// Adds, for every table with codes, the tables without one of them, unless they are released.
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

  /// Whether a withheld cell can't be empty, as it would be published then.
  func cantBeEmpty(_ categories: [Int], _ attributes: [Attribute]) -> Bool {
    !attributes.isEmpty && zip(categories, attributes).allSatisfy { publicWhereEmpty[$1]?.contains($0) ?? false }
  }

  /// Whether a place is one cell and not the sum of several.
  func isOneCell(_ categories: [Int], _ attributes: [Attribute]) -> Bool {
    zip(categories, attributes).allSatisfy { $1.isMultiValued || isNamed($0, $1) || hasOneOther.contains($1) }
  }
}

/// One table under attack. A cell's categories of single-valued attributes make its place in a stay, those of multi-valued ones
/// its code.
struct AttackedTable: Sendable {
  let attributes: [Attribute]
  /// The total is published, so that a cell that is not here is empty.
  var isWhole: Bool
  /// Published cells, and withheld ones where the truth is known; by code, then by stay.
  var cells: [AttackedCell]
  /// It is not released, but a cell of a released table is part of each of its cells: where they can't be large, that can't either.
  var isCeiling = false

  /// Its single-valued attributes, in the order that places are numbered by.
  var stay: [Attribute] { Attribute.allCases.filter { attributes.contains($0) && !$0.isMultiValued } }
  /// Its multi-valued attributes, in the order that codes are numbered by.
  var codes: [Attribute] { Attribute.allCases.filter { attributes.contains($0) && $0.isMultiValued } }
}

struct AttackedCell: Sendable {
  let code: Int
  let stay: Int
  var admissions: Int
  /// Distinct patients, at the least; 0 where the truth is not known.
  var patients: Int
  var isPublished: Bool
  /// An earlier release published it, and it has not changed.
  var isFixed = false
  /// Known without rounding.
  var isKnownExactly = false
  /// The cell of the tally that it is; nil for the sum of several, for an empty one, and to an outsider.
  var source: Int?
}

/// A cell of a table under attack.
struct CellReference: Hashable, Sendable {
  let table: Int
  let cell: Int
}
