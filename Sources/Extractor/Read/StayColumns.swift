internal import Shared

/// The columns of the admissions table that the policy needs, and the categories of the kept rows.
struct StayColumns {
  private let policy: Policy
  private let ageBands: [Band]
  private let stayBands = Attribute.lengthOfStayBand.fixedBands ?? []
  private let attributes: [Attribute]
  private let admitted: TableRows.Column
  private let type: TableRows.Column?
  private let discharged: TableRows.Column?
  private let texts: [TableRows.Column?]
  private var interners: [CategoryInterner]
  private var ids: [[UInt32]]
  private var types = CategoryInterner()
  /// The admission time of each kept row.
  private(set) var times: [CalendarTime] = []

  init(
    _ rows: inout TableRows, policy: Policy, attributes: [Attribute], schema: SourceSchema
  ) throws(CloisterError) {
    self.policy = policy
    self.attributes = attributes.filter { $0 != .admissionNumberBand }
    ageBands = policy.ageBands
    admitted = try rows.column("admittime")
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
    interners = self.attributes.map { _ in CategoryInterner() }
    ids = self.attributes.map { _ in [] }
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
      let number = try types.id(rows, type) { () throws(CloisterError) in try rows.category(type) }
      let name = number.map { types.names[Int($0)] } ?? missingCategory
      if policy.cohort.excludedAdmissionTypes.contains(name) { return false }
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
    return true
  }

  private mutating func text(_ position: Int, _ rows: borrowing TableRows) throws(CloisterError) -> UInt32 {
    guard let column = texts[position] else { return interners[position].number(of: missingCategory) }
    let isFlag = attributes[position] == .diedInHospital
    let number = try interners[position].id(rows, column) { () throws(CloisterError) in
      isFlag ? (try rows.flag(column) ? "1" : "0") : try rows.category(column)
    }
    return number ?? 0
  }

  private func lengthOfStay(_ rows: borrowing TableRows, _ admitted: CalendarTime) throws(CloisterError) -> String {
    guard let discharged, let end = try rows.optionalTime(discharged) else { return missingCategory }
    let days = admitted.completedDays(until: end)
    guard days >= 0 else { return missingCategory }
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
