internal import Foundation
internal import Shared

/// An admission with all that the tables need besides the draft: ids that no real MIMIC record has, and consistent
/// times.
struct Stay: Sendable {
  let draft: Draft
  let patient: SyntheticPatient
  /// The stay's place among the patient's stays, counted from 0.
  let rank: Int
  let hadmID: Int
  let admitted: Date
  let discharged: Date
  private let seed: UInt64

  /// MIMIC-III's ids end below 300,000 and MIMIC-IV's below 40,000,000.
  static let firstSubjectID = 900_000_001
  static let firstHadmID = 910_000_001

  /// The number, within the run, of the admission with this `hadm_id`.
  static func number(ofHadmID hadmID: Int) -> Int { hadmID - firstHadmID }

  /// All stays of one patient, in the order of the drafts. Each begins after the previous one has ended, and all fall
  /// within the patient's age band.
  static func all(of drafts: [Draft], patient number: Int, seed: UInt64) -> [Stay] {
    guard let first = drafts.first else { return [] }
    var random = SeededRandom(seed: seed, .times, of: first.number)
    let band = first.categories[.ageBand].flatMap(Band.init) ?? Band(lower: 18, upper: 89)
    let years = band.upper.map { $0 - band.lower } ?? 5
    let longestGap = drafts.count > 1 ? min(400, max(1, years * 300 / (drafts.count - 1))) : 1
    var times: [(admitted: Date, discharged: Date)] = []
    var start = Self.start.addingTimeInterval(
      TimeInterval(Int.random(in: 0..<Self.minutesOfCentury, using: &random) * 60))
    for draft in drafts {
      let end = start.addingTimeInterval(TimeInterval(minutes(of: draft, seed) * 60))
      times.append((start, end))
      let gap = Int.random(in: 0..<longestGap, using: &random) * 1440 + Int.random(in: 360..<1440, using: &random)
      start = end.addingTimeInterval(TimeInterval(gap * 60))
    }
    let patient = SyntheticPatient(
      id: firstSubjectID + number, band: band, first: times[0].admitted, last: times[times.count - 1],
      died: drafts.contains(where: \.died) ? times[times.count - 1].discharged : nil, &random)
    return zip(drafts, times).enumerated().map { rank, stay in
      Stay(
        draft: stay.0, patient: patient, rank: rank, hadmID: firstHadmID + stay.0.number,
        admitted: stay.1.admitted, discharged: stay.1.discharged, seed: seed)
    }
  }

  private static func minutes(of draft: Draft, _ seed: UInt64) -> Int {
    var random = SeededRandom(seed: seed, .lengthOfStay, of: draft.number)
    let band = draft.categories[.lengthOfStayBand].flatMap(Band.init) ?? Band(lower: 1, upper: 10)
    let days = Int.random(in: band.lower...(band.upper ?? band.lower + 30), using: &random)
    return days * 1440 + Int.random(in: 60..<1440, using: &random)
  }

  /// The stay's own random numbers for one purpose.
  func random(for purpose: RandomPurpose) -> SeededRandom { SeededRandom(seed: seed, purpose, of: draft.number) }

  /// The ids of the patient and the stay. They begin each row, after any row number, in every table except the patients
  /// table.
  var ids: [String] { ["\(patient.id)", "\(hadmID)"] }

  var died: Bool { draft.died }

  /// Whether this is the patient's first stay in the run.
  var isFirst: Bool { rank == 0 }

  /// The time of the event with this rank if `count` events are spread evenly over the stay, between admission and
  /// discharge.
  func moment(_ rank: Int, of count: Int) -> Date {
    let length = discharged.timeIntervalSince(admitted)
    return admitted.addingTimeInterval((length * Double(rank + 1) / Double(count + 1)).rounded(.down))
  }

  /// A start in the first half of the stay, and a later end within the stay.
  func part(_ random: inout SeededRandom) -> [Date] {
    let length = discharged.timeIntervalSince(admitted)
    let start = length * random.unit() / 2
    let end = start + (length - start) * (1 + random.unit()) / 2
    return [start, end].map { admitted.addingTimeInterval($0.rounded(.down)) }
  }

  /// The category as the source would write it; an empty text if it is missing or not settled.
  func field(_ attribute: Attribute) -> String {
    let category = draft.categories[attribute] ?? ""
    return category == missingCategory ? "" : category
  }

  /// The same for a column that can't be empty in the source: a category that is missing or not settled becomes one of
  /// the source's words for unknown.
  func word(_ attribute: Attribute) -> String {
    let text = field(attribute)
    if !text.isEmpty { return text }
    return attribute == .ethnicity ? "UNKNOWN/NOT SPECIFIED" : "UNKNOWN"
  }

  /// The diagnoses in rank order. The main diagnosis comes first; it is nil if it is missing.
  var diagnoses: [String?] {
    let main = draft.categories[.mainDiagnosis].flatMap { $0 == missingCategory ? nil : $0 }
    return [main] + (draft.codes[.diagnosis] ?? []).map { $0 }
  }

  static func time(_ date: Date) -> String { date.formatted(timeStyle) }
  static func day(_ date: Date) -> String { date.formatted(dayStyle) }
  static func year(_ date: Date) -> String { String(day(date).prefix(4)) }

  /// A patient's first stay begins within the 100 years from 2100-01-01, like the shifted dates in MIMIC.
  private static let start = Date(timeIntervalSince1970: 4_102_444_800)
  private static let minutesOfCentury = 36_524 * 1440
  private static let dayStyle = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day()
  private static let timeStyle = Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: .gmt)
    .year().month().day().time(includingFractionalSeconds: false)
}

/// The patient to whom stays belong.
struct SyntheticPatient: Sendable {
  let id: Int
  /// Age in years at the first stay.
  let age: Int
  /// Whether the age is in the top-coded band, which the source writes in its own way.
  let isOldest: Bool
  /// The day of birth; for the top-coded band, about 300 years before the first stay, like the shifted dates in
  /// MIMIC-III.
  let born: Date
  /// When the first stay begins and the last one ends.
  let admitted: Date
  let discharged: Date
  /// When the patient died in hospital; nil if the patient was discharged alive from every stay.
  let died: Date?

  fileprivate init(
    id: Int, band: Band, first: Date, last: (admitted: Date, discharged: Date), died: Date?,
    _ random: inout SeededRandom
  ) {
    let days = Int(last.admitted.timeIntervalSince(first) / 86_400) + 1
    var sinceBirthday = Int.random(in: 0..<365, using: &random)
    isOldest = band.upper == nil
    if let upper = band.upper {
      // The age at the last stay must be in the band too, counted by birthdays and by calendar years.
      if upper == band.lower { sinceBirthday = 0 }
      let calendarYears = (Int(Stay.year(last.admitted)) ?? 0) - (Int(Stay.year(first)) ?? 0)
      let oldest = max(band.lower, upper - max((days + sinceBirthday) / 365, calendarYears))
      age = Int.random(in: band.lower...oldest, using: &random)
    } else {
      age = band.lower
    }
    let birthday = Self.calendar.date(byAdding: .year, value: isOldest ? -300 : -age, to: first) ?? first
    born = Self.calendar.date(byAdding: .day, value: -sinceBirthday, to: birthday) ?? birthday
    (self.id, self.died) = (id, died)
    (admitted, discharged) = (first, last.discharged)
  }

  private static let calendar: Calendar = {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    return calendar
  }()
}
