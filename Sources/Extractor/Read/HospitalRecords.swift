internal import Shared

/// A cohort's records as columns, with admissions grouped by patient. This is patient-level data: it stays in memory,
/// and only its `Tally` goes to `protect`.
struct HospitalRecords: Sendable {
  let schema: SourceSchema
  /// For each admission, its patient, numbered from 0. A patient's admissions are adjacent.
  let patients: [UInt32]
  /// For each patient, the `subject_id`, used only to compare two folders; empty in records derived from others.
  var subjects: [Int] = []
  /// For each admission, the `hadm_id`, used only to draw lots for noise; empty in records derived from others.
  var hadmIDs: [Int] = []
  let categories: [Attribute: CategoryColumn]
  let codes: [Attribute: CodeColumn]
  /// The titles of all codes in the source's own dictionaries.
  let titles: CodeTitles
  /// What was found while the tables were read; empty in records derived from others.
  var findings = InputFindings()

  var admissionCount: Int { patients.count }
}

/// What was found while a hospital's tables were read.
struct InputFindings: Sendable {
  /// In reading order.
  var tables: [TableFindings] = []
  /// For each group of codes, how many admissions have each code; only for diagnoses and procedures.
  var codeUses: [String: [String: Int]] = [:]
  /// For each group of codes with a dictionary of the source's own, its file.
  var dictionaryFiles: [String: String] = [:]
  /// For each of these dictionaries of ICD codes, what its codes tell about leading zeros.
  var dictionaryZeros: [LeadingZeros] = []
}

/// One category per admission.
struct CategoryColumn: Sendable {
  /// For each admission, the index of its category in `names`.
  let ids: [UInt32]
  let names: [String]
}

/// Any number of codes per admission, with no code listed twice.
struct CodeColumn: Sendable {
  /// Where each admission's codes begin in `ids`; the last element is where the last admission's codes end.
  private(set) var starts: [Int]
  private(set) var ids: [UInt32]
  let names: [String]

  /// - Parameter codes: the codes of each admission.
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

  /// The column without each admission's main diagnosis. Returns the same column if no admission lists it again.
  ///
  /// - Parameter mains: for each admission, the number of its main diagnosis, or any number that no code has.
  func without(_ mains: [UInt32]) -> CodeColumn {
    guard mains.indices.contains(where: { codes(of: $0).contains(mains[$0]) }) else { return self }
    return CodeColumn(
      mains.indices.map { admission in codes(of: admission).filter { $0 != mains[admission] } }, names: names)
  }

  /// Groups runs by admission, whatever their order.
  ///
  /// - Parameters:
  ///   - parts: for each part, its runs by stretch of admissions, and the numbers of its codes in `names`.
  ///   - threads: how many threads to use.
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
