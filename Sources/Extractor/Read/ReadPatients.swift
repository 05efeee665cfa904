internal import Shared

/// The patients table as columns: a row for each patient, found by `subject_id`.
struct Patients {
  private(set) var rows = IntegerIndex<UInt32>(filler: 0)
  private(set) var genders: [UInt32] = []
  private(set) var births: [Birth] = []
  private(set) var genderNames = CategoryInterner()
  private(set) var findings: TableFindings

  /// How the source gives ages.
  enum Birth: Sendable {
    /// MIMIC-III: the date of birth, moved back 300 years for patients over 89.
    case date(CalendarTime)
    /// MIMIC-IV: the age in one year of the patient's shifted calendar.
    case anchor(age: Int, year: Int)

    /// The age in years at a given time, computed from calendar fields; negative if the time is before birth.
    func age(at time: CalendarTime) -> Int {
      switch self {
      case .date(let date): date.completedYears(until: time)
      case .anchor(let age, let year): age + time.year - year
      }
    }
  }

  /// Reads the table. - Throws: status 65 for impossible values and for a patient with two rows.
  init(_ input: InputFolder) throws(CloisterError) {
    var table = try TableRows(.patients, of: input)
    let subject = try table.column("subject_id")
    let gender = try table.column("gender")
    let isThird = input.schema == .mimicIII
    let birth = try table.column(isThird ? "dob" : "anchor_age")
    let year = isThird ? nil : try table.column("anchor_year")
    while try table.next() {
      guard rows.insert(try table.integer(subject), UInt32(births.count)) else {
        throw table.refusal(subject, "also appears in an earlier row; a patient may have only one row")
      }
      if let year {
        births.append(try Self.anchor(table, birth, year))
      } else {
        births.append(.date(try table.time(birth)))
      }
      let number = try genderNames.id(table, gender) { () throws(CloisterError) in try table.gender(gender) }
      genders.append(number ?? 0)
    }
    findings = table.findings(.patients)
    findings.columns[gender.name, default: ColumnFindings()].add(genderNames.findings)
  }

  private static func anchor(
    _ table: borrowing TableRows, _ age: TableRows.Column, _ year: TableRows.Column
  ) throws(CloisterError) -> Birth {
    let (number, anchor) = (try table.integer(age), try table.integer(year))
    guard number <= 130 else { throw table.refusal(age, "is not a plausible age") }
    guard (1000...9999).contains(anchor) else { throw table.refusal(year, "is not a year with four digits") }
    return .anchor(age: number, year: anchor)
  }
}
