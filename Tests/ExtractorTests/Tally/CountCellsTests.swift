import Shared
import Testing

@testable import Extractor

/// Each cell's admissions and patients by its key, counted simply, with sets.
private func plainCounts(_ patients: [UInt32], _ axes: [[[UInt32]]]) -> [[UInt32]: [Int]] {
  var admissions: [[UInt32]: Int] = [:]
  var people: [[UInt32]: Set<UInt32>] = [:]
  for (admission, patient) in patients.enumerated() {
    var keys: [[UInt32]] = [[]]
    for axis in axes { keys = keys.flatMap { key in axis[admission].map { key + [$0] } } }
    for key in keys {
      admissions[key, default: 0] += 1
      people[key, default: []].insert(patient)
    }
  }
  return admissions.reduce(into: [:]) { $0[$1.key] = [$1.value, people[$1.key]?.count ?? 0] }
}

@Suite struct CountCellsTests {
  private var random = SystemRandomNumberGenerator()
  private let patients: [UInt32]

  init() {
    var patients: [UInt32] = []
    for patient in 0..<UInt32(200) {
      patients += Array(repeating: patient, count: Int.random(in: 1...6, using: &random))
    }
    self.patients = patients
  }

  /// An axis with `size` categories, of which an admission has one, or up to six if the axis is multi-valued.
  private mutating func axis(_ size: Int, isMultiValued: Bool) -> (axis: TableAxis, ids: [[UInt32]]) {
    let ids = patients.map { _ in
      let count = isMultiValued ? Int.random(in: 0...6, using: &random) : 1
      return Array(Set((0..<count).map { _ in UInt32(Int.random(in: 0..<size, using: &random) / 7 % size) }))
    }
    let names = (0..<size).map(String.init)
    guard isMultiValued else { return (.category(CategoryColumn(ids: ids.map { $0[0] }, names: names)), ids) }
    let stretches = AdmissionStretches(patients.count)
    var runs = (0..<stretches.count).map { CodeRuns(stretches.admissions($0)) }
    for (admission, codes) in ids.enumerated() {
      for code in codes {
        runs[stretches.number(of: UInt32(admission))].append(admission: UInt32(admission), code: code)
      }
    }
    let numbers = (0..<UInt32(size)).map { $0 }
    return (.codes(CodeColumn([(runs, numbers)], stretches, names: names, threads: 2)), ids)
  }

  /// Tests small tables, tables with a long axis of either kind, and tables with more cells than an array would hold.
  @Test(arguments: [
    [(3, false)], [(3, true)], [(100_000, true)], [(5, false), (4, true)], [(9000, false), (8000, true)],
    [(2, false), (9, true), (12_000, true)], [(9000, true), (9000, true), (3, false)],
    [(6000, true), (7000, true), (8000, true)], [(90_000, false), (5, false), (4, true)],
  ])
  mutating func everyWayOfCountingCountsTheSame(_ shape: [(size: Int, isMultiValued: Bool)]) {
    let made = shape.map { axis($0.size, isMultiValued: $0.isMultiValued) }
    let expected = plainCounts(patients, made.map(\.ids))
    for threads in 1...3 {
      let counted = cells(patients, made.map(\.axis), threads: threads)
      let found = counted.map { cell in (made.indices.map { cell.ids[$0] }, [cell.admissions, cell.patients]) }
      #expect(Dictionary(found) { _, _ in [] } == expected, "\(shape), \(threads) threads")
    }
  }

  private func codes(_ grouped: GroupedCodes) -> [[UInt32]] {
    zip(grouped.starts, grouped.starts.dropFirst()).map { grouped.ids[$0..<$1].sorted() }
  }

  @Test func scatteredRunsAreJoined() {
    var runs = CodeRuns(10..<14)
    for _ in 0..<3 {
      for admission in [12, 10, 11] as [UInt32] {
        for code in [7, 7, admission - 10] { runs.append(admission: admission, code: code) }
      }
    }
    var more = CodeRuns(10..<14)
    more.append(admission: 11, code: 0)
    let grouped = GroupedCodes([(runs, nil), (more, [8])], 10..<14)
    #expect(codes(grouped) == [[0, 7], [1, 7, 8], [2, 7], []])
  }

  /// An admission's rows come in many runs, which are folded without losing anything.
  @Test func runsAreFoldedWhenTheyGrow() {
    var runs = CodeRuns(0..<20)
    for round in 0..<500 {
      for admission in 0..<UInt32(20) {
        runs.append(admission: admission, code: UInt32(round % 5))
        runs.append(admission: admission, code: 5 + admission)
      }
      #expect(runs.codes.count <= 2 * (6 * 20 + 4 * 20) + 2)
    }
    let expected = (0..<UInt32(20)).map { [0, 1, 2, 3, 4, 5 + $0] }
    #expect(codes(GroupedCodes([(runs, nil)], 0..<20)) == expected)
  }

  @Test(arguments: [1, 2, 63, 64, 65, 128, 129, 5000, 546_000]) func stretchesHoldEachAdmissionOnce(_ count: Int) {
    let stretches = AdmissionStretches(count)
    #expect(stretches.count <= 65)
    #expect((0..<stretches.count).flatMap { stretches.admissions($0) } == Array(0..<count))
    for admission in [0, count / 2, count - 1] {
      #expect(stretches.admissions(stretches.number(of: UInt32(admission))).contains(admission))
    }
  }
}
