import Testing

@testable import Extractor

@Suite struct ReadProgressTests {
  @Test func theLineTellsShareRateAndTimeLeft() {
    let progress = ReadProgress(file: "PRESCRIPTIONS.csv", size: 3_200_000_000) { _ in }
    #expect(
      progress.line(done: 1_600_000_000, rows: 10_000_000, milliseconds: 4000)
        == "PRESCRIPTIONS.csv: 50 % of 3200 MB, 400 MB/s, 2500000 rows/s, 4 s left")
    #expect(progress.line(done: 0, rows: 0, milliseconds: 0).hasSuffix("0 MB/s, 0 rows/s, 0 s left"))
    #expect(ReadProgress(file: "a", size: 0, { _ in }).line(done: 0, rows: 0, milliseconds: 1).hasPrefix("a: 100 %"))
  }
}
