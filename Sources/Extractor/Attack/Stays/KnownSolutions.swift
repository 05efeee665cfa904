internal import Shared

/// What attacks on one release have shown so far. A solution remains valid when more is withheld, so each attack
/// continues where the last one ended.
final class KnownSolutions {
  private var ranges: [Cell: (low: Int, high: Int)] = [:]
  /// Codes with no exposure, and how many of their cells were published at the time.
  private var hiddenCodes: [AttackedCode: Int] = [:]
  /// One feasible set of counts of all stays.
  var stays: StayCounts?

  /// Whether no attack has found anything yet.
  var isEmpty: Bool { ranges.isEmpty }

  /// Whether a code had no exposure when this many of its cells were published. Withholding other cells can't expose
  /// it.
  func isHidden(_ code: AttackedCode, published: Int) -> Bool { hiddenCodes[code] == published }

  func noteHidden(_ code: AttackedCode, published: Int) { hiddenCodes[code] = published }

  /// A cell, or the sum of the withheld cells that are part of a place of a margin.
  struct Cell: Hashable {
    let attributes: [Attribute]
    let place: Int
    /// The margin's attributes; nil for a cell.
    var margin: [Attribute]?
    /// How many cells of the sum are published. If fewer are, more are withheld, and their sum is another count.
    var published = 0
  }

  /// The smallest and largest values that known solutions give a cell or a sum.
  subscript(_ cell: Cell) -> (low: Int, high: Int)? { ranges[cell] }

  func learn(_ found: [Cell: (low: Int, high: Int)]) { ranges.merge(found) { $1 } }
}
