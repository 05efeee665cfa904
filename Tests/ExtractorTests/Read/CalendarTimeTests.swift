import Testing

@testable import Extractor

@Suite struct CalendarTimeTests {
  private func time(_ text: String) -> CalendarTime? { CalendarTime(Array(text.utf8)[...]) }

  @Test func threeHundredYearsAreCountedByCalendarFields() throws {
    let birth = try #require(time("1844-07-18 00:00:00"))
    #expect(birth.completedYears(until: try #require(time("2144-07-18 19:00:00"))) == 300)
    #expect(birth.completedYears(until: try #require(time("2144-07-17 23:59:59"))) == 299)
  }

  @Test func aBirthdayOnLeapDayCountsFromMarch() throws {
    let birth = try #require(time("2096-02-29"))
    #expect(birth.completedYears(until: try #require(time("2097-02-28"))) == 0)
    #expect(birth.completedYears(until: try #require(time("2097-03-01"))) == 1)
  }

  @Test(arguments: [
    ("2100-02-28 10:00:00", "2100-03-01 10:00:00", 1), ("2096-02-28 10:00:00", "2096-03-01 10:00:00", 2),
    ("2100-12-31 23:00:00", "2101-01-01 22:59:59", 0), ("2101-01-02 00:00:00", "2101-01-01 00:00:00", -1),
    ("2100-01-01 00:00:00", "2110-01-01 00:00:00", 3652),
  ])
  func daysAreWholeOnes(_ from: String, _ until: String, _ days: Int) throws {
    #expect(try #require(time(from)).completedDays(until: try #require(time(until))) == days)
  }

  @Test(arguments: [
    "", "2100", "2100-13-01", "2100-00-10", "2100-02-29", "2100-04-31", "2100-01-00", "2100-01-01 24:00:00",
    "2100-01-01 10:60:00", "2100-01-01T10:00:00", "2100/01/01", "2100-01-01 10:00", "0999-01-01", "21OO-01-01",
    "+100-01-01",
  ])
  func whatIsNoDateIsRefused(_ text: String) { #expect(time(text) == nil) }
}
