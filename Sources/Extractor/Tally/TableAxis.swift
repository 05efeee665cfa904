internal import Shared

/// One axis of a table: each admission's single category, or its codes.
enum TableAxis: Sendable {
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

  @inline(__always)
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

  var isMultiValued: Bool {
    switch self {
    case .category: false
    case .codes: true
    }
  }
}

/// The admissions of each category of an axis, in order.
struct Postings: Sendable {
  /// Where each category's admissions begin in `admissions`; the last element is where the last category's admissions
  /// end.
  private(set) var starts: [Int]
  private(set) var admissions: [UInt32]

  init(_ axis: TableAxis, admissionCount: Int) {
    starts = [Int](repeating: 0, count: axis.names.count + 1)
    for admission in 0..<admissionCount {
      for id in axis.ids(admission) { starts[Int(id) + 1] += 1 }
    }
    for id in 1..<starts.count { starts[id] += starts[id - 1] }
    admissions = [UInt32](repeating: 0, count: starts[starts.count - 1])
    var next = starts
    for admission in 0..<admissionCount {
      for id in axis.ids(admission) {
        admissions[next[Int(id)]] = UInt32(admission)
        next[Int(id)] += 1
      }
    }
  }

  /// Divides the categories into about `count` stretches with similar numbers of admissions.
  func stretches(_ count: Int) -> [Range<Int>] {
    var stretches: [Range<Int>] = []
    var begin = 0
    for id in 1..<starts.count where starts[id] * count >= admissions.count * (stretches.count + 1) {
      stretches.append(begin..<id)
      begin = id
    }
    return begin == starts.count - 1 ? stretches : stretches + [begin..<starts.count - 1]
  }
}
