/// Codes of admissions as they came, in runs: rows that stand together and are of one admission. Within a run each code
/// stands once.
///
/// Takes 4 bytes a code and 8 a run: little where an admission's rows stand together. Where they don't, `compacted` folds
/// the runs of an admission into one whenever they have doubled, so that memory grows with the codes that differ and not
/// with the rows.
struct CodeRuns: Sendable {
  private(set) var runs: [Run] = []
  private(set) var codes: [UInt32] = []
  /// For each code the run that it was last seen in, plus one.
  private var lastRun: [UInt32] = []
  private let firstLimit: Int
  private var limit: Int

  /// - Parameter limit: the number of codes at which runs are first folded.
  init(limit: Int = 1 << 24) {
    firstLimit = limit
    self.limit = limit
  }

  /// Codes of one admission, up to where the next run begins.
  struct Run: Sendable {
    let admission: UInt32
    let start: UInt32
  }

  @inline(__always)
  mutating func append(admission: UInt32, code: UInt32) {
    if runs.last?.admission != admission {
      if codes.count >= limit { compact() }
      runs.append(Run(admission: admission, start: UInt32(codes.count)))
    }
    let run = UInt32(truncatingIfNeeded: runs.count)
    if Int(code) >= lastRun.count {
      lastRun += [UInt32](repeating: 0, count: Int(code) + 1 - lastRun.count + lastRun.count / 2)
    }
    if lastRun[Int(code)] == run { return }
    lastRun[Int(code)] = run
    codes.append(code)
  }

  /// Where each run begins, and, last, where they end.
  func range(of run: Int) -> Range<Int> {
    Int(runs[run].start)..<(run + 1 < runs.count ? Int(runs[run + 1].start) : codes.count)
  }

  private mutating func compact() {
    let admissions = (runs.lazy.map(\.admission).max()).map { Int($0) + 1 } ?? 0
    let column = CodeColumn([(self, nil)], admissionCount: admissions, names: [])
    (runs, codes, lastRun) = ([], column.ids, [])
    for admission in 0..<admissions where !column.codes(of: admission).isEmpty {
      runs.append(Run(admission: UInt32(admission), start: UInt32(column.starts[admission])))
    }
    limit = max(firstLimit, codes.count * 2)
  }
}
