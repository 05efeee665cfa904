internal import Foundation
internal import GRDB
internal import Shared
internal import Synchronization

/// `journal.sqlite`: every request before it is sent, every answer before anything is made of it, and each admission when
/// its chain has ended. What is in it survives a kill at any moment.
struct Journal: Sendable {
  let database: DatabasePool
  private let writer: GroupWriter

  /// Makes a new journal. - Throws: status 73.
  init(creating path: String) throws {
    do {
      database = try DatabasePool(path: path)
      try database.write { db in try db.execute(sql: Self.schema) }
    } catch { throw Self.failure(error) }
    writer = GroupWriter(database)
  }

  /// Opens the journal of a run. - Throws: status 66 where there is none; 65 where it is none of ours.
  init(opening path: String) throws {
    guard FileStatus(of: path)?.isRegular == true else {
      throw CloisterError(.inputMissing, "journal.sqlite: there is none", hint: "name the folder that generate made")
    }
    do {
      database = try DatabasePool(path: path)
      let tables = try database.read {
        try String.fetchSet($0, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
      }
      guard tables.isSuperset(of: ["text", "question", "sent", "answer", "knowledge", "admission"]) else {
        throw CloisterError(
          .inputRefused, "journal.sqlite: is no journal of this version", hint: "use the version that made the run")
      }
    } catch let error as CloisterError { throw error } catch { throw Self.failure(error) }
    writer = GroupWriter(database)
  }

  private static let schema = """
    CREATE TABLE text (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, content TEXT NOT NULL);
    CREATE TABLE question (
      admission INTEGER NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL,
      system INTEGER NOT NULL REFERENCES text, shared INTEGER NOT NULL REFERENCES text, own TEXT NOT NULL,
      complaint TEXT, schema INTEGER NOT NULL REFERENCES text, seed INTEGER NOT NULL,
      PRIMARY KEY (admission, step, attempt)) WITHOUT ROWID;
    CREATE TABLE sent (
      id INTEGER PRIMARY KEY, admission INTEGER NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL,
      server TEXT NOT NULL, at REAL NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, outcome TEXT,
      seconds REAL, promptTokens INTEGER NOT NULL, cachedTokens INTEGER, answerTokens INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE answer (
      admission INTEGER NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL, sent INTEGER NOT NULL REFERENCES sent,
      text TEXT NOT NULL, complete INTEGER NOT NULL, failure INTEGER,
      promptTokens INTEGER NOT NULL, cachedTokens INTEGER, answerTokens INTEGER NOT NULL,
      PRIMARY KEY (admission, step, attempt)) WITHOUT ROWID;
    CREATE TABLE knowledge (category TEXT PRIMARY KEY, title TEXT, source TEXT, content TEXT) WITHOUT ROWID;
    CREATE TABLE admission (number INTEGER PRIMARY KEY, record TEXT NOT NULL);
    """

  /// Writes together with what others write at the moment; returns when it is in the database.
  func write<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    do { return try await writer.write(work) } catch let error as DatabaseError { throw Self.failure(error) }
  }

  func read<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) throws -> Value {
    do { return try database.read(work) } catch let error as DatabaseError { throw Self.failure(error) }
  }

  /// Folds the write-ahead log into the one file, and closes it.
  func close() throws {
    do {
      // SQLite removes the log's files when a connection that may write is the last to close.
      database.invalidateReadOnlyConnections()
      try database.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
      try database.close()
    } catch { throw Self.failure(error) }
  }

  private static func failure(_ error: any Error) -> CloisterError {
    let code = (error as? DatabaseError)?.resultCode.description ?? "\(type(of: error))"
    return CloisterError(
      .cannotWrite, "journal.sqlite: \(code)",
      hint:
        "check that the disk is not full, that this user may write there and that no other program has the file open")
  }
}

/// Collects what is written while a transaction runs into the next one: one wait for the disk serves many. Where one write
/// fails, all of its transaction fail: a run that can't keep its journal has to end.
private actor GroupWriter {
  private let database: DatabasePool
  private var waiting: [Pending] = []
  private var isWriting = false

  private struct Pending: Sendable {
    let run: @Sendable (Database) throws -> Void
    let end: @Sendable ((any Error)?) -> Void
  }

  init(_ database: DatabasePool) { self.database = database }

  func write<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let value = Box<Value>()
      waiting.append(
        Pending(
          run: { db in
            let result = try work(db)
            value.content.withLock { $0 = result }
          },
          end: { failure in
            guard let result = value.content.withLock({ $0 }) else {
              return continuation.resume(throwing: failure ?? CancellationError())
            }
            if let failure { continuation.resume(throwing: failure) } else { continuation.resume(returning: result) }
          }))
      if !isWriting {
        isWriting = true
        Task { await drain() }
      }
    }
  }

  private func drain() async {
    while !waiting.isEmpty {
      let batch = waiting
      waiting = []
      do {
        try await database.write { db in for pending in batch { try pending.run(db) } }
        for pending in batch { pending.end(nil) }
      } catch {
        for pending in batch { pending.end(error) }
      }
    }
    isWriting = false
  }

  private final class Box<Value: Sendable>: Sendable {
    let content = Mutex<Value?>(nil)
  }
}
