internal import Shared

/// What an attack found: the exposed counts and, of the other cells, those with the narrowest bounds.
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

/// A guarded count with the bounds found for it.
struct Finding {
  let low: Int
  let high: Int
  let isHidden: Bool
  /// Whether the count is the withheld part of a sum and not a cell.
  var isRemainder = false
  /// The count's name, and the cells that could be withheld to hide it; computed on demand, because few are needed.
  let details: () -> (what: String, remedies: Remedies)

  var exposure: Exposure {
    let details = details()
    return Exposure(what: details.what, low: low, high: high, remedies: details.remedies)
  }
}

/// A count that the release reveals, exactly or too closely.
struct Exposure: Sendable {
  /// The count's name in a report: its table and categories.
  let what: String
  let low: Int
  let high: Int
  let remedies: Remedies
}

/// Published cells; withholding one of them could hide a count.
struct Remedies: Sendable {
  /// Cells of the same table that, together with the count, add up to a published sum.
  var beside: [Remedy] = []
  /// The published sums themselves, which are cells of other tables; other counts may depend on them too.
  var above: [Remedy] = []

  struct Remedy: Sendable {
    let cell: CellReference
    /// Admissions that would be lost, including those of cells that must then be withheld too.
    let cost: Int
  }

  var all: [Remedy] { beside + above }
}
