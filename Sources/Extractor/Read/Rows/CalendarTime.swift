/// A date and time of day as written in the source: calendar fields without a time zone. Even an age of 300 years can't
/// cause an overflow, since there is no clock arithmetic.
struct CalendarTime: Comparable, Sendable {
  let year: Int
  let month: Int
  let day: Int
  private let second: Int
  /// Whether the source gives a time of day.
  let hasHour: Bool

  var isMidnight: Bool { second == 0 }

  static func == (one: CalendarTime, other: CalendarTime) -> Bool {
    (one.year, one.month, one.day, one.second) == (other.year, other.month, other.day, other.second)
  }

  static func < (one: CalendarTime, other: CalendarTime) -> Bool {
    (one.year, one.month, one.day, one.second) < (other.year, other.month, other.day, other.second)
  }

  /// Reads `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS`; nil unless the bytes are a date in the years 1000 to 9999. Between
  /// date and time there may be a `T`; seconds may be left out or have a fraction, which is dropped; the time may end
  /// in a mark for UTC: `Z`, `UTC`, `+00`, `+0000` or `+00:00`.
  init?(_ text: ArraySlice<UInt8>) {
    guard text.count >= 10 else { return nil }
    func byte(_ place: Int) -> UInt8 { place < text.count ? text[text.startIndex + place] : 0 }
    func number(_ range: Range<Int>) -> Int? {
      var value = 0
      for place in range {
        guard (0x30...0x39).contains(byte(place)) else { return nil }
        value = value * 10 + Int(byte(place) - 0x30)
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      byte(4) == UInt8(ascii: "-"), byte(7) == UInt8(ascii: "-"),
      year >= 1000, (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year)
    else { return nil }
    var second = 0
    if text.count > 10 {
      guard byte(10) == UInt8(ascii: " ") || byte(10) == UInt8(ascii: "T"), let hours = number(11..<13),
        byte(13) == UInt8(ascii: ":"), let minutes = number(14..<16), hours < 24, minutes < 60
      else { return nil }
      var seconds = 0
      var end = 16
      if byte(16) == UInt8(ascii: ":") {
        guard let stated = number(17..<19), stated < 60 else { return nil }
        (seconds, end) = (stated, 19)
        if byte(19) == UInt8(ascii: ".") {
          end = 20
          while (0x30...0x39).contains(byte(end)) { end += 1 }
          guard end > 20 else { return nil }
        }
      }
      guard Self.isUTC(text.dropFirst(end)) else { return nil }
      second = hours * 3600 + minutes * 60 + seconds
    }
    self.year = year
    self.month = month
    self.day = day
    self.second = second
    hasHour = text.count > 10
  }

  /// Whether the end of a time is nothing or a mark for UTC.
  private static func isUTC(_ mark: ArraySlice<UInt8>) -> Bool {
    let mark = mark.drop { $0 == UInt8(ascii: " ") }
    return mark.isEmpty || marksOfUTC.contains { mark.elementsEqual($0.utf8) }
  }

  private static let marksOfUTC = ["Z", "UTC", "+00", "+0000", "+00:00", "-00", "-0000", "-00:00"]

  /// Whether the bytes are a time with an offset from UTC. Such times can't be compared as they are written.
  static func hasOtherZone(_ text: ArraySlice<UInt8>) -> Bool {
    let end = text.dropFirst(16)
    guard let sign = end.lastIndex(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }) else { return false }
    return CalendarTime(text[..<sign]) != nil && end[sign...].dropFirst().contains { (0x31...0x39).contains($0) }
  }

  /// `YYYY-MM-DD`.
  var date: String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(year)-\(two(month))-\(two(day))"
  }

  /// The number of completed years from this date to `later`, by calendar fields; negative if `later` is earlier.
  func completedYears(until later: CalendarTime) -> Int {
    let hadBirthday = (later.month, later.day) >= (month, day)
    return later.year - year - (hadBirthday ? 0 : 1)
  }

  /// The number of completed 24-hour days until `later`; negative if `later` is earlier.
  func completedDays(until later: CalendarTime) -> Int {
    let seconds = (later.dayNumber - dayNumber) * 86_400 + later.second - second
    return seconds >= 0 ? seconds / 86_400 : -1
  }

  /// The number of days since a fixed day, in the proleptic Gregorian calendar.
  private var dayNumber: Int {
    let shifted = month <= 2 ? year - 1 : year
    let monthFromMarch = (month + 9) % 12
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + (monthFromMarch * 153 + 2) / 5 + day
  }

  private static func days(in month: Int, of year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }
}
