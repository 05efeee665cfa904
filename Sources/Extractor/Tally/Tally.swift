internal import Shared

/// Raw counts of a policy's tables. Raw counts are patient data: they stay inside, and only `protect` takes them.
struct Tally: Sendable {
  let schema: SourceSchema
  let admissions: Int
  let tables: [TalliedTable]
  let titles: CodeTitles
}

/// One table's raw counts.
struct TalliedTable: Sendable {
  let request: Policy.TableRequest
  /// Every cell that some admission is in, by key in byte order.
  let cells: [TalliedCell]
}

/// One raw cell.
struct TalliedCell: Sendable {
  let key: [String]
  let admissions: Int
  /// Distinct patients behind those admissions.
  let patients: Int
}

/// Counts admissions and distinct patients for every table of the policy that the source can fill.
func tally(_ records: HospitalRecords, policy: Policy) -> Tally {
  let requests = policy.release.filter { $0.attributes.allSatisfy(records.schema.holds) }
  return Tally(
    schema: records.schema, admissions: records.admissionCount,
    tables: requests.map { TalliedTable(request: $0, cells: cells(records, $0.attributes)) },
    titles: records.titles)
}

private func cells(_ records: HospitalRecords, _ attributes: [Attribute]) -> [TalliedCell] {
  let columns = attributes.map { TableColumn($0, records) }
  var counts = CellCounts()
  for (admission, patient) in records.patients.enumerated() {
    for first in columns[0].ids(admission) {
      if columns.count == 1 {
        counts.add(CellKey(first), patient: patient)
        continue
      }
      for second in columns[1].ids(admission) {
        if columns.count == 2 {
          counts.add(CellKey(first, second), patient: patient)
          continue
        }
        for third in columns[2].ids(admission) {
          counts.add(CellKey(first, second, third), patient: patient)
        }
      }
    }
  }
  return counts.cells(columns)
}

/// One axis of a table: an admission's categories, whether it has one or many.
private enum TableColumn {
  case category(CategoryColumn)
  case codes(CodeColumn)

  init(_ attribute: Attribute, _ records: HospitalRecords) {
    if let column = records.categories[attribute] {
      self = .category(column)
    } else if let column = records.codes[attribute] {
      self = .codes(column)
    } else {
      preconditionFailure("the reader reads every attribute of the policy that the schema holds")
    }
  }

  func ids(_ admission: Int) -> ArraySlice<UInt32> {
    switch self {
    case .category(let column): column.ids[admission...admission]
    case .codes(let column): column.codes(of: admission)
    }
  }

  func name(_ id: UInt32) -> String {
    switch self {
    case .category(let column): column.names[Int(id)]
    case .codes(let column): column.names[Int(id)]
    }
  }
}

private struct CellKey: Hashable {
  private let ids: SIMD4<UInt32>

  init(_ first: UInt32, _ second: UInt32 = 0, _ third: UInt32 = 0) { ids = [first, second, third, 0] }

  subscript(axis: Int) -> UInt32 { ids[axis] }
}

/// Counts of cells. Admissions come grouped by patient, so that one remembered patient a cell tells distinct ones.
private struct CellCounts {
  private var places: [CellKey: Int] = [:]
  private var counts: [(admissions: Int, patients: Int, lastPatient: UInt32)] = []

  mutating func add(_ key: CellKey, patient: UInt32) {
    guard let place = places[key] else {
      places[key] = counts.count
      counts.append((1, 1, patient))
      return
    }
    counts[place].admissions += 1
    if counts[place].lastPatient != patient {
      counts[place].patients += 1
      counts[place].lastPatient = patient
    }
  }

  func cells(_ columns: [TableColumn]) -> [TalliedCell] {
    let unsorted = places.map { key, place in
      TalliedCell(
        key: columns.indices.map { columns[$0].name(key[$0]) },
        admissions: counts[place].admissions, patients: counts[place].patients)
    }
    return unsorted.sorted { $0.key.lexicographicallyPrecedes($1.key, by: byteOrder) }
  }
}

/// Order by the bytes of the text, the same on every machine.
func byteOrder(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}
