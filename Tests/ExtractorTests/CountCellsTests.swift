import Shared
import Testing

@testable import Extractor

/// A cell's key, its admissions and the patients behind them, counted with sets: the plain way.
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

  /// An axis of so many categories, of which an admission has one or up to six.
  private mutating func axis(_ size: Int, isMultiValued: Bool) -> (axis: TableAxis, ids: [[UInt32]]) {
    let ids = patients.map { _ in
      let count = isMultiValued ? Int.random(in: 0...6, using: &random) : 1
      return Array(Set((0..<count).map { _ in UInt32(Int.random(in: 0..<size, using: &random) / 7 % size) }))
    }
    let names = (0..<size).map(String.init)
    guard isMultiValued else { return (.category(CategoryColumn(ids: ids.map { $0[0] }, names: names)), ids) }
    var runs = CodeRuns()
    for (admission, codes) in ids.enumerated() {
      for code in codes { runs.append(admission: UInt32(admission), code: code) }
    }
    return (.codes(CodeColumn([(runs, nil)], admissionCount: patients.count, names: names)), ids)
  }

  /// Small tables, tables with a long axis of either kind, and tables of more cells than an array would hold.
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

  @Test func scatteredRunsAreJoined() {
    var runs = CodeRuns()
    for _ in 0..<3 {
      for admission in [2, 0, 1] as [UInt32] {
        for code in [7, 7, admission] { runs.append(admission: admission, code: code) }
      }
    }
    var more = CodeRuns()
    more.append(admission: 1, code: 0)
    let names = (0..<9).map(String.init)
    let column = CodeColumn([(runs, nil), (more, [8])], admissionCount: 4, names: names)
    #expect((0..<4).map { column.codes(of: $0).sorted() } == [[0, 7], [1, 7, 8], [2, 7], []])
  }

  /// More rows than the first limit, each admission in many runs: folded on the way, and nothing lost.
  @Test func runsAreFoldedWhenTheyGrow() {
    var runs = CodeRuns(limit: 100)
    for round in 0..<50 {
      for admission in 0..<UInt32(20) {
        runs.append(admission: admission, code: UInt32(round % 5))
        runs.append(admission: admission, code: 5 + admission)
      }
    }
    #expect(runs.codes.count <= 2 * 6 * 20 + 2)
    let column = CodeColumn([(runs, nil)], admissionCount: 20, names: (0..<25).map(String.init))
    for admission in 0..<20 {
      #expect(column.codes(of: admission).sorted() == [0, 1, 2, 3, 4, UInt32(5 + admission)])
    }
  }
}
