/// A date and time of day as written in the source: calendar fields without a time zone. Even an age of 300 years can't
/// cause an overflow, since there is no clock arithmetic.
struct CalendarTime: Comparable, Sendable {
  let year: Int
  let month: Int
  let day: Int
  private let second: Int

  static func < (one: CalendarTime, other: CalendarTime) -> Bool {
    (one.year, one.month, one.day, one.second) < (other.year, other.month, other.day, other.second)
  }

  /// Reads `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS`; nil unless the bytes are a date in the years 1000 to 9999.
  init?(_ text: ArraySlice<UInt8>) {
    guard text.count == 10 || text.count == 19 else { return nil }
    func byte(_ place: Int) -> UInt8 { text[text.startIndex + place] }
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
    if text.count == 19 {
      guard let hours = number(11..<13), let minutes = number(14..<16), let seconds = number(17..<19),
        byte(10) == UInt8(ascii: " "), byte(13) == UInt8(ascii: ":"), byte(16) == UInt8(ascii: ":"),
        hours < 24, minutes < 60, seconds < 60
      else { return nil }
      second = hours * 3600 + minutes * 60 + seconds
    }
    self.year = year
    self.month = month
    self.day = day
    self.second = second
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
