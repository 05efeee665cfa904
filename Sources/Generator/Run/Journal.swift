internal import Foundation
internal import GRDB
internal import Shared

/// `journal.sqlite`: each exchange with the model and each accepted admission, stored before anything is made of them.
struct Journal: Sendable {
  private let database: DatabasePool

  /// Makes a new journal. - Throws: status 73.
  init(creating path: String) throws {
    do {
      database = try DatabasePool(path: path)
      try database.write { db in
        try db.create(table: "admission") { table in
          table.primaryKey("number", .integer)
          table.column("record", .text).notNull()
        }
        try db.create(table: "call") { table in
          table.autoIncrementedPrimaryKey("id")
          table.column("admission", .integer).notNull().indexed()
          table.column("step", .text).notNull()
          table.column("attempt", .integer).notNull()
          table.column("system", .text).notNull()
          table.column("user", .text).notNull()
          table.column("schema", .text).notNull()
          table.column("answer", .text).notNull()
          table.column("refusal", .text)
          table.column("promptTokens", .integer).notNull()
          table.column("answerTokens", .integer).notNull()
        }
      }
    } catch { throw Self.failure(error) }
  }

  /// Stores finished admissions with their exchanges, all or none.
  func record(_ finished: [FinishedAdmission]) async throws {
    do {
      try await database.write { db in
        for admission in finished {
          for call in admission.calls { try Self.insert(call, db) }
          try db.execute(
            sql: "INSERT INTO admission (number, record) VALUES (?, ?)",
            arguments: [admission.draft.number, admission.record])
        }
      }
    } catch { throw Self.failure(error) }
  }

  /// Folds the write-ahead log into the one file, and closes it.
  func close() throws {
    do {
      try database.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
      try database.close()
    } catch { throw Self.failure(error) }
  }

  private static func insert(_ call: Call, _ db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO call (admission, step, attempt, system, user, schema, answer, refusal, promptTokens, answerTokens)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        call.admission, call.step, call.attempt, call.question.system, call.question.user,
        call.question.schema.compact(), call.answer.text, call.refusal, call.answer.promptTokens,
        call.answer.answerTokens,
      ])
  }

  private static func failure(_ error: any Error) -> CloisterError {
    let code = (error as? DatabaseError)?.resultCode.description ?? "\(type(of: error))"
    return CloisterError(
      .cannotWrite, "journal.sqlite: \(code)",
      hint: "check that the disk is not full and that this user may write there")
  }
}
