internal import Shared

/// One event table's codes. If the table ranks its codes, the main diagnosis is kept apart from the others.
struct Events: Sendable {
  /// Each admission's codes, without the main diagnosis, even if it is listed again.
  let column: CodeColumn
  /// For each admission, the number of its main diagnosis, or the number of `missing` if none of its diagnoses is
  /// ranked first.
  let mainColumn: CategoryColumn
  /// The lowest-numbered admission with two diagnoses ranked first; nil if there is none.
  fileprivate let admissionWithTwoMains: UInt32?
  fileprivate(set) var findings: TableFindings

  /// Joins, in file order, the parts of one table that different threads read.
  init(_ parts: [EventRows], _ findings: TableFindings, _ admissions: Admissions, threads: Int) {
    self.findings = findings
    for part in parts {
      self.findings.usedRows += part.usedRows
      if let (name, found) = part.found { self.findings.columns[name, default: ColumnFindings()].add(found) }
    }
    var codes = CategoryInterner()
    let numbers = parts.map { part in part.names.map { codes.number(of: $0) } }
    let names = codes.names
    let all = CodeColumn(
      zip(parts, numbers).map { (runs: $0.others, numbers: $1) }, AdmissionStretches(admissions.count), names: names,
      threads: threads)
    let missing = UInt32(names.count)
    var mains = [UInt32](repeating: missing, count: admissions.count)
    var doubled: UInt32?
    for (part, numbers) in zip(parts, numbers) {
      for (admission, code) in part.mains {
        if mains[Int(admission)] != missing { doubled = min(admission, doubled ?? admission) }
        mains[Int(admission)] = numbers[Int(code)]
      }
    }
    column = all.without(mains)
    mainColumn = CategoryColumn(ids: mains, names: names + [missingCategory])
    admissionWithTwoMains = doubled
  }

  /// For each code, how many admissions have it.
  var uses: [String: Int] {
    let names = column.names
    var counts = [Int](repeating: 0, count: names.count + 1)
    for id in column.ids { counts[Int(id)] += 1 }
    for id in mainColumn.ids { counts[Int(id)] += 1 }
    return Dictionary(uniqueKeysWithValues: zip(names, counts).filter { $0.1 > 0 })
  }

  /// The band of each admission's number of different codes, including the main diagnosis.
  func countColumn(_ bands: [Band]) -> CategoryColumn {
    let ids = mainColumn.ids.enumerated().map { admission, main in
      let count = column.codes(of: admission).count + (Int(main) == column.names.count ? 0 : 1)
      return UInt32(bands.firstIndex { $0.contains(count) } ?? 0)
    }
    return CategoryColumn(ids: ids, names: bands.map(\.label))
  }
}

/// The codes that one thread read from an event table.
struct EventRows: Sendable {
  /// One element for each stretch of admissions.
  fileprivate var others: [CodeRuns]
  fileprivate var mains: [(admission: UInt32, code: UInt32)] = []
  fileprivate var names: [String] = []
  fileprivate var usedRows = 0
  fileprivate var found: (column: String, found: ColumnFindings)?
  private let stretches: AdmissionStretches

  fileprivate init(_ admissions: Admissions) {
    stretches = AdmissionStretches(admissions.count)
    others = (0..<stretches.count).map { [stretches] in CodeRuns(stretches.admissions($0)) }
  }

  @inline(__always)
  fileprivate mutating func append(_ admission: UInt32, _ code: UInt32, isMain: Bool) {
    if isMain {
      mains.append((admission: admission, code: code))
    } else {
      others[stretches.number(of: admission)].append(admission: admission, code: code)
    }
  }
}

/// Reads one event table. Rows of admissions outside the cohort are checked and then left out. A row that names an
/// unknown admission, or a patient other than the admission's own, is refused, since it makes the export inconsistent.
func readEvents(
  _ table: SourceTable, _ input: InputFolder, _ admissions: Admissions, policy: Policy
) throws(CloisterError) -> Events {
  let schema = input.schema
  let (parts, findings) = try readInShares(table, input) { rows throws(CloisterError) in
    let columns = try EventColumns(&rows, table)
    if table == .labEvents {
      return try eventRows(&rows, columns, admissions, try LabCodes(&rows, policy.labBins))
    }
    return try eventRows(&rows, columns, admissions, try ListedCodes(table, schema, policy, &rows))
  }
  let events = Events(parts, findings, admissions, threads: input.threads)
  if let doubled = events.admissionWithTwoMains {
    throw try doubledRank(table, input, admissions, policy, doubled)
  }
  return events
}

/// Reads rows in batches. All admissions of a batch are looked up first, in one loop: a whole hospital's index does not
/// fit into the processor's cache, and in a loop the lookups need not wait for each other.
private func eventRows(
  _ rows: inout TableRows, _ columns: EventColumns, _ admissions: Admissions, _ reader: some RowCodes
) throws(CloisterError) -> EventRows {
  var codes = reader
  var events = EventRows(admissions)
  var runs: [RowRun] = []
  while try rows.nextBatch() {
    columns.findRuns(&rows, &runs)
    for run in runs.indices { runs[run].admission = admissions.row(runs[run].number) }
    var row = 0
    for run in runs {
      while row < run.end {
        rows.select(row)
        try take(rows, columns, run.admission, &codes, &events)
        row &+= 1
      }
    }
    // The search for runs stopped at a row with an error. All earlier rows have been processed, so throw the error now.
    if row < rows.count {
      rows.select(row)
      _ = try columns.admission(rows)
    }
  }
  events.names = codes.names
  events.found = codes.findings
  return events
}

@inline(__always)
private func take(
  _ rows: borrowing TableRows, _ columns: EventColumns, _ admission: AdmissionOfRow, _ codes: inout some RowCodes,
  _ events: inout EventRows
) throws(CloisterError) {
  switch admission {
  case .none: return
  case .unknown: throw rows.refusal(columns.admission, "names an admission that is not in the admissions table")
  case .known(let place):
    guard place.subject == (try rows.integer(columns.subject)) else {
      throw rows.refusal(columns.subject, "is not the admission's patient")
    }
    let code = try codes.code(rows)
    guard let number = place.number else { return }
    events.usedRows &+= 1
    if let code { events.append(number, code, isMain: try columns.isMain(rows)) }
  }
}

/// Adjacent rows of a batch with the same `hadm_id`.
private struct RowRun {
  /// The `hadm_id`; -1 if it is empty.
  let number: Int
  /// The row after the run's last row.
  var end: Int
  var admission = AdmissionOfRow.none
}

/// The admission to which a row belongs.
private enum AdmissionOfRow {
  /// The row belongs to no admission.
  case none
  case unknown
  case known(Admissions.Place)
}

extension Admissions {
  @inline(__always)
  fileprivate func row(_ number: Int) -> AdmissionOfRow {
    number < 0 ? .none : place(of: number).map { .known($0) } ?? .unknown
  }
}

/// The columns that every event table has, and the rank if the table has one.
private struct EventColumns {
  let admission: TableRows.Column
  let subject: TableRows.Column
  let rank: TableRows.Column?
  /// Laboratory values may come from people who were not admitted.
  private let mayLackAdmission: Bool

  init(_ rows: inout TableRows, _ table: SourceTable) throws(CloisterError) {
    admission = try rows.column("hadm_id")
    subject = try rows.column("subject_id")
    rank = table == .diagnoses ? try rows.column("seq_num") : nil
    mayLackAdmission = table == .labEvents
  }

  /// The row's `hadm_id`; nil if the row belongs to no admission.
  @inline(__always)
  func admission(_ rows: borrowing TableRows) throws(CloisterError) -> Int? {
    if mayLackAdmission, rows.isMissing(admission) { return nil }
    return try rows.integer(admission)
  }

  /// Finds the runs among the batch's rows, up to the first row with an error.
  func findRuns(_ rows: inout TableRows, _ runs: inout [RowRun]) {
    runs.removeAll(keepingCapacity: true)
    var last = -2
    for row in 0..<rows.count {
      rows.select(row)
      guard let number = try? admission(rows) ?? -1 else { return }
      if number == last {
        runs[runs.count - 1].end = row &+ 1
      } else {
        runs.append(RowRun(number: number, end: row &+ 1))
        last = number
      }
    }
  }

  @inline(__always)
  func isMain(_ rows: borrowing TableRows) throws(CloisterError) -> Bool {
    guard let rank, !rows.isMissing(rank) else { return false }
    let number = try rows.integer(rank)
    guard number > 0 else { throw rows.refusal(rank, "is 0: the main diagnosis has rank 1 and the others follow") }
    return number == 1
  }
}

/// Finds the row that ranks a second diagnosis first. Reads the table again for this, because no other error needs the
/// row.
private func doubledRank(
  _ table: SourceTable, _ input: InputFolder, _ admissions: Admissions, _ policy: Policy, _ admission: UInt32
) throws(CloisterError) -> CloisterError {
  var rows = try TableRows(table, of: input)
  let columns = try EventColumns(&rows, table)
  var codes = try ListedCodes(table, input.schema, policy, &rows)
  var found = 0
  while try rows.next() {
    let place = admissions.place(of: try rows.integer(columns.admission))
    guard place?.number == admission, try codes.code(rows) != nil, try columns.isMain(rows) else { continue }
    found += 1
    if found == 2, let rank = columns.rank {
      return rows.refusal(rank, "is already 1 in an earlier row of the same admission")
    }
  }
  return CloisterError(
    .internalError, "a second diagnosis with rank 1 was not found again",
    hint: "run again, and leave the table unchanged while it is read")
}
