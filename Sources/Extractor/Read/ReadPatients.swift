internal import Shared

/// What the patients table says of one patient.
struct PatientRow {
  let gender: String
  let birth: Birth

  /// How the source gives ages.
  enum Birth {
    /// MIMIC-III: a date of birth, 300 years back for patients over 89.
    case date(CalendarTime)
    /// MIMIC-IV: the age in one year of the shifted calendar.
    case anchor(age: Int, year: Int)
  }

  /// The age in years at a time, by calendar fields; negative where the time is before birth.
  func age(at time: CalendarTime) -> Int {
    switch birth {
    case .date(let date): date.completedYears(until: time)
    case .anchor(let age, let year): age + time.year - year
    }
  }
}

/// Reads the patients table: a row for each `subject_id`.
func readPatients(_ input: InputFolder) throws(CloisterError) -> [Int: PatientRow] {
  var rows = try TableRows(.patients, of: input)
  let subject = try rows.column("subject_id")
  let gender = try rows.column("gender")
  let isThird = input.schema == .mimicIII
  let birth = try rows.column(isThird ? "dob" : "anchor_age")
  let year = try isThird ? nil : rows.column("anchor_year")
  var patients: [Int: PatientRow] = [:]
  while try rows.next() {
    let id = try rows.integer(subject)
    let known: PatientRow.Birth =
      if let year { .anchor(age: try rows.integer(birth), year: try rows.integer(year)) } else {
        .date(try rows.time(birth))
      }
    let patient = PatientRow(gender: try rows.category(gender), birth: known)
    guard patients.updateValue(patient, forKey: id) == nil else {
      throw rows.refusal(subject, "stands in an earlier row too, where each patient has one row")
    }
  }
  return patients
}
