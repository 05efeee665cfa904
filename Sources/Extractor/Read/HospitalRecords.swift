internal import Shared

/// A cohort's records as columns, admissions grouped by patient. This is patient-level data: it stays in memory, and only
/// `Tally` takes it.
struct HospitalRecords: Sendable {
  let schema: SourceSchema
  /// For each admission its patient, counted from 0; patients come one behind the other.
  let patients: [UInt32]
  /// For each patient the `subject_id`, by which two folders are compared and nothing else; empty where nobody compares.
  var subjects: [Int] = []
  /// For each admission the `hadm_id`, by which lots are drawn where there is noise, and nothing else; empty where nobody draws.
  var hadmIDs: [Int] = []
  let categories: [Attribute: CategoryColumn]
  let codes: [Attribute: CodeColumn]
  /// What the source's own dictionaries say of all codes.
  let titles: CodeTitles

  var admissionCount: Int { patients.count }
}

/// One category an admission.
struct CategoryColumn: Sendable {
  /// For each admission the index of its category in `names`.
  let ids: [UInt32]
  let names: [String]
}

/// Any number of codes an admission, each once.
struct CodeColumn: Sendable {
  /// Where each admission's codes begin in `ids`, and, last, where they end.
  private(set) var starts: [Int]
  private(set) var ids: [UInt32]
  let names: [String]

  /// - Parameter codes: each admission's.
  init(_ codes: [[UInt32]], names: [String]) {
    self.names = names
    starts = [0]
    ids = []
    for admission in codes {
      ids += admission
      starts.append(ids.count)
    }
  }

  @inline(__always)
  func codes(of admission: Int) -> ArraySlice<UInt32> { ids[starts[admission]..<starts[admission + 1]] }

  /// Groups runs, in whatever order they came, by admission.
  ///
  /// - Parameters:
  ///   - parts: each with its runs by stretch of admissions, and the numbers in `names` of its codes.
  ///   - threads: how many work on it.
  init(
    _ parts: [(runs: [CodeRuns], numbers: [UInt32])], _ stretches: AdmissionStretches, names: [String], threads: Int
  ) {
    self.names = names
    let grouped = sideBySide(stretches.count, threads: threads) { number in
      GroupedCodes(parts.map { (runs: $0.runs[number], numbers: $0.numbers) }, stretches.admissions(number))
    }
    starts = [0]
    ids = []
    ids.reserveCapacity(grouped.reduce(0) { $0 + $1.ids.count })
    for stretch in grouped {
      starts += stretch.starts.dropFirst().map { $0 + ids.count }
      ids += stretch.ids
    }
  }
}
