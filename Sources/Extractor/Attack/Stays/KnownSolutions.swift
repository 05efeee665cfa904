internal import Shared

/// What attacks on one release have shown so far. A solution stays one when more is withheld, so each attack goes on where the last
/// one ended.
final class KnownSolutions {
  private var ranges: [Cell: (low: Int, high: Int)] = [:]
  /// Codes of which nothing was exposed, with how many of their cells were published then.
  private var hiddenCodes: [Code: Int] = [:]
  /// One way in which all stays can be.
  var stays: StayCounts?

  struct Code: Hashable {
    let attributes: [Attribute]
    let code: Int
  }

  /// Whether nothing of a code was exposed when as many of its cells were published; to withhold others can't expose it.
  func isHidden(_ code: Code, published: Int) -> Bool { hiddenCodes[code] == published }

  func noteHidden(_ code: Code, published: Int) { hiddenCodes[code] = published }

  struct Cell: Hashable {
    let attributes: [Attribute]
    let place: Int
  }

  /// The values of a cell that known solutions have.
  subscript(_ cell: Cell) -> (low: Int, high: Int)? { ranges[cell] }

  func learn(_ found: [Cell: (low: Int, high: Int)]) { ranges.merge(found) { $1 } }
}
