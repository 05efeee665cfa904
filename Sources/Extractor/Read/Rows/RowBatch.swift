internal import Shared

/// A batch of a table's records: their bytes, and where the kept fields end.
struct RowBatch: Sendable {
  var bytes: [UInt8] = []
  var ends: [UInt32] = []
  /// The number of entries in `ends` for each record.
  var stride = 1
  var count = 0
  /// The number of the table's file that the batch comes from.
  var file = 0
  /// The offset in the file at which the first record begins.
  var start = 0

  /// The offset in the file at which a record begins.
  func offset(of record: Int) -> Int { record == 0 ? start : start + Int(ends[record * stride - 1]) + 1 }
}

/// Reads the files of a table one after another.
struct RowReader: @unchecked Sendable {
  private(set) var reader: CSVReader
  private let files: TableFiles?
  private var file = 0
  private var kept = Int.max

  /// - Parameter files: the files that follow in the table's folder; nil if the reader's file is the only one.
  init(_ reader: CSVReader, files: TableFiles? = nil) {
    self.reader = reader
    self.files = files
  }

  /// Keeps only the first `count` fields of each record.
  mutating func keepFields(_ count: Int) {
    kept = count
    reader.keepFields(count)
  }

  /// Moves to the next batch, of this file or the next; returns false at the end of the last.
  mutating func nextBatch() throws(CloisterError) -> Bool {
    while true {
      if try reader.nextBatch() { return true }
      guard let files, file + 1 < files.names.count else { return false }
      let next = try files.open(file + 1)
      guard next.header == reader.header else {
        throw CloisterError(
          .inputRefused, "\(next.file) line 1: the column names differ from those in \(reader.file)",
          hint: "export all parts of the table in one run, or as one file")
      }
      file += 1
      reader = next
      reader.keepFields(kept)
    }
  }

  /// The name of the table's file, or of the folder of its parts.
  var name: String { files?.name ?? reader.file }

  func describe(_ batch: inout RowBatch) {
    batch.stride = reader.index.stride
    batch.count = reader.recordCount
    batch.file = file
    batch.start = reader.offset(of: 0)
  }

  /// An error about a place in one of the files.
  func refusal(_ file: Int, at offset: Int, _ what: String, column: String) -> CloisterError {
    let reader = file == self.file ? reader : (try? files?.open(file)) ?? reader
    return reader.refusal(at: offset, what, column: column)
  }
}

/// Returns a table's batches. They are read either on request or ahead of time, by a separate thread. Finding fields
/// and using them can then overlap.
final class BatchSource {
  private(set) var rows: RowReader
  /// nil if nothing is read ahead, or reading ahead has not begun.
  private var ring: Ring<RowBatch>?
  private let isAhead: Bool

  init(_ rows: RowReader, isAhead: Bool) {
    self.rows = rows
    self.isAhead = isAhead
  }

  deinit { ring?.abandon() }

  /// Sets how many fields of a record will be needed. Call it before the first batch.
  func keepFields(_ count: Int) { rows.keepFields(count) }

  /// Puts the next batch into `batch`, reusing its memory; returns false at the end.
  func next(_ batch: inout RowBatch) throws(CloisterError) -> Bool {
    if isAhead { return try nextAhead(&batch) }
    // Release the old batch first, so that the reader writes into its own arrays and not into copies.
    batch = RowBatch()
    guard try rows.nextBatch() else { return false }
    batch.bytes = rows.reader.bytes
    batch.ends = rows.reader.index.ends
    rows.describe(&batch)
    return true
  }

  private func nextAhead(_ batch: inout RowBatch) throws(CloisterError) -> Bool {
    let ring = ring ?? startAhead()
    if batch.count > 0 { ring.reuse(batch) }
    batch = try ring.take() ?? RowBatch()
    return batch.count > 0
  }

  private func startAhead() -> Ring<RowBatch> {
    let ring = Ring<RowBatch>()
    self.ring = ring
    let template = rows
    ring.start { () throws(CloisterError) in
      var rows = template
      return { used throws(CloisterError) in
        guard try rows.nextBatch() else { return nil }
        let reader = rows.reader
        var batch = used ?? RowBatch()
        batch.bytes.removeAll(keepingCapacity: true)
        batch.bytes += reader.bytes[..<min(reader.bytes.count, reader.index.start(of: reader.recordCount) + 64)]
        batch.ends.removeAll(keepingCapacity: true)
        batch.ends += reader.index.ends[..<(reader.recordCount * reader.index.stride)]
        rows.describe(&batch)
        return batch
      }
    }
    return ring
  }
}
