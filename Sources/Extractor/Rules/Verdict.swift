internal import Shared

/// What a rule is given about one cell: nothing but counts and whether the cell's categories are public.
struct CellEvidence: Equatable, Sendable {
  let admissions: Int
  /// Distinct patients behind those admissions.
  let patients: Int
  /// The most admissions that one of those patients has in the cell.
  let largest: Int
  /// How many patients have all that the cell names but one code, where they are few and not none.
  let patientsWithout: Int?
  /// Every category is named by the schema or the policy, so that naming the cell tells nothing about the data.
  let hasPublicKey: Bool
  /// Every code is among the table's most frequent ones, as many as the policy lets out.
  let isWithinTop: Bool
}

/// What a rule says of a cell. There is no default: a rule that can't decide has to withhold.
enum Verdict: Equatable, Sendable {
  case publish
  case withhold(because: Reason)

  enum Reason: Equatable, Sendable {
    case tooFewPatients
    /// One patient has more than half of the admissions.
    case onePatientDominates
    /// Too few patients have all but one code of the cell.
    case tooFewWithout
    case emptyCell
    case beyondTop
    /// Only an earlier release published the table.
    case notInPolicy
    /// Enough patients, but publishing it would help to compute a cell that is withheld.
    case wouldExposeAnother
  }
}

/// A rule: a pure function of evidence and policy.
typealias DisclosureRule = @Sendable (CellEvidence, Policy.Protection) -> Verdict

/// The rules in force, in the order in which they are asked. A cell leaves only if every one says so.
let disclosureRules: [DisclosureRule] = [
  codesBeyondTheTopStay, smallCellsAreSuppressed, noPatientDominatesACell, fewWithoutACodeAreASmallCell,
  zeroCellsNeedPublicCategories,
]

/// The first verdict that withholds, or `publish`.
func verdict(on cell: CellEvidence, under protection: Policy.Protection) -> Verdict {
  for rule in disclosureRules {
    switch rule(cell, protection) {
    case .publish: continue
    case .withhold(let reason): return .withhold(because: reason)
    }
  }
  return .publish
}
