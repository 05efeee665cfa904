internal import Shared

/// What attacks on one release have shown so far. A solution remains valid when more is withheld, so each attack
/// continues where the last one ended.
final class KnownSolutions {
  private var ranges: [Cell: (low: Int, high: Int)] = [:]
  /// Codes with no exposure, and how many of their cells were published at the time.
  private var hiddenCodes: [Code: Int] = [:]
  /// One feasible set of counts of all stays.
  var stays: StayCounts?

  struct Code: Hashable {
    let attributes: [Attribute]
    let code: Int
  }

  /// Whether a code had no exposure when this many of its cells were published. Withholding other cells can't expose
  /// it.
  func isHidden(_ code: Code, published: Int) -> Bool { hiddenCodes[code] == published }

  func noteHidden(_ code: Code, published: Int) { hiddenCodes[code] = published }

  struct Cell: Hashable {
    let attributes: [Attribute]
    let place: Int
  }

  /// The smallest and largest values that known solutions give a cell.
  subscript(_ cell: Cell) -> (low: Int, high: Int)? { ranges[cell] }

  func learn(_ found: [Cell: (low: Int, high: Int)]) { ranges.merge(found) { $1 } }
}
