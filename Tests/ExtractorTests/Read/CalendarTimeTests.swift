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
    "2100-01-01 10:60:00", "2100/01/01", "0999-01-01", "21OO-01-01",
    "+100-01-01", "2100-01-01 ", "2100-01-01T", "2100-01-01 10", "2100-01-01 10:00:", "2100-01-01 10:00:00.",
    "2100-01-01 10:00:00+01", "2100-01-01 10:00:00 CET", "2100-01-01 10:00:00 PM", "2100-01-0110:00:00",
  ])
  func whatIsNoDateIsRefused(_ text: String) { #expect(time(text) == nil) }

  /// The forms that DuckDB, pandas, Spark, BigQuery and PostgreSQL write.
  @Test(arguments: [
    "2100-01-01T10:00:00", "2100-01-01 10:00", "2100-01-01 10:00:00.000", "2100-01-01 10:00:00.0",
    "2100-01-01T10:00:00Z", "2100-01-01 10:00:00+00", "2100-01-01 10:00:00+00:00", "2100-01-01 10:00:00 UTC",
    "2100-01-01T10:00:00.000000Z", "2100-01-01T10:00:00.000+0000",
  ])
  func oneTimeHasManyForms(_ text: String) { #expect(time(text) == time("2100-01-01 10:00:00")) }

  @Test func anotherTimeZoneIsSaid() {
    for (text, isOther) in [
      ("2100-01-01 10:00:00+01", true), ("2100-01-01T10:00:00.5-05:00", true), ("2100-01-01", false),
    ] {
      #expect(CalendarTime.hasOtherZone(Array(text.utf8)[...]) == isOther, "\(text)")
    }
  }
}
