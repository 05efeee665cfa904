internal import Shared

extension AttackedRelease {
  /// The release as an outsider sees it: a bundle's statistics and its policy.
  ///
  /// - Parameter listsAreComplete: whether an attribute with public categories has no others in the data.
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
      publicWhereEmpty: publicNumbers(sorted, policy), roundTo: policy.protection.roundTo, tables: [])
    rollsUpCodes = policy.protection.rollsUpCodes
    let numbers = numbered(sorted)
    for table in statistics.tables {
      var attacked = AttackedTable(attributes: table.attributes, isWhole: table.total != nil, cells: [])
      let numbering = CellNumbering(self, attacked)
      attacked.cells = table.cells.map { cell in
        let place = numbering.place { axis in numbers[table.attributes[axis]]?[cell.key[axis]] ?? 0 } ?? 0
        let (code, stay) = numbering.parts(place)
        return AttackedCell(code: code, stay: stay, admissions: cell.count, patients: 0, isPublished: true)
      }.sorted { ($0.code, $0.stay) < ($1.code, $1.stay) }
      attacked.top = policy.topOfCodes(policy.request(over: table.attributes))
      noteTop(of: &attacked)
      tables.append(attacked)
    }
    addCeilings()
  }
}
