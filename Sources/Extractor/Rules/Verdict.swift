internal import Shared

/// All that a rule learns about one cell: its counts, whether its categories are public, and whether its codes are
/// frequent.
struct CellEvidence: Equatable, Sendable {
  let admissions: Int
  /// The number of distinct patients with those admissions.
  let patients: Int
  /// The most admissions that one of those patients has in the cell.
  let largest: Int
  /// How many patients have everything that the cell names except one code; nil if the number is 0 or at least k.
  let patientsWithout: Int?
  /// Whether the schema or the policy names every category; if so, naming the cell reveals nothing about the data.
  let hasPublicKey: Bool
  /// Whether every code is among the table's most frequent ones, up to the number that the policy publishes.
  let isWithinTop: Bool
}

/// A rule's decision about a cell. There is no default: a rule that can't decide must withhold.
enum Verdict: Equatable, Sendable {
  case publish
  case withhold(because: Reason)

  enum Reason: Equatable, Sendable {
    case tooFewPatients
    /// One patient has more than half of the admissions.
    case onePatientDominates
    /// Too few patients have everything that the cell names except one code.
    case tooFewWithout
    case emptyCell
    case beyondTop
    /// An earlier release told the count, and the difference would be a count of too few patients.
    case changedTooLittle
    /// Only an earlier release published the table.
    case notInPolicy
    /// The cell has enough patients, but publishing it would help an attacker to compute a withheld cell.
    case wouldExposeAnother
  }
}

/// A rule is a pure function of evidence and policy.
typealias DisclosureRule = @Sendable (CellEvidence, Policy.Protection) -> Verdict

/// The rules in force, in the order in which they apply. A cell is published only if every rule agrees.
let disclosureRules: [DisclosureRule] = [
  codesBeyondTheTopStay, smallCellsAreSuppressed, noPatientDominatesACell, fewWithoutACodeAreASmallCell,
  zeroCellsNeedPublicCategories,
]

/// The first verdict that withholds the cell, or `publish` if there is none.
func verdict(on cell: CellEvidence, under protection: Policy.Protection) -> Verdict {
  for rule in disclosureRules {
    switch rule(cell, protection) {
    case .publish: continue
    case .withhold(let reason): return .withhold(because: reason)
    }
  }
  return .publish
}
