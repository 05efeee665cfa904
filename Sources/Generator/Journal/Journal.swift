internal import Foundation
internal import GRDB
internal import Shared
internal import Synchronization

/// `journal.sqlite`, which records every request before it is sent, every answer before it is used, and each admission
/// when its chain has ended. The content survives even if the program is killed.
struct Journal: Sendable {
  let database: DatabasePool
  private let writer: GroupWriter
  let texts = KnownTexts()

  /// The ids of the texts that this session stored or looked up.
  final class KnownTexts: Sendable {
    let numbers = Mutex<[String: Int64]>([:])
  }

  /// Creates a new journal. - Throws: status 73 if SQLite fails.
  init(creating path: String) throws {
    do {
      database = try DatabasePool(path: path, configuration: Self.configuration)
      try database.write { db in try db.execute(sql: Self.schema) }
    } catch { throw Self.failure(error) }
    writer = GroupWriter(database)
  }

  /// Opens the journal of a run. - Throws: status 66 if it is missing; 65 if it is not a journal of this version; 73 if
  /// SQLite fails.
  init(opening path: String) throws {
    guard FileStatus(of: path)?.isRegular == true else {
      throw CloisterError(
        .inputMissing, "journal.sqlite is missing", hint: "give the path of a run folder that generate made")
    }
    do {
      database = try DatabasePool(path: path, configuration: Self.configuration)
      let tables = try database.read {
        try String.fetchSet($0, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
      }
      guard
        tables.isSuperset(of: ["text", "question", "sent", "answer", "knowledge", "dialect", "settled", "admission"])
      else {
        throw CloisterError(
          .inputRefused, "journal.sqlite is not a journal of this version", hint: "use the version that made the run")
      }
    } catch let error as CloisterError { throw error } catch { throw Self.failure(error) }
    writer = GroupWriter(database)
  }

  /// With this setting, writers do not fold the write-ahead log into the database: `keepFolded` does so in parallel.
  private static let configuration: Configuration = {
    var configuration = Configuration()
    configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
    return configuration
  }()

  private static let schema = """
    CREATE TABLE text (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, content TEXT NOT NULL);
    CREATE TABLE question (
      admission INTEGER NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL,
      system INTEGER NOT NULL REFERENCES text, shared INTEGER NOT NULL REFERENCES text, own TEXT NOT NULL,
      complaint TEXT, echo TEXT, schema INTEGER NOT NULL REFERENCES text, seed INTEGER NOT NULL,
      PRIMARY KEY (admission, step, attempt)) WITHOUT ROWID;
    CREATE TABLE sent (
      id INTEGER PRIMARY KEY, admission INTEGER NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL,
      server TEXT NOT NULL, dialect TEXT NOT NULL, at REAL NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
      outcome TEXT, detail TEXT, seconds REAL, promptTokens INTEGER NOT NULL, cachedTokens INTEGER,
      answerTokens INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE answer (
      admission INTEGER NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL, sent INTEGER NOT NULL REFERENCES sent,
      text TEXT NOT NULL, ending TEXT NOT NULL, failure INTEGER,
      promptTokens INTEGER NOT NULL, cachedTokens INTEGER, answerTokens INTEGER NOT NULL,
      PRIMARY KEY (admission, step, attempt)) WITHOUT ROWID;
    CREATE INDEX unfinished ON answer (ending) WHERE ending != 'complete';
    CREATE TABLE knowledge (category TEXT PRIMARY KEY, title TEXT, source TEXT, content TEXT) WITHOUT ROWID;
    CREATE TABLE dialect (
      id INTEGER PRIMARY KEY, servers TEXT NOT NULL, content TEXT NOT NULL, keyHeader TEXT);
    CREATE TABLE settled (
      admission INTEGER NOT NULL, step TEXT NOT NULL, origin TEXT NOT NULL, refusal TEXT,
      PRIMARY KEY (admission, step)) WITHOUT ROWID;
    CREATE TABLE admission (number INTEGER PRIMARY KEY, record TEXT NOT NULL);
    """

  /// Writes in one transaction with other pending writes; returns once the transaction is committed.
  func write<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    do { return try await writer.write(work) } catch let error as DatabaseError { throw Self.failure(error) }
  }

  func read<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) throws -> Value {
    do { return try database.read(work) } catch let error as DatabaseError { throw Self.failure(error) }
  }

  /// Folds the write-ahead log into the database every two seconds until the task is cancelled, on a connection of its
  /// own that no writer waits for. If writers never pause, the log still grows: at 256 MiB the writers wait while the
  /// small remainder is folded in.
  func keepFolded() async {
    guard let other = try? DatabaseQueue(path: database.path) else { return }
    while (try? await Task.sleep(for: .seconds(2))) != nil {
      let log = try? await other.writeWithoutTransaction { db in try db.checkpoint(.passive) }
      guard let log, log.walFrameCount > 1 << 16 else { continue }
      _ = try? await other.writeWithoutTransaction { db in try db.checkpoint(.passive) }
      _ = try? await database.writeWithoutTransaction { db in try db.checkpoint(.restart) }
    }
  }

  /// Folds the write-ahead log into the database file, then closes the database.
  func close() throws {
    do {
      // SQLite removes the log's files only if the last connection that closes has write access.
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

/// Collects the writes that arrive while a transaction runs and commits them together in the next one, so one wait for
/// the disk serves many writes. If one write fails, its whole transaction fails: a run that can't keep its journal must
/// end.
private final class GroupWriter: Sendable {
  private let database: DatabasePool
  private let state = Mutex(State())

  private struct State {
    var waiting: [Pending] = []
    var isWriting = false
  }

  private struct Pending: Sendable {
    let run: @Sendable (Database) throws -> Void
    let end: @Sendable ((any Error)?) -> Void
  }

  init(_ database: DatabasePool) { self.database = database }

  func write<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let value = Box<Value>()
      let pending = Pending(
        run: { db in
          let result = try work(db)
          value.content.withLock { $0 = result }
        },
        end: { failure in
          guard let result = value.content.withLock({ $0 }) else {
            return continuation.resume(throwing: failure ?? CancellationError())
          }
          if let failure { continuation.resume(throwing: failure) } else { continuation.resume(returning: result) }
        })
      let isFirst = state.withLock { state in
        state.waiting.append(pending)
        defer { state.isWriting = true }
        return !state.isWriting
      }
      if isFirst { Task { await drain() } }
    }
  }

  private func drain() async {
    var isBusy = false
    while true {
      // Under load, waiting a few milliseconds turns many small transactions into a few large ones.
      if isBusy { try? await Task.sleep(for: .milliseconds(4)) }
      let batch = state.withLock { state in
        defer { state.waiting = [] }
        if state.waiting.isEmpty { state.isWriting = false }
        return state.waiting
      }
      if batch.isEmpty { return }
      isBusy = batch.count >= 16
      do {
        try await database.write { db in for pending in batch { try pending.run(db) } }
        for pending in batch { pending.end(nil) }
      } catch {
        for pending in batch { pending.end(error) }
      }
    }
  }

  private final class Box<Value: Sendable>: Sendable {
    let content = Mutex<Value?>(nil)
  }
}
