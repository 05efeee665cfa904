internal import Shared

/// What an attack found: the exposed counts and, of the other cells, those with the narrowest bounds.
struct Findings {
  private(set) var exposures: [Exposure] = []
  private(set) var narrowest: [BoundedCell] = []

  /// A count that is hidden well enough, with its bounds.
  struct BoundedCell: Sendable {
    let what: String
    let low: Int
    let high: Int
  }

  private static let most = 10

  /// - Parameter code: the code, or combination of codes, whose tables were attacked; nil for tables without codes.
  mutating func add(_ findings: [Finding], of code: AttackedCode? = nil) {
    for finding in findings {
      if !finding.isHidden {
        exposures.append(finding.exposure(of: code))
      } else if finding.high > 0, finding.isCell {
        addNarrow(finding)
      }
    }
  }

  private mutating func addNarrow(_ finding: Finding) {
    let width = finding.high - finding.low
    let place = narrowest.firstIndex { $0.high - $0.low > width } ?? narrowest.count
    guard place < Self.most else { return }
    narrowest.insert(BoundedCell(what: finding.details().what, low: finding.low, high: finding.high), at: place)
    if narrowest.count > Self.most { narrowest.removeLast() }
  }
}

/// A guarded count with the bounds found for it.
struct Finding {
  let low: Int
  let high: Int
  let isHidden: Bool
  /// Whether the count is a withheld cell of a released table, and not part of a sum or a sum of cells.
  var isCell = true
  /// The count's name, and the cells that could be withheld to hide it; computed on demand, because few are needed.
  let details: () -> (what: String, remedies: Remedies)

  func exposure(of code: AttackedCode?) -> Exposure {
    let details = details()
    return Exposure(what: details.what, low: low, high: high, remedies: details.remedies, code: code)
  }
}

/// A count that the release reveals, exactly or too closely.
struct Exposure: Sendable {
  /// The count's name in a report: its table and categories.
  let what: String
  let low: Int
  let high: Int
  let remedies: Remedies
  /// The code, or combination of codes, that the count is of; nil if it is of none.
  let code: AttackedCode?
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
