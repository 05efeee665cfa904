internal import Shared

/// One event table's codes: the main diagnosis apart from the others, where the table ranks them.
struct Events: Sendable {
  private(set) var pairs: [CodePair] = []
  private(set) var mains: [CodePair] = []
  private var codes = CategoryInterner()

  var names: [String] { codes.names }

  /// An admission of the cohort and one of its codes, by number.
  struct CodePair: Sendable {
    let admission: UInt32
    let code: UInt32
  }

  /// Joins what the threads read of one table, in the order of the file.
  init(_ parts: [EventRows]) {
    for part in parts {
      let global = part.names.map { codes.number(of: $0) }
      func renumbered(_ pair: CodePair) -> CodePair {
        CodePair(admission: pair.admission, code: global[Int(pair.code)])
      }
      pairs.reserveCapacity(pairs.count + part.pairs.count)
      for pair in part.pairs { pairs.append(renumbered(pair)) }
      for pair in part.mains { mains.append(renumbered(pair)) }
    }
  }

  /// Each admission's codes, without the main diagnosis.
  func column(_ admissions: Admissions) -> CodeColumn {
    CodeColumn(pairs: pairs, admissionCount: admissions.count, names: names)
  }

  /// Each admission's main diagnosis; `missing` where the table ranks none first.
  func mainColumn(_ admissions: Admissions) -> CategoryColumn {
    var ids = [UInt32](repeating: UInt32(names.count), count: admissions.count)
    for pair in mains { ids[Int(pair.admission)] = pair.code }
    return CategoryColumn(ids: ids, names: names + [missingCategory])
  }

  /// The band of the number of different codes, the main diagnosis among them.
  func countColumn(_ admissions: Admissions, _ bands: [Band]) -> CategoryColumn {
    let column = CodeColumn(pairs: pairs + mains, admissionCount: admissions.count, names: names)
    let ids = (0..<admissions.count).map { admission in
      UInt32(bands.firstIndex { $0.contains(column.codes(of: admission).count) } ?? 0)
    }
    return CategoryColumn(ids: ids, names: bands.map(\.label))
  }
}

/// What one thread read of an event table.
struct EventRows: Sendable {
  fileprivate(set) var pairs: [Events.CodePair] = []
  fileprivate(set) var mains: [Events.CodePair] = []
  fileprivate(set) var names: [String] = []
}

/// Reads one event table. Rows of admissions outside the cohort are checked and left out; rows of unknown admissions, or
/// under another patient than the admission's, are refused: such an export does not fit together.
func readEvents(
  _ table: SourceTable, _ input: InputFolder, _ admissions: Admissions
) throws(CloisterError) -> Events {
  let schema = input.schema
  let parts = try readInShares(table, input) { rows throws(CloisterError) in
    try eventRows(table, schema, &rows, admissions)
  }
  let events = Events(parts)
  if let doubled = events.admissionWithTwoMains(admissions.count) {
    throw try doubledRank(table, input, admissions, doubled)
  }
  return events
}

private func eventRows(
  _ table: SourceTable, _ schema: SourceSchema, _ rows: inout TableRows, _ admissions: Admissions
) throws(CloisterError) -> EventRows {
  let columns = try EventColumns(rows, table)
  var codes = try CodeReader(table, schema, rows)
  var events = EventRows()
  var last: (admission: Int, place: Admissions.Place)?
  while try rows.next() {
    let admission = try rows.integer(columns.admission)
    if last?.admission != admission {
      guard let place = admissions.place(of: admission) else {
        throw rows.refusal(columns.admission, "names an admission that the admissions table does not have")
      }
      last = (admission, place)
    }
    guard let place = last?.place, place.subject == (try rows.integer(columns.subject)) else {
      throw rows.refusal(columns.subject, "is another patient than the admission's")
    }
    guard let code = try codes.code(rows), let number = place.number else { continue }
    if try columns.isMain(rows) {
      events.mains.append(Events.CodePair(admission: number, code: code))
    } else {
      events.pairs.append(Events.CodePair(admission: number, code: code))
    }
  }
  events.names = codes.names
  return events
}

/// The columns that every event table has, and the rank, where it has one.
private struct EventColumns {
  let admission: TableRows.Column
  let subject: TableRows.Column
  let rank: TableRows.Column?

  init(_ rows: TableRows, _ table: SourceTable) throws(CloisterError) {
    admission = try rows.column("hadm_id")
    subject = try rows.column("subject_id")
    rank = try table == .diagnoses ? rows.column("seq_num") : nil
  }

  func isMain(_ rows: TableRows) throws(CloisterError) -> Bool {
    guard let rank, !rows.isEmpty(rank) else { return false }
    return try rows.integer(rank) == 1
  }
}

extension Events {
  /// An admission with two diagnoses ranked first; nil where there is none.
  fileprivate func admissionWithTwoMains(_ count: Int) -> UInt32? {
    var hasMain = [Bool](repeating: false, count: count)
    for pair in mains {
      if hasMain[Int(pair.admission)] { return pair.admission }
      hasMain[Int(pair.admission)] = true
    }
    return nil
  }
}

/// Finds the row that ranks a second diagnosis of the admission first: read once more, since only the error needs it.
private func doubledRank(
  _ table: SourceTable, _ input: InputFolder, _ admissions: Admissions, _ admission: UInt32
) throws(CloisterError) -> CloisterError {
  var rows = try TableRows(table, of: input)
  let columns = try EventColumns(rows, table)
  var codes = try CodeReader(table, input.schema, rows)
  var found = 0
  while try rows.next() {
    let place = admissions.place(of: try rows.integer(columns.admission))
    guard place?.number == admission, try codes.code(rows) != nil, try columns.isMain(rows) else { continue }
    found += 1
    if found == 2, let rank = columns.rank {
      return rows.refusal(rank, "is 1 in an earlier row of the same admission too")
    }
  }
  return CloisterError(
    .internalError, "a doubled rank was not found again", hint: "the table changed while it was read")
}

/// How a row of an event table says its code.
private struct CodeReader {
  private let table: SourceTable
  private let value: TableRows.Column
  private let version: TableRows.Column?
  /// By ICD version, 9 and 10; tables without versions use the first.
  private var interners = [CategoryInterner(), CategoryInterner()]

  init(_ table: SourceTable, _ schema: SourceSchema, _ rows: TableRows) throws(CloisterError) {
    self.table = table
    switch table {
    case .prescriptions: value = try rows.column("drug")
    case .cptEvents: value = try rows.column("cpt_cd")
    default: value = try rows.column(schema == .mimicIII ? "icd9_code" : "icd_code")
    }
    let isVersioned = schema == .mimicIV && (table == .diagnoses || table == .procedures)
    version = isVersioned ? try rows.column("icd_version") : nil
  }

  /// All codes by number: those of the first interner have the even numbers, those of the second the odd ones.
  var names: [String] {
    let most = interners.map(\.names.count).max() ?? 0
    return (0..<most * 2).map { number in
      let names = interners[number % 2].names
      return number / 2 < names.count ? names[number / 2] : ""
    }
  }

  /// The code's number; nil where the row has none.
  mutating func code(_ rows: TableRows) throws(CloisterError) -> UInt32? {
    var second = 0
    if let version {
      let number = try rows.integer(version)
      guard number == 9 || number == 10 else { throw rows.refusal(version, "is neither 9 nor 10") }
      second = number - 9
    }
    let (table, value, isVersioned) = (table, value, version != nil)
    let id = try interners[second].id(rows, value) { () throws(CloisterError) in
      try name(rows, table, value, version: isVersioned ? second + 9 : nil)
    }
    return id.map { $0 * 2 + UInt32(second) }
  }
}

/// The category that a code's value stands for; nil where it is empty or unknown.
private func name(
  _ rows: TableRows, _ table: SourceTable, _ value: TableRows.Column, version: Int?
) throws(CloisterError) -> String? {
  switch (table, version) {
  case (.prescriptions, _):
    let drug = try rows.category(value)
    return drug == missingCategory ? nil : drug
  case (.cptEvents, _): return try rows.code(value, .cpt)
  case (_, nil): return try rows.code(value, table == .diagnoses ? .icd9Diagnosis : .icd9Procedure)
  case (_, 10):
    return try rows.code(value, table == .diagnoses ? .icd10Diagnosis : .icd10Procedure)
      .map { VersionedCode.category(version: 10, code: $0) }
  default:
    return try rows.code(value, table == .diagnoses ? .icd9Diagnosis : .icd9Procedure)
      .map { VersionedCode.category(version: 9, code: $0) }
  }
}
