internal import Shared

extension AttackedRelease {
  /// What an outsider holds: the statistics of a bundle and its policy.
  ///
  /// - Parameter listsAreComplete: whether the data hold no category beyond the public ones of an attribute that has such.
  init(_ statistics: Statistics, under policy: Policy, listsAreComplete: Bool) {
    var names: [Attribute: Set<String>] = [:]
    for table in statistics.tables {
      for (axis, attribute) in table.attributes.enumerated() {
        names[attribute, default: Set(policy.publicCategories(of: attribute) ?? [])]
          .formUnion(table.cells.map { $0.key[axis] })
      }
    }
    let sorted = names.mapValues { $0.sorted(by: byteOrder) }
    let isPublic: (Attribute) -> Bool = { policy.publicCategories(of: $0) != nil }
    self.init(
      minimumPatients: statistics.minimumPatients, knowsTruth: false, names: sorted,
      hasOthers: Set(names.keys.filter { !$0.isMultiValued && !(isPublic($0) && listsAreComplete) }),
      hasOneOther: [],
      publicWhereEmpty: publicNumbers(sorted, policy), tables: [])
    let numbers = sorted.mapValues { Dictionary(uniqueKeysWithValues: $0.enumerated().map { ($1, $0) }) }
    for table in statistics.tables {
      var attacked = AttackedTable(attributes: table.attributes, isWhole: table.total != nil, cells: [])
      let numbering = CellNumbering(self, attacked)
      attacked.cells = table.cells.map { cell in
        let ids = zip(table.attributes, cell.key).map { numbers[$0]?[$1] ?? 0 }
        let (code, stay) = numbering.place(ids)
        return AttackedCell(code: code, stay: stay, admissions: cell.count, patients: 0, isPublished: true)
      }.sorted { ($0.code, $0.stay) < ($1.code, $1.stay) }
      tables.append(attacked)
    }
  }
}

/// The numbers of the categories whose empty cells the policy publishes.
func publicNumbers(_ names: [Attribute: [String]], _ policy: Policy) -> [Attribute: Set<Int>] {
  guard policy.protection.publishesZeroCells else { return [:] }
  var numbers: [Attribute: Set<Int>] = [:]
  for (attribute, names) in names {
    guard let known = policy.publicCategories(of: attribute).map({ Set($0) }) else { continue }
    numbers[attribute] = Set(names.indices.filter { known.contains(names[$0]) })
  }
  return numbers
}

/// Where a table's cells lie: from the numbers of their categories to code and stay.
struct CellNumbering: Sendable {
  private let codeAxes: [(axis: Int, size: Int)]
  private let stayAxes: [(axis: Int, size: Int)]

  init(_ release: AttackedRelease, _ table: AttackedTable) {
    func axes(_ attributes: [Attribute]) -> [(axis: Int, size: Int)] {
      attributes.map { (table.attributes.firstIndex(of: $0) ?? 0, release.size($0)) }
    }
    codeAxes = axes(table.codes)
    stayAxes = axes(table.stay)
  }

  /// How many places of stays there are.
  var stays: Int { stayAxes.reduce(1) { $0 * $1.size } }

  /// Code and stay in one number, code first; nil where a code can't be named.
  @inline(__always)
  func place(_ ids: SIMD4<UInt32>, _ numbers: [[Int]]) -> Int? {
    var place = 0
    for (axis, size) in codeAxes {
      let number = numbers[axis][Int(ids[axis])]
      if number < 0 { return nil }
      place = place * size + number
    }
    for (axis, size) in stayAxes { place = place * size + numbers[axis][Int(ids[axis])] }
    return place
  }

  /// - Parameter ids: the number of the category on each of the table's axes.
  func place(_ ids: [Int]) -> (code: Int, stay: Int) {
    (
      codeAxes.reduce(0) { $0 * $1.size + ids[$1.axis] },
      stayAxes.reduce(0) { $0 * $1.size + ids[$1.axis] }
    )
  }
}
