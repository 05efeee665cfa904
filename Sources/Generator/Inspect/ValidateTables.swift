internal import Foundation
internal import Shared

/// The faults in a run's table files. A run that nobody has changed has none.
struct Validity: Sendable {
  private(set) var rows = 0
  private(set) var faults: [String: Int] = [:]

  var isWhole: Bool { faults.isEmpty }
  var json: JSONValue {
    .object([
      JSONMember("rows", .integer(rows)), JSONMember("faults", .integer(faults.values.reduce(0, +))),
      JSONMember("kinds", .object(faults.inByteOrder().map { JSONMember($0.key, .integer($0.value)) })),
    ])
  }

  fileprivate mutating func count(_ rows: Int) { self.rows += rows }
  fileprivate mutating func add(_ fault: String) { faults[fault, default: 0] += 1 }
}

/// Reads back all tables of a run and checks that they are unchanged, and headers, keys, references, types, times and
/// codes.
///
/// - Throws: status 66 if a table can't be read; 65 if it is not CSV.
func validate(_ run: RunFolder, _ parts: RunParts) throws(CloisterError) -> Validity {
  var validity = Validity()
  var known = KnownIDs()
  let written = RunReport.tables(of: run)
  let schema = run.bundle.statistics.schema
  for table in outputTables(schema) {
    let path = "\(run.path)/tables/\(table.path)"
    let bytes = try readFile(path, name: table.path, limit: Int.max - 1, refusal: .inputRefused)
    if written[table.path] != SHA256.hexadecimal(bytes) {
      validity.add("\(table.path): the file is not the one that the run wrote")
    }
    var reader = try CSVReader(file: table.path) { offset throws(CloisterError) in MemoryBytes(bytes, from: offset) }
    if reader.header != table.header.map({ $0.lowercased() }) { validity.add("\(table.path): the header is wrong") }
    let checks = reader.header.map { ColumnCheck($0, table, schema, parts.book) }
    while try reader.nextBatch() {
      validity.count(reader.recordCount)
      for record in 0..<reader.recordCount {
        let fields = reader.header.indices.map { column in
          String(decoding: reader.unquoted(reader.field(record, column)), as: UTF8.self)
        }
        for (check, text) in zip(checks, fields) where !check.allows(text, fields, &known) {
          validity.add("\(table.path): \(check.column)")
        }
        if let fault = known.fault(of: fields, in: reader.header, table.path) {
          validity.add("\(table.path): \(fault)")
        }
      }
    }
  }
  return validity
}

/// The ids that other tables refer to.
private struct KnownIDs {
  var subjects: Set<String> = []
  /// When each stay begins and ends, by `hadm_id`.
  var stays: [String: (begin: String, end: String)] = [:]

  /// Remembers the ids that a row introduces; returns the fault of the row as a whole, or nil if it has none.
  mutating func fault(of fields: [String], in header: [String], _ path: String) -> String? {
    func field(_ name: String) -> String? { header.firstIndex(of: name).map { fields[$0] } }
    if path.lowercased().hasSuffix("patients.csv") {
      return subjects.insert(field("subject_id") ?? "").inserted ? nil : "subject_id appears twice"
    }
    guard let stay = field("hadm_id") else { return nil }
    guard let admitted = field("admittime"), let discharged = field("dischtime") else {
      guard let times = stays[stay] else { return "hadm_id is not an admission" }
      for name in ["startdate", "enddate", "chartdate", "charttime", "starttime", "stoptime"] {
        guard let time = field(name), !time.isEmpty else { continue }
        if time.prefix(10) < times.begin.prefix(10) || time.prefix(10) > times.end.prefix(10) {
          return "\(name) is outside the stay"
        }
      }
      return nil
    }
    if stays.updateValue((admitted, discharged), forKey: stay) != nil { return "hadm_id appears twice" }
    if admitted >= discharged { return "dischtime is not after admittime" }
    let died = field("hospital_expire_flag") == "1"
    return (field("deathtime") ?? "").isEmpty == died ? "deathtime does not agree with hospital_expire_flag" : nil
  }
}

/// Checks a column's values according to its name.
private struct ColumnCheck {
  let column: String
  private let kind: Kind

  private enum Kind {
    case text
    case integer
    case flag
    case time
    case subject
    case code(@Sendable (_ code: String, _ fields: [String]) -> Bool)
  }

  init(_ column: String, _ table: OutputTable, _ schema: SourceSchema, _ book: CodeBook) {
    self.column = column
    let version = table.header.firstIndex(of: "icd_version")
    switch column {
    case "subject_id": kind = table.path.lowercased().hasSuffix("patients.csv") ? .integer : .subject
    case "row_id", "hadm_id", "seq_num", "itemid", "labevent_id", "anchor_age", "anchor_year": kind = .integer
    case "hospital_expire_flag", "expire_flag": kind = .flag
    case "icd9_code", "icd_code", "cpt_cd":
      let attributes: [Attribute] =
        column == "cpt_cd" ? [.cpt] : table.attribute == .procedure ? [.procedure] : [.diagnosis, .mainDiagnosis]
      kind = .code { code, fields in
        let category = version.map { VersionedCode.category(version: Int(fields[$0]) ?? 9, code: code) } ?? code
        return attributes.contains { book.knows(category, $0) }
      }
    default:
      let isTime =
        ["time", "date"].contains { column.hasSuffix($0) } || ["dob", "dod", "dod_hosp", "dod_ssn"].contains(column)
      kind = isTime ? .time : .text
    }
  }

  func allows(_ text: String, _ fields: [String], _ known: inout KnownIDs) -> Bool {
    switch kind {
    case .text: true
    case .integer: Int(text) != nil
    case .flag: text == "0" || text == "1"
    case .subject: known.subjects.contains(text)
    case .code(let knows): knows(text, fields)
    case .time: text.isEmpty || Self.isTime(text)
    }
  }

  private static func isTime(_ text: String) -> Bool {
    let shape = text.utf8.map { (0x30...0x39).contains($0) ? UInt8(ascii: "0") : $0 }
    return ["0000-00-00", "0000-00-00 00:00:00"].contains(String(decoding: shape, as: UTF8.self))
  }
}
