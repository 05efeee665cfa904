internal import Shared

/// A cohort's records as columns, admissions grouped by patient. This is patient-level data: it stays in memory, and only
/// `Tally` takes it.
struct HospitalRecords: Sendable {
  let schema: SourceSchema
  /// For each admission its patient, counted from 0; patients come one behind the other.
  let patients: [UInt32]
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

  @inline(__always)
  func codes(of admission: Int) -> ArraySlice<UInt32> { ids[starts[admission]..<starts[admission + 1]] }

  /// Groups runs, in whatever order they came, by admission.
  ///
  /// - Parameter parts: each with the numbers in `names` of its codes; nil where they are the same.
  init(_ parts: [(runs: CodeRuns, numbers: [UInt32]?)], admissionCount: Int, names: [String]) {
    self.names = names
    starts = [Int](repeating: 0, count: admissionCount + 1)
    for (runs, _) in parts {
      for run in runs.runs.indices { starts[Int(runs.runs[run].admission) + 1] += runs.range(of: run).count }
    }
    for admission in 0..<admissionCount { starts[admission + 1] += starts[admission] }
    ids = [UInt32](repeating: 0, count: starts[admissionCount])
    var next = starts
    var hasRuns = [Bool](repeating: false, count: admissionCount)
    var isScattered = hasRuns
    for (runs, numbers) in parts {
      for run in runs.runs.indices {
        let admission = Int(runs.runs[run].admission)
        if hasRuns[admission] { isScattered[admission] = true }
        hasRuns[admission] = true
        var place = next[admission]
        for code in runs.codes[runs.range(of: run)] {
          ids[place] = numbers?[Int(code)] ?? code
          place += 1
        }
        next[admission] = place
      }
    }
    if isScattered.contains(true) { dropDoubled(isScattered) }
  }

  /// Leaves each code of the marked admissions once, and closes the gaps.
  private mutating func dropDoubled(_ isScattered: [Bool]) {
    var lastSeen: [Int] = Array(repeating: -1, count: Int(ids.max() ?? 0) + 1)
    var end = 0
    for admission in isScattered.indices {
      let range = starts[admission]..<starts[admission + 1]
      starts[admission] = end
      for place in range {
        let code = ids[place]
        if isScattered[admission] {
          if lastSeen[Int(code)] == admission { continue }
          lastSeen[Int(code)] = admission
        }
        ids[end] = code
        end += 1
      }
    }
    starts[isScattered.count] = end
    ids.removeLast(ids.count - end)
  }
}
