internal import Shared

/// One table of the tally after the rules have been applied, with what earlier releases reveal about it.
struct DraftTable: Sendable {
  /// One verdict for each nonempty cell.
  let verdicts: [Verdict]
  /// Cells that an earlier release published and that have not changed.
  let known: [Int: EarlierKnowledge.Precision]
  /// The keys of the empty cells that are to be published or already were.
  let zeros: [[String]]
  /// Whether no cell is withheld; only then can the total be published.
  let isWhole: Bool
  /// Whether an earlier release published the table's total and nothing has changed.
  let isKnownWhole: Bool

  /// Whether an outsider sees the cell, in this release or in an earlier one.
  func isShown(_ cell: Int) -> Bool { verdicts[cell] == .publish || known[cell] != nil }
}

extension AttackedRelease {
  /// The draft of a release, with the true counts.
  ///
  /// - Parameter drafts: one for each table of the tally.
  init(_ tally: Tally, _ drafts: [DraftTable], under policy: Policy) {
    let named = namedCategories(tally, drafts, policy)
    let numbers = numbered(named)
    var others: [Attribute: Set<String>] = [:]
    for table in tally.tables {
      for (axis, attribute) in table.request.attributes.enumerated() where !attribute.isMultiValued {
        let unnamed = categories(of: table, axis) { _ in true }.filter { numbers[attribute]?[$0] == nil }
        if !unnamed.isEmpty { others[attribute, default: []].formUnion(unnamed) }
      }
    }
    // Some categories may have no admission with any code, so no table with codes counts them.
    for (attribute, occurring) in tally.profiles?.occurring ?? [:] {
      guard let numbers = numbers[attribute] else { continue }
      let unnamed = occurring.filter { numbers[$0] == nil }
      if !unnamed.isEmpty { others[attribute, default: []].formUnion(unnamed) }
    }
    self.init(
      minimumPatients: policy.protection.minimumPatients, knowsTruth: true, names: named, hasOthers: Set(others.keys),
      hasOneOther: Set(others.filter { $1.count == 1 }.keys),
      publicWhereEmpty: publicNumbers(named, policy), roundTo: policy.protection.roundTo, tables: [])
    rollsUpCodes = policy.protection.rollsUpCodes
    for (table, draft) in zip(tally.tables, drafts) { add(table, draft, numbers, policy) }
    addCeilings()
    for joint in tally.joints where isSolvable(Set(joint.attributes)) { add(joint, numbers) }
    profiles = tally.profiles.map { AttackedProfiles($0, numbers, self) }
  }

  private mutating func add(_ joint: JointCounts, _ numbers: [Attribute: [String: Int]]) {
    let places = places(joint.attributes)
    let ids = zip(joint.attributes, joint.categories).map { attribute, names in
      names.map { numbers[attribute]?[$0] ?? size(attribute) - 1 }
    }
    var counts = [Int](repeating: 0, count: places.count)
    joint.forEach { key, admissions in counts[places.place(zip(ids, key).map { $0[Int($1)] })] += admissions }
    jointCounts[joint.attributes] = counts
  }

  private mutating func add(
    _ table: TalliedTable, _ draft: DraftTable, _ numbers: [Attribute: [String: Int]], _ policy: Policy
  ) {
    let attributes = table.request.attributes
    var attacked = AttackedTable(
      attributes: attributes, isWhole: (draft.isWhole && roundTo == nil) || draft.isKnownWhole, cells: [])
    let numbering = CellNumbering(self, attacked)
    let ids = attributes.enumerated().map { axis, attribute in
      table.categories[axis].map { numbers[attribute]?[$0] ?? (attribute.isMultiValued ? -1 : size(attribute) - 1) }
    }
    // An empty cell has no source.
    var found: [(place: Int, source: Int?)] = []
    found.reserveCapacity(table.cells.count + draft.zeros.count)
    for (number, cell) in table.cells.enumerated() {
      if let place = numbering.place({ ids[$0][Int(cell.ids[$0])] }) { found.append((place, number)) }
    }
    for key in draft.zeros {
      if let place = numbering.place({ numbers[attributes[$0]]?[key[$0]] ?? -1 }) { found.append((place, nil)) }
    }
    found.sort { $0.place < $1.place }
    attacked.cells.reserveCapacity(found.count)
    for (place, source) in found {
      let (code, stay) = numbering.parts(place)
      let cell = source.map { table.cells[$0] }
      if let last = attacked.cells.indices.last, attacked.cells[last].code == code, attacked.cells[last].stay == stay {
        // Categories that nobody can name are merged into one.
        attacked.cells[last].admissions += cell?.admissions ?? 0
        attacked.cells[last].patients = max(attacked.cells[last].patients, cell?.patients ?? 0)
        attacked.cells[last].source = nil
      } else {
        attacked.cells.append(
          AttackedCell(
            code: code, stay: stay, admissions: cell?.admissions ?? 0, patients: cell?.patients ?? 0,
            isPublished: source.map { draft.isShown($0) } ?? true,
            isFixed: source.map { draft.known[$0] != nil } ?? true,
            isOfRelease: source.map { draft.verdicts[$0] == .publish } ?? true,
            isKnownExactly: source.map { draft.known[$0] == .exact } ?? true, source: source))
      }
    }
    attacked.top = policy.topOfCodes(table.request)
    attacked.isOfEvaluationSets = attributes.contains(.evaluationSet) && policy.request(over: attributes) == nil
    noteTop(of: &attacked)
    tables.append(attacked)
  }
}

/// The categories of an axis that occur in the wanted cells.
private func categories(of table: TalliedTable, _ axis: Int, _ isWanted: (_ cell: Int) -> Bool) -> [String] {
  var isThere = [Bool](repeating: false, count: table.categories[axis].count)
  for (number, cell) in table.cells.enumerated() where isWanted(number) { isThere[Int(cell.ids[axis])] = true }
  return zip(table.categories[axis], isThere).filter(\.1).map(\.0)
}

/// For each attribute, the categories that a published cell or the policy names, in byte order.
private func namedCategories(_ tally: Tally, _ drafts: [DraftTable], _ policy: Policy) -> [Attribute: [String]] {
  var names: [Attribute: Set<String>] = [:]
  for (table, draft) in zip(tally.tables, drafts) {
    for (axis, attribute) in table.request.attributes.enumerated() {
      names[attribute, default: Set(policy.publicCategories(of: attribute) ?? [])]
        .formUnion(categories(of: table, axis, draft.isShown))
    }
  }
  return names.mapValues { $0.sorted(by: byteOrder) }
}

extension Policy {
  /// The number of most frequent codes that a table publishes; nil unless the table counts by just one code attribute
  /// and codes are not rolled up.
  func topOfCodes(_ request: TableRequest?) -> Int? {
    guard let request, request.attributes.count(where: \.isCode) == 1, !protection.rollsUpCodes else { return nil }
    return request.top
  }

  /// What the policy says about a table; nil if it doesn't release it.
  func request(over attributes: [Attribute]) -> TableRequest? {
    release.first { Set($0.attributes) == Set(attributes) }
  }
}
