internal import Shared
internal import Synchronization

/// Shows on a terminal how much of a table has been read; silent elsewhere. Threads may share it.
final class ReadProgress: Sendable {
  private let show: Progress
  private let file: String
  private let size: Int
  private let read = Atomic<Int>(0)
  private let rows = Atomic<Int>(0)
  /// When the progress line was last written, in milliseconds since the start.
  private let lastShown = Atomic<Int>(0)
  private let start = ContinuousClock.now

  /// - Parameter size: the file's size on disk, in bytes.
  init(file: String, size: Int, _ show: @escaping Progress) {
    self.show = show
    self.file = file
    self.size = size
  }

  deinit { show(nil) }

  /// Counts bytes read from disk and shows the line at most four times a second.
  func add(_ bytes: Int) {
    let done = read.wrappingAdd(bytes, ordering: .relaxed).newValue
    let elapsed = Int((ContinuousClock.now - start) / .milliseconds(1))
    let last = lastShown.load(ordering: .relaxed)
    guard elapsed - last >= 250,
      lastShown.compareExchange(expected: last, desired: elapsed, ordering: .relaxed).exchanged
    else { return }
    show(line(done: done, rows: rows.load(ordering: .relaxed), milliseconds: elapsed))
  }

  /// Counts the rows found.
  @Sendable func addRows(_ count: Int) { rows.wrappingAdd(count, ordering: .relaxed) }

  /// For example `PRESCRIPTIONS.csv: 45 % of 3200 MB, 410 MB/s, 2500000 rows/s, 5 s left`.
  func line(done: Int, rows: Int, milliseconds: Int) -> String {
    let percent = size > 0 ? min(100, done * 100 / size) : 100
    let rate = Double(done) / Double(max(milliseconds, 1)) / 1000
    let left = rate > 0 ? Double(max(0, size - done)) / 1_000_000 / rate : 0
    let rowRate = Int(Double(rows) / Double(max(milliseconds, 1)) * 1000)
    return "\(file): \(percent) % of \(size / 1_000_000) MB, \(Int(rate)) MB/s, \(rowRate) rows/s, "
      + "\(Int(left.rounded(.up))) s left"
  }
}
