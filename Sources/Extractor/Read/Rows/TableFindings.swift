internal import Shared

/// What a data manager should know about one table: how many rows it has, and which values are missing or unusual.
/// Patient-level data in part, so it stays inside the hospital.
struct TableFindings: Sendable {
  let table: SourceTable
  /// The name of the table's file, or of the folder of its parts.
  let file: String
  var rows = 0
  /// Rows of admissions in the policy's cohort.
  var usedRows = 0
  var columns: [String: ColumnFindings] = [:]
  /// Admissions of the cohort whose discharge is before their start.
  var endsBeforeStart = 0

  mutating func add(_ other: TableFindings) {
    rows += other.rows
    usedRows += other.usedRows
    for (name, column) in other.columns { columns[name, default: ColumnFindings()].add(column) }
  }
}

/// What one column of a table holds instead of values.
struct ColumnFindings: Equatable, Sendable {
  var emptyFields = 0
  /// For each word that stands for an empty field, such as `NULL`, how many fields hold it.
  var words: [String: Int] = [:]
  /// Fields that hold one of the source's own spellings of an unknown value.
  var unknownFields = 0
  /// Different categories with a question mark, which conversions put in place of letters.
  var namesWithMark = 0
  /// Different categories beside others that have the same letters in another case.
  var namesInAnotherCase = 0
  /// The range of a column of times in the cohort.
  private(set) var range: ClosedRange<CalendarTime>?
  /// Times in the cohort, those written without a time of day, and those at midnight.
  var times = 0
  var timesWithoutHour = 0
  var timesAtMidnight = 0

  /// Fields without a value.
  var missing: Int { emptyFields + unknownFields + words.values.reduce(0, +) }

  mutating func add(_ other: ColumnFindings) {
    emptyFields += other.emptyFields
    unknownFields += other.unknownFields
    namesWithMark += other.namesWithMark
    namesInAnotherCase += other.namesInAnotherCase
    times += other.times
    timesWithoutHour += other.timesWithoutHour
    timesAtMidnight += other.timesAtMidnight
    words.merge(other.words, uniquingKeysWith: +)
    if let more = other.range { widen(more) }
  }

  private mutating func widen(_ more: ClosedRange<CalendarTime>) {
    range = range.map { min($0.lowerBound, more.lowerBound)...max($0.upperBound, more.upperBound) } ?? more
  }

  /// Counts a time.
  mutating func count(_ time: CalendarTime) {
    times += 1
    widen(time...time)
    if !time.hasHour { timesWithoutHour += 1 }
    if time.isMidnight { timesAtMidnight += 1 }
  }

  /// Counts fields without a value.
  ///
  /// - Parameter text: what the fields hold, without quotes and blanks.
  mutating func count(_ text: ArraySlice<UInt8>, rows: Int) {
    if text.isEmpty {
      emptyFields += rows
    } else if let word = MissingText.word(text) {
      words[word, default: 0] += rows
    } else {
      unknownFields += rows
    }
  }
}
