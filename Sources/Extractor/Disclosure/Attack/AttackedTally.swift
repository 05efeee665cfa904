internal import Shared

/// What the rules said of one table of the tally.
struct DraftTable: Sendable {
  /// On every cell that somebody is in.
  let verdicts: [Verdict]
  /// The keys of the empty cells that are to be published.
  let zeros: [[String]]
  /// Nothing is withheld, so that the total is published.
  let isWhole: Bool
}

extension AttackedRelease {
  /// What would be released, with the true counts beside it.
  ///
  /// - Parameters:
  ///   - drafts: what the rules said, for each table of the tally.
  ///   - sources: takes, for each table and each of its attacked cells, the cell of the tally that it is; nil for sums of
  ///     several and for empty cells.
  init(_ tally: Tally, _ drafts: [DraftTable], under policy: Policy, sources: inout [[Int?]]) {
    let named = namedCategories(tally, drafts, policy)
    let numbers = named.mapValues { Dictionary(uniqueKeysWithValues: $0.enumerated().map { ($1, $0) }) }
    var others: [Attribute: Set<String>] = [:]
    for table in tally.tables {
      for (axis, attribute) in table.request.attributes.enumerated() where !attribute.isMultiValued {
        let unnamed = table.categories[axis].filter { numbers[attribute]?[$0] == nil }
        if !unnamed.isEmpty { others[attribute, default: []].formUnion(unnamed) }
      }
    }
    self.init(
      minimumPatients: policy.protection.minimumPatients, knowsTruth: true, names: named, hasOthers: Set(others.keys),
      hasOneOther: Set(others.filter { $1.count == 1 }.keys),
      publicWhereEmpty: publicNumbers(named, policy), tables: [])
    for (table, draft) in zip(tally.tables, drafts) { add(table, draft, numbers, &sources) }
  }

  private mutating func add(
    _ table: TalliedTable, _ draft: DraftTable, _ numbers: [Attribute: [String: Int]], _ sources: inout [[Int?]]
  ) {
    let attributes = table.request.attributes
    var attacked = AttackedTable(attributes: attributes, isWhole: draft.isWhole, cells: [])
    let numbering = CellNumbering(self, attacked)
    let ids = attributes.enumerated().map { axis, attribute in
      table.categories[axis].map { numbers[attribute]?[$0] ?? (attribute.isMultiValued ? -1 : size(attribute) - 1) }
    }
    var found: [(place: Int, source: Int)] = []
    found.reserveCapacity(table.cells.count + draft.zeros.count)
    for (number, cell) in table.cells.enumerated() {
      if let place = numbering.place(cell.ids, ids) { found.append((place, number)) }
    }
    for (number, key) in draft.zeros.enumerated() {
      let (code, stay) = numbering.place(zip(attributes, key).map { numbers[$0]?[$1] ?? 0 })
      found.append((code * numbering.stays + stay, -1 - number))
    }
    found.sort { $0 < $1 }
    var source: [Int?] = []
    attacked.cells.reserveCapacity(found.count)
    for (place, number) in found {
      let (code, stay) = place.quotientAndRemainder(dividingBy: numbering.stays)
      let cell = number < 0 ? nil : table.cells[number]
      if let last = attacked.cells.last, last.code == code, last.stay == stay, let cell {
        // Categories that nobody can name are one.
        attacked.cells[attacked.cells.count - 1].admissions += cell.admissions
        attacked.cells[attacked.cells.count - 1].patients = max(last.patients, cell.patients)
        source[source.count - 1] = nil
      } else {
        attacked.cells.append(
          AttackedCell(
            code: code, stay: stay, admissions: cell?.admissions ?? 0, patients: cell?.patients ?? 0,
            isPublished: number < 0 || draft.verdicts[number] == .publish))
        source.append(number < 0 ? nil : number)
      }
    }
    tables.append(attacked)
    sources.append(source)
  }
}

/// The categories of each attribute that a published cell or the policy names, in byte order.
private func namedCategories(_ tally: Tally, _ drafts: [DraftTable], _ policy: Policy) -> [Attribute: [String]] {
  var names: [Attribute: Set<String>] = [:]
  for (table, draft) in zip(tally.tables, drafts) {
    for (axis, attribute) in table.request.attributes.enumerated() {
      var isNamed = [Bool](repeating: false, count: table.categories[axis].count)
      for (cell, verdict) in zip(table.cells, draft.verdicts) where verdict == .publish {
        isNamed[Int(cell.ids[axis])] = true
      }
      names[attribute, default: Set(policy.publicCategories(of: attribute) ?? [])]
        .formUnion(zip(table.categories[axis], isNamed).filter(\.1).map(\.0))
    }
  }
  return names.mapValues { $0.sorted(by: byteOrder) }
}
