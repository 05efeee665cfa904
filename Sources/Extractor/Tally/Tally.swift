internal import Shared

/// Raw counts of a policy's tables. Raw counts are patient data: they stay inside, and only `protect` uses them.
struct Tally: Sendable {
  let schema: SourceSchema
  let admissions: Int
  let tables: [TalliedTable]
  /// Joint counts by the attributes of tables in a ring. They show that the counts the attack finds possible can really
  /// occur.
  var joints: [JointCounts] = []
  /// The profiles of the admissions with each code; nil if no table counts codes.
  var profiles: CodeProfiles?
  let titles: CodeTitles
}

extension Tally {
  /// A copy with only the tables that have these numbers, and joint counts by their attributes only.
  func keeping(_ numbers: [Int]) -> Tally {
    let kept = numbers.map { tables[$0] }
    let attributes = Set(kept.flatMap(\.request.attributes))
    return Tally(
      schema: schema, admissions: admissions, tables: kept,
      joints: joints.filter { attributes.isSuperset(of: $0.attributes) }, profiles: profiles, titles: titles)
  }
}

/// Raw counts by any number of attributes.
struct JointCounts: Sendable {
  let attributes: [Attribute]
  var categories: [[String]]
  /// For each nonempty cell, the numbers of its categories, cell after cell.
  private(set) var ids: [UInt32] = []
  /// For each nonempty cell, its number of admissions.
  private(set) var admissions: [Int] = []

  /// - Parameter categories: empty if they are not yet known.
  init(attributes: [Attribute], categories: [[String]] = []) {
    (self.attributes, self.categories) = (attributes, categories)
  }

  /// Counts records by single-valued attributes.
  init(_ attributes: [Attribute], _ records: HospitalRecords) {
    let axes = attributes.map { TableAxis($0, records) }
    self.init(attributes: attributes, categories: axes.map(\.names))
    var numbering = ProfileNumbering(axes: axes.count)
    var counts: [Int] = []
    for admission in 0..<records.admissionCount {
      let number = Int(numbering.number { axes[$0].ids(admission).first ?? 0 })
      if number == counts.count { counts.append(0) }
      counts[number] += 1
    }
    for (profile, count) in zip(numbering.profiles, counts) { append(profile, count) }
  }

  mutating func append(_ key: [UInt32], _ count: Int) {
    ids += key
    admissions.append(count)
  }

  /// Calls `body` with each cell's categories, by axis, and its number of admissions.
  @inline(__always)
  func forEach(_ body: (_ key: ArraySlice<UInt32>, _ admissions: Int) -> Void) {
    for (cell, count) in admissions.enumerated() {
      let start = cell * attributes.count
      body(ids[start..<start + attributes.count], count)
    }
  }
}

/// One table's raw counts.
struct TalliedTable: Sendable {
  let request: Policy.TableRequest
  /// The categories of each axis; cells refer to them by number.
  let categories: [[String]]
  /// Every cell that has an admission, in no particular order.
  let cells: [TalliedCell]

  func key(_ cell: TalliedCell) -> [String] { categories.indices.map { categories[$0][Int(cell.ids[$0])] } }
}

/// One raw cell. It is kept to 32 bytes, since a large hospital has millions of cells.
struct TalliedCell: Sendable {
  /// The number of the category on each axis; 0 beyond the table's axes.
  let ids: SIMD4<UInt32>
  private let storedAdmissions: UInt32
  private let storedPatients: UInt32
  private let storedLargest: UInt32
  private var storedWithout = UInt32.max

  init(ids: SIMD4<UInt32>, _ count: CellCount) {
    self.ids = ids
    storedAdmissions = UInt32(count.admissions)
    storedPatients = UInt32(count.patients)
    storedLargest = UInt32(count.largest)
  }

  var admissions: Int { Int(storedAdmissions) }
  /// Distinct patients with those admissions.
  var patients: Int { Int(storedPatients) }
  var count: CellCount {
    CellCount(admissions: admissions, patients: patients, largest: Int(storedLargest))
  }

  /// The number of patients who have every category of the cell except one of its codes; nil if there are none, or at
  /// least the policy's minimum. This number is the difference of two counts.
  var patientsWithout: Int? {
    get { storedWithout == .max ? nil : Int(storedWithout) }
    set { storedWithout = newValue.map { UInt32($0) } ?? .max }
  }
}

/// Counts admissions and distinct patients for every table of the policy that the source can fill.
///
/// - Parameter threads: how many threads work on a table; the counts don't depend on this number.
func tally(_ records: HospitalRecords, policy: Policy, threads: Int) -> Tally {
  let requests = policy.requests(in: records.schema)
  let tables = requests.map { request in
    let axes = request.attributes.map { TableAxis($0, records) }
    var counted = cells(records.patients, axes, threads: threads)
    countPatientsWithout(&counted, records.patients, axes, minimum: policy.protection.minimumPatients, threads: threads)
    return TalliedTable(request: request, categories: axes.map(\.names), cells: counted)
  }
  let joints = policy.joints(requests).map { JointCounts($0, records) }
  let profiles = policy.profiles(requests).map { CodeProfiles($0.attributes, $0.codes, records, threads: threads) }
  return Tally(
    schema: records.schema, admissions: records.admissionCount, tables: tables, joints: joints, profiles: profiles,
    titles: records.titles)
}
