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
  let starts: [Int]
  let ids: [UInt32]
  let names: [String]

  func codes(of admission: Int) -> ArraySlice<UInt32> { ids[starts[admission]..<starts[admission + 1]] }

  /// Groups (admission, code) pairs, in whatever order they came, by admission.
  init(pairs: [Events.CodePair], admissionCount: Int, names: [String]) {
    var counts = [Int](repeating: 0, count: admissionCount + 1)
    for pair in pairs { counts[Int(pair.admission) + 1] += 1 }
    for index in 0..<admissionCount { counts[index + 1] += counts[index] }
    var grouped = [UInt32](repeating: 0, count: pairs.count)
    var next = counts
    for pair in pairs {
      grouped[next[Int(pair.admission)]] = pair.code
      next[Int(pair.admission)] += 1
    }
    var starts = [0]
    var ids: [UInt32] = []
    for admission in 0..<admissionCount {
      var last: UInt32?
      for code in grouped[counts[admission]..<counts[admission + 1]].sorted() where code != last {
        ids.append(code)
        last = code
      }
      starts.append(ids.count)
    }
    self.starts = starts
    self.ids = ids
    self.names = names
  }
}
