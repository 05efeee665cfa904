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
  /// The categories of each axis, which cells name by number.
  let categories: [[String]]
  /// Every cell that some admission is in, in no order.
  let cells: [TalliedCell]

  func key(_ cell: TalliedCell) -> [String] { categories.indices.map { categories[$0][Int(cell.ids[$0])] } }
}

/// One raw cell.
struct TalliedCell: Sendable {
  /// The number of the category on each axis; 0 beyond the table's axes.
  let ids: SIMD4<UInt32>
  let admissions: Int
  /// Distinct patients behind those admissions.
  let patients: Int
}

/// Counts admissions and distinct patients for every table of the policy that the source can fill.
func tally(_ records: HospitalRecords, policy: Policy) -> Tally {
  let requests = policy.release.filter { $0.attributes.allSatisfy(records.schema.holds) }
  let tables = sideBySide(requests.count) { number in
    let columns = requests[number].attributes.map { TableColumn($0, records) }
    return TalliedTable(
      request: requests[number], categories: columns.map(\.names), cells: cells(records, columns))
  }
  return Tally(
    schema: records.schema, admissions: records.admissionCount, tables: tables, titles: records.titles)
}

private func cells(_ records: HospitalRecords, _ columns: [TableColumn]) -> [TalliedCell] {
  var counts = CellCounts(columns.map(\.names.count))
  for (admission, patient) in records.patients.enumerated() {
    for first in columns[0].ids(admission) {
      if columns.count == 1 {
        counts.add(first, 0, 0, patient: patient)
        continue
      }
      for second in columns[1].ids(admission) {
        if columns.count == 2 {
          counts.add(first, second, 0, patient: patient)
          continue
        }
        for third in columns[2].ids(admission) { counts.add(first, second, third, patient: patient) }
      }
    }
  }
  return counts.cells
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

  var names: [String] {
    switch self {
    case .category(let column): column.names
    case .codes(let column): column.names
    }
  }
}

/// Counts of cells. Admissions come grouped by patient, so that one remembered patient a cell tells distinct ones.
private struct CellCounts {
  private let shifts: (second: Int, third: Int)
  private var places = IntegerIndex()
  private var ids: [SIMD4<UInt32>] = []
  private var counts: [(admissions: Int, patients: Int, lastPatient: UInt32)] = []

  /// - Parameter sizes: how many categories each axis has: their bits fit into one key.
  init(_ sizes: [Int]) {
    let bits = sizes.map { Int.bitWidth - $0.leadingZeroBitCount }
    shifts = (bits[0], bits[0] + (bits.count > 1 ? bits[1] : 0))
    precondition(bits.reduce(0, +) < 63, "no source has so many codes")
  }

  mutating func add(_ first: UInt32, _ second: UInt32, _ third: UInt32, patient: UInt32) {
    let key = Int(first) | Int(second) << shifts.second | Int(third) << shifts.third
    guard let place = places[key] else {
      _ = places.insert(key, UInt32(ids.count))
      ids.append([first, second, third, 0])
      counts.append((1, 1, patient))
      return
    }
    counts[Int(place)].admissions += 1
    if counts[Int(place)].lastPatient != patient {
      counts[Int(place)].patients += 1
      counts[Int(place)].lastPatient = patient
    }
  }

  var cells: [TalliedCell] {
    zip(ids, counts).map { TalliedCell(ids: $0, admissions: $1.admissions, patients: $1.patients) }
  }
}

/// Order by the bytes of the text, the same on every machine.
func byteOrder(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}
