/// The codes of a stretch of admissions, stored as runs in the order in which they were read. A run holds the codes of
/// adjacent rows of one admission, each code once.
///
/// This takes 4 bytes per code and 8 per run, which is little if the rows of each admission are adjacent. If they are
/// not, the runs of each admission are folded into one whenever there are several times as many runs as admissions.
/// Memory therefore grows with the number of distinct codes per admission, not with the number of rows.
struct CodeRuns: Sendable {
  private(set) var runs: [Run] = []
  private(set) var codes: [UInt32] = []
  /// For each code, the number of the run in which it was last seen, plus one.
  private var lastRun: [UInt32] = []
  private let admissions: Range<Int>
  /// The number of runs at which the runs are folded.
  private var limit: Int

  /// A run of one admission's codes, which ends where the next run begins.
  struct Run: Sendable {
    let admission: UInt32
    let start: UInt32
  }

  /// - Parameter admissions: the stretch of admissions.
  init(_ admissions: Range<Int>) {
    self.admissions = admissions
    limit = 4 * admissions.count + 1
  }

  @inline(__always)
  mutating func append(admission: UInt32, code: UInt32) {
    if runs.last?.admission != admission {
      if runs.count >= limit { fold() }
      runs.append(Run(admission: admission, start: UInt32(codes.count)))
    }
    let run = UInt32(truncatingIfNeeded: runs.count)
    if Int(code) >= lastRun.count { growLastRun(code) }
    if lastRun[Int(code)] == run { return }
    lastRun[Int(code)] = run
    codes.append(code)
  }

  private mutating func growLastRun(_ code: UInt32) {
    lastRun += [UInt32](repeating: 0, count: Int(code) + 64 - lastRun.count + lastRun.count / 2)
  }

  /// The range of the run's codes in `codes`.
  @inline(__always)
  func range(of run: Int) -> Range<Int> {
    Int(runs[run].start)..<(run &+ 1 < runs.count ? Int(runs[run &+ 1].start) : codes.count)
  }

  private mutating func fold() {
    let grouped = GroupedCodes([(runs: self, numbers: nil)], admissions)
    (runs, codes, lastRun) = ([], grouped.ids, [])
    for (place, admission) in admissions.enumerated() where grouped.starts[place] < grouped.starts[place + 1] {
      runs.append(Run(admission: UInt32(admission), start: UInt32(grouped.starts[place])))
    }
    limit = runs.count + max(4 * admissions.count, codes.count) + 1
  }
}

/// The codes of a stretch of admissions, grouped by admission, each code once per admission.
struct GroupedCodes: Sendable {
  /// Where each admission's codes begin in `ids`; the last element is where the last admission's codes end.
  private(set) var starts: [Int]
  private(set) var ids: [UInt32]

  /// - Parameters:
  ///   - parts: for each part, its runs and the numbers that its codes get in the result; nil if the numbers stay the
  ///     same.
  ///   - admissions: the stretch that all parts cover.
  init(_ parts: [(runs: CodeRuns, numbers: [UInt32]?)], _ admissions: Range<Int>) {
    starts = [Int](repeating: 0, count: admissions.count + 1)
    for (runs, _) in parts {
      for run in runs.runs.indices {
        starts[Int(runs.runs[run].admission) - admissions.lowerBound + 1] += runs.range(of: run).count
      }
    }
    for place in 0..<admissions.count { starts[place + 1] += starts[place] }
    ids = [UInt32](repeating: 0, count: starts[admissions.count])
    var next = starts
    var isScattered = [Bool](repeating: false, count: admissions.count)
    for (runs, numbers) in parts {
      for run in runs.runs.indices {
        let admission = Int(runs.runs[run].admission) - admissions.lowerBound
        var place = next[admission]
        if place != starts[admission] { isScattered[admission] = true }
        for code in runs.codes[runs.range(of: run)] {
          ids[place] = numbers?[Int(code)] ?? code
          place += 1
        }
        next[admission] = place
      }
    }
    if isScattered.contains(true) { dropDoubled(isScattered) }
  }

  /// Removes repeated codes from the marked admissions and closes the gaps.
  private mutating func dropDoubled(_ isScattered: [Bool]) {
    var lastSeen: [Int] = Array(repeating: -1, count: Int(ids.max() ?? 0) + 1)
    var end = 0
    for admission in isScattered.indices {
      let range = starts[admission]..<starts[admission + 1]
      starts[admission] = end
      for place in range {
        let code = ids[place]
        if isScattered[admission] {
          if lastSeen[Int(code)] == admission { continue }
          lastSeen[Int(code)] = admission
        }
        ids[end] = code
        end += 1
      }
    }
    starts[isScattered.count] = end
    ids.removeLast(ids.count - end)
  }
}

/// Divides the cohort's admissions into stretches, small enough for grouping by admission in the processor's cache.
struct AdmissionStretches: Sendable {
  private let shift: Int
  private let admissionCount: Int

  init(_ admissionCount: Int) {
    self.admissionCount = admissionCount
    var shift = 0
    while admissionCount >> shift > 64 { shift += 1 }
    self.shift = shift
  }

  var count: Int { (admissionCount + (1 << shift) - 1) >> shift }

  @inline(__always)
  func number(of admission: UInt32) -> Int { Int(admission) >> shift }

  func admissions(_ number: Int) -> Range<Int> {
    number << shift..<min(admissionCount, (number + 1) << shift)
  }
}
