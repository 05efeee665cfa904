internal import Shared

/// The columns of the admissions table that the policy needs, and the categories of the kept rows.
struct StayColumns {
  private let policy: Policy
  private let ageBands: [Band]
  private let stayBands: [Band]
  private let attributes: [Attribute]
  private let admitted: TableRows.Column
  private let type: TableRows.Column?
  /// In capital letters.
  private let excludedTypes: Set<String>
  private let discharged: TableRows.Column?
  private let texts: [TableRows.Column?]
  /// For each attribute, the words that are categories although they look like missing values.
  private let real: [Set<String>]
  private var interners: [CategoryInterner]
  private var ids: [[UInt32]]
  private var types = CategoryInterner()
  /// The admission time of each kept row.
  private(set) var times: [CalendarTime] = []
  private var admissionTimes = ColumnFindings()
  private var dischargeTimes = ColumnFindings()
  /// The number of kept rows that end before they begin.
  private(set) var negativeStays = 0

  init(
    _ rows: inout TableRows, policy: Policy, attributes: [Attribute], schema: SourceSchema
  ) throws(CloisterError) {
    self.policy = policy
    self.attributes = attributes.filter { $0 != .admissionNumberBand }
    ageBands = policy.ageBands
    stayBands = policy.bands(of: .lengthOfStayBand) ?? []
    admitted = try rows.column("admittime")
    excludedTypes = Set(policy.cohort.excludedAdmissionTypes.map(MissingText.capitals))
    type = policy.cohort.excludedAdmissionTypes.isEmpty ? nil : try rows.column("admission_type")
    discharged = attributes.contains(.lengthOfStayBand) ? try rows.column("dischtime") : nil
    var texts: [TableRows.Column?] = []
    for attribute in self.attributes {
      if let name = admissionColumn(of: attribute, schema) {
        texts.append(try rows.column(name))
      } else {
        texts.append(nil)
      }
    }
    self.texts = texts
    real = self.attributes.map(policy.realCategories)
    interners = self.attributes.map { _ in CategoryInterner() }
    ids = self.attributes.map { _ in [] }
  }

  /// What the columns hold instead of values, and the range of the kept rows' times.
  var findings: [String: ColumnFindings] {
    var found: [String: ColumnFindings] = [:]
    for position in attributes.indices {
      if let column = texts[position] {
        found[column.name, default: ColumnFindings()].add(interners[position].findings)
      }
    }
    for (column, times) in [(admitted, admissionTimes), (discharged, dischargeTimes)] where times.times > 0 {
      if let column { found[column.name] = times }
    }
    return found
  }

  /// Each attribute's categories, as a number for each kept row.
  func columns(_ patients: Patients) -> [(attribute: Attribute, ids: [UInt32], names: [String])] {
    attributes.indices.map { position in
      let isGender = attributes[position] == .gender
      return (attributes[position], ids[position], isGender ? patients.genderNames.names : interners[position].names)
    }
  }

  /// Keeps the row's categories; returns false if the cohort excludes the row.
  mutating func keep(_ rows: borrowing TableRows, _ patients: Patients, _ patient: Int) throws(CloisterError) -> Bool {
    let time = try rows.time(admitted)
    let age = patients.births[patient].age(at: time)
    guard age >= 0 else { throw rows.refusal(admitted, "is before the patient's birth") }
    guard age >= policy.cohort.minimumAge else { return false }
    if let type {
      let real = policy.realCategories(of: .admissionType)
      let number = try types.id(rows, type) { () throws(CloisterError) in try rows.category(type, keeping: real) }
      let name = number.map { types.names[Int($0)] } ?? missingCategory
      if excludedTypes.contains(MissingText.capitals(name)) { return false }
    }
    for position in attributes.indices {
      switch attributes[position] {
      case .gender: ids[position].append(patients.genders[patient])
      case .ageBand:
        let band = ageBands.first { $0.contains(age) }?.label ?? missingCategory
        ids[position].append(interners[position].number(of: band))
      case .lengthOfStayBand:
        ids[position].append(interners[position].number(of: try lengthOfStay(rows, time)))
      default: ids[position].append(try text(position, rows))
      }
    }
    times.append(time)
    admissionTimes.count(time)
    return true
  }

  private mutating func text(_ position: Int, _ rows: borrowing TableRows) throws(CloisterError) -> UInt32 {
    guard let column = texts[position] else { return interners[position].number(of: missingCategory) }
    let isFlag = attributes[position] == .diedInHospital
    let real = real[position]
    let number = try interners[position].id(rows, column) { () throws(CloisterError) in
      isFlag ? (try rows.flag(column) ? "1" : "0") : try rows.category(column, keeping: real)
    }
    return number ?? 0
  }

  private mutating func lengthOfStay(_ rows: borrowing TableRows, _ admitted: CalendarTime) throws(CloisterError)
    -> String
  {
    guard let discharged, let end = try rows.optionalTime(discharged) else { return missingCategory }
    dischargeTimes.count(end)
    let days = admitted.completedDays(until: end)
    guard days >= 0 else {
      negativeStays += 1
      return missingCategory
    }
    return stayBands.first { $0.contains(days) }?.label ?? missingCategory
  }
}

/// The column of the admissions table that holds an attribute as text; nil if there is none.
func admissionColumn(of attribute: Attribute, _ schema: SourceSchema) -> String? {
  switch attribute {
  case .admissionType: "admission_type"
  case .admissionLocation: "admission_location"
  case .dischargeLocation: "discharge_location"
  case .insurance: "insurance"
  case .language: "language"
  case .religion: "religion"
  case .maritalStatus: "marital_status"
  case .ethnicity: schema == .mimicIII ? "ethnicity" : "race"
  case .diedInHospital: "hospital_expire_flag"
  default: nil
  }
}
