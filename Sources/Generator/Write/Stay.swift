internal import Foundation
internal import Shared

/// A finished draft with what the tables need beside it: ids that no real MIMIC record has, and times that fit together.
struct Stay: Sendable {
  let draft: Draft
  let subjectID: Int
  let hadmID: Int
  let age: Int
  /// The source writes ages from its top code on in a way of its own.
  let isOldest: Bool
  let admitted: Date
  let discharged: Date

  /// MIMIC-III's ids end below 300,000 and MIMIC-IV's below 40,000,000.
  static let firstSubjectID = 900_000_001
  static let firstHadmID = 910_000_001

  init(_ draft: Draft, seed: UInt64) {
    var random = SeededRandom(seed: seed, stream: UInt64(draft.number), 2)
    self.draft = draft
    self.seed = seed
    subjectID = Self.firstSubjectID + draft.number
    hadmID = Self.firstHadmID + draft.number
    let ageBand = draft.categories[.ageBand].flatMap(Band.init) ?? Band(lower: 18, upper: 89)
    isOldest = ageBand.upper == nil
    age = ageBand.upper.map { Int.random(in: ageBand.lower...$0, using: &random) } ?? ageBand.lower
    let stay = draft.categories[.lengthOfStayBand].flatMap(Band.init) ?? Band(lower: 1, upper: 10)
    let days = Int.random(in: stay.lower...(stay.upper ?? stay.lower + 30), using: &random)
    let minutes = Int.random(in: 0..<Self.minutesOfCentury, using: &random)
    admitted = Self.start.addingTimeInterval(TimeInterval(minutes * 60))
    discharged = admitted.addingTimeInterval(
      TimeInterval((days * 1440 + Int.random(in: 60..<1440, using: &random)) * 60))
    daysSinceBirthday = Int.random(in: 0..<365, using: &random)
  }

  private let daysSinceBirthday: Int
  private let seed: UInt64

  /// The stay's own numbers for one purpose; 1 and 2 are taken, by the chain and the times.
  func random(for purpose: UInt64) -> SeededRandom { SeededRandom(seed: seed, stream: UInt64(draft.number), purpose) }

  /// The two ids that begin the rows of every table but the patients'.
  var ids: [String] { ["\(subjectID)", "\(hadmID)"] }

  var died: Bool { draft.categories[.diedInHospital] == "1" }

  /// The day of birth; 300 years back for the oldest, as MIMIC-III shifts them.
  var born: Date {
    let birthday = Self.calendar.date(byAdding: .year, value: isOldest ? -300 : -age, to: admitted) ?? admitted
    return Self.calendar.date(byAdding: .day, value: -daysSinceBirthday, to: birthday) ?? birthday
  }

  /// The category as the source would write it: what is missing is an empty field.
  func field(_ attribute: Attribute) -> String {
    let category = draft.categories[attribute] ?? ""
    return category == missingCategory ? "" : category
  }

  /// The diagnoses in rank order, the main one first; nil where there is no main one.
  var diagnoses: [String?] {
    let main = draft.categories[.mainDiagnosis].flatMap { $0 == missingCategory ? nil : $0 }
    return [main] + (draft.codes[.diagnosis] ?? []).map { $0 }
  }

  static func time(_ date: Date) -> String { date.formatted(timeStyle) }
  static func day(_ date: Date) -> String { date.formatted(dayStyle) }
  static func year(_ date: Date) -> String { String(day(date).prefix(4)) }

  /// 2100-01-01, as MIMIC shifts its years, in seconds of Unix time; and the minutes of the next 100 years.
  private static let start = Date(timeIntervalSince1970: 4_102_444_800)
  private static let minutesOfCentury = 36_524 * 1440
  private static let calendar: Calendar = {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    return calendar
  }()
  private static let dayStyle = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day()
  private static let timeStyle = Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: .gmt)
    .year().month().day().time(includingFractionalSeconds: false)
}
