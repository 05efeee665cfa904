internal import Shared

/// What an attack found: the counts that are exposed, and of the other cells those with the narrowest bounds.
struct Findings {
  private(set) var exposures: [Exposure] = []
  private(set) var weakest: [Weakest] = []

  /// A count that is hidden well enough, with its bounds.
  struct Weakest: Sendable {
    let what: String
    let low: Int
    let high: Int
  }

  private static let most = 10

  mutating func add(_ findings: [Finding]) {
    for finding in findings {
      if !finding.isHidden {
        exposures.append(finding.exposure)
      } else if finding.high > 0, !finding.isRemainder {
        addWeakest(finding)
      }
    }
  }

  private mutating func addWeakest(_ finding: Finding) {
    let width = finding.high - finding.low
    let place = weakest.firstIndex { $0.high - $0.low > width } ?? weakest.count
    guard place < Self.most else { return }
    weakest.insert(Weakest(what: finding.details().what, low: finding.low, high: finding.high), at: place)
    if weakest.count > Self.most { weakest.removeLast() }
  }
}

/// A guarded count with the bounds that were found.
struct Finding {
  let low: Int
  let high: Int
  let isHidden: Bool
  /// It is what a sum withholds in all, and no cell.
  var isRemainder = false
  /// What it is, and what could be withheld to hide it: worked out for the few that are asked for.
  let details: () -> (what: String, remedies: Remedies)

  var exposure: Exposure {
    let details = details()
    return Exposure(what: details.what, low: low, high: high, remedies: details.remedies)
  }
}

/// A count that the release gives away, or too nearly.
struct Exposure: Sendable {
  /// The table, or the tables, that it is computed from.
  let what: String
  let low: Int
  let high: Int
  let remedies: Remedies
}

/// Published cells of which withholding one could hide a count.
struct Remedies: Sendable {
  /// Cells of the same table that add up with it to a published sum.
  var beside: [Remedy] = []
  /// Those sums: cells of other tables, on which more may hang.
  var above: [Remedy] = []

  struct Remedy: Sendable {
    let cell: CellReference
    /// Admissions that would be lost, those of cells that must follow included.
    let cost: Int
  }

  var all: [Remedy] { beside + above }
}
