internal import Shared

/// Checks whether results that were counted one after another come from the same state of the database.
///
/// Claim: if a table and another result count admissions by the same attributes, directly or after summing over
/// single-valued ones, their counts are equal. All results that count admissions agree on how many admissions the
/// cohort has, and all tables agree on how many patients.
struct CountsAgreement {
  var admissions: Int { cohort?.heading.admissions ?? 0 }
  private var cohort: (heading: CountedRows.Heading, name: String)?
  private var patients: (count: Int, name: String)?
  private var known: [[Attribute]: (name: String, counts: [SIMD4<UInt32>: Int])] = [:]

  /// How many results give counts by each set of attributes. Counts that only one result gives can't be compared.
  private let told: [[Attribute]: Int]

  init(_ results: [CountedResult]) {
    var told: [[Attribute]: Int] = [:]
    for result in results {
      if case .table(let request) = result {
        for axes in Self.sums(request.attributes) { told[axes.map { request.attributes[$0] }, default: 0] += 1 }
      }
    }
    let joints = results.filter { if case .together = $0 { true } else { false } }.map(\.attributes)
    self.told = told.reduce(into: [:]) { all, sum in
      all[sum.key] = sum.value + joints.count { Self.canSum($0, to: sum.key) }
    }
  }

  mutating func take(
    _ table: TalliedTable, of heading: CountedRows.Heading, _ result: CountedResult
  ) throws(CloisterError) {
    try take(heading, result)
    if let first = patients, first.count != heading.patients { throw contradiction(first.name, result.title) }
    patients = (heading.patients, result.title)
    if table.cells.contains(where: { $0.admissions > heading.admissions || $0.patients > heading.patients }) {
      throw contradiction("a cell of \(result.title)", "its cohort")
    }
    let attributes = table.request.attributes
    for axes in Self.sums(attributes) where told[axes.map { attributes[$0] }] ?? 0 > 1 || axes.isEmpty {
      var counts: [SIMD4<UInt32>: Int] = [:]
      for cell in table.cells { counts[Self.key(axes) { cell.ids[$0] }, default: 0] += cell.admissions }
      try compare(counts, axes.map { attributes[$0] }, result)
    }
  }

  mutating func take(
    _ joint: JointCounts, of heading: CountedRows.Heading, _ result: CountedResult
  ) throws(CloisterError) {
    try take(heading, result)
    for attributes in known.keys where Self.canSum(joint.attributes, to: attributes) {
      let axes = attributes.compactMap(joint.attributes.firstIndex)
      var counts: [SIMD4<UInt32>: Int] = [:]
      joint.forEach { key, admissions in
        counts[Self.key(axes) { key[key.startIndex + $0] }, default: 0] += admissions
      }
      try compare(counts, attributes, result)
    }
  }

  /// Whether counts by some attributes add up to those by fewer: an admission has any number of codes, so a sum over
  /// codes counts nothing.
  private static func canSum(_ attributes: [Attribute], to fewer: [Attribute]) -> Bool {
    fewer.allSatisfy(attributes.contains)
      && Set(attributes.filter(\.isMultiValued)) == Set(fewer.filter(\.isMultiValued))
  }

  private mutating func take(_ heading: CountedRows.Heading, _ result: CountedResult) throws(CloisterError) {
    if let first = cohort, first.heading.admissions != heading.admissions {
      throw contradiction(first.name, result.title)
    }
    if cohort == nil {
      cohort = (heading, result.title)
      known[[]] = (result.title, heading.admissions == 0 ? [:] : [SIMD4(): heading.admissions])
    }
  }

  /// The sets of axes that remain when some single-valued ones are summed over, each ordered by attribute name.
  private static func sums(_ attributes: [Attribute]) -> [[Int]] {
    let ordered = attributes.indices.sorted { attributes[$0].rawValue < attributes[$1].rawValue }
    return (0..<(1 << attributes.count)).map { set in ordered.filter { set >> $0 & 1 == 1 } }
      .filter { kept in attributes.indices.allSatisfy { kept.contains($0) || !attributes[$0].isMultiValued } }
  }

  private static func key(_ axes: [Int], _ id: (Int) -> UInt32) -> SIMD4<UInt32> {
    var key = SIMD4<UInt32>()
    for (lane, axis) in axes.enumerated() { key[lane] = id(axis) }
    return key
  }

  private mutating func compare(
    _ counts: [SIMD4<UInt32>: Int], _ attributes: [Attribute], _ result: CountedResult
  ) throws(CloisterError) {
    if let first = known[attributes] {
      guard first.counts == counts.filter({ $0.value > 0 }) else { throw contradiction(first.name, result.title) }
    } else {
      known[attributes] = (result.title, counts)
    }
  }

  private func contradiction(_ first: String, _ second: String) -> CloisterError {
    CloisterError(
      .inputRefused, "the counts of \(first) and of \(second) contradict each other",
      hint: "rerun the whole file of queries; the database changed between two of them, or a result was changed")
  }
}
