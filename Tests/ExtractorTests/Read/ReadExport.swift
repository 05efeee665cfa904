import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

extension Export.Outcome {
  /// Reads an export, and compares what comes of it with the undamaged hospital.
  func check(_ name: String, of hospital: [String: Data] = exportedHospital(), _ read: () throws -> ReadExport) throws {
    let whole = try ReadExport(hospital)
    #expect(whole.notes == [])
    switch self {
    case .same:
      let found = try read()
      #expect(found.tables == whole.tables, "\(name)")
      #expect(found.notes == [], "\(name)")
    case .noted(let note):
      let found = try read()
      #expect(found.tables == whole.tables, "\(name)")
      #expect(found.notes.contains { $0.contains(note) }, "\(name): \(found.notes)")
    case .doubted(let note):
      let found = try read()
      #expect(found.tables != whole.tables, "\(name)")
      #expect(found.notes.contains { $0.contains(note) }, "\(name): \(found.notes)")
    case .refused(let what):
      let error = try #require(throws: CloisterError.self) { _ = try read() }
      #expect("\(error.what)\n\(error.hint)".contains(what), "\(name): \(error.what)\n\(error.hint)")
      #expect(error.status == .inputRefused || error.status == .inputMissing, "\(name)")
    }
  }
}

/// What the extractor finds in an exported hospital.
struct ReadExport {
  /// The counts of all tables.
  let tables: [[[String]: Int]]
  /// The notes without the numbers of rows.
  let notes: [String]

  init(_ files: [String: Data], threads: Int = 2) throws {
    let folder = try TemporaryFolder()
    for (name, data) in files { try folder.write(data, to: name) }
    try self.init(folder.path, threads: threads)
  }

  init(_ folder: String, threads: Int = 2) throws {
    let policy = try exportPolicy()
    let records = try readHospital(try InputFolder(folder, threads: threads), policy: policy)
    tables = tally(records, policy: policy, threads: threads).tables.map { table in
      Dictionary(uniqueKeysWithValues: table.cells.map { (table.key($0), $0.admissions) })
    }
    notes = DataReport(records, ignored: []).notes.filter { !$0.hasPrefix("rows read: ") }
  }
}

/// A policy whose tables need every kind of column.
func exportPolicy() throws -> Policy {
  let tables = [
    "religion", "language", "length-of-stay-band", "died-in-hospital", "diagnosis-count-band", "procedure", "drug",
  ]
  let text = SmallHospital.policy + tables.map { "  - table: [\($0)]\n" }.joined()
  return try Policy(parsing: Array(text.utf8), file: "policy.yaml")
}
