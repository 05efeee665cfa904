internal import Shared

/// A batch of a table's records: their bytes, and where the kept fields end.
struct RowBatch: Sendable {
  var bytes: [UInt8] = []
  var ends: [UInt32] = []
  /// The number of entries in `ends` for each record.
  var stride = 1
  var count = 0
  /// The offset in the file at which the first record begins.
  var start = 0

  /// The offset in the file at which a record begins.
  func offset(of record: Int) -> Int { record == 0 ? start : start + Int(ends[record * stride - 1]) + 1 }
}

/// Returns a table's batches. They are read either on request or ahead of time, by a separate thread. Finding fields
/// and using them can then overlap.
final class BatchSource {
  private(set) var reader: CSVReader
  /// nil if nothing is read ahead, or reading ahead has not begun.
  private var ring: Ring<RowBatch>?
  private let isAhead: Bool

  init(_ reader: CSVReader, isAhead: Bool) {
    self.reader = reader
    self.isAhead = isAhead
  }

  deinit { ring?.abandon() }

  /// Sets how many fields of a record will be needed. Call it before the first batch.
  func keepFields(_ count: Int) { reader.keepFields(count) }

  /// Puts the next batch into `batch`, reusing its memory; returns false at the end.
  func next(_ batch: inout RowBatch) throws(CloisterError) -> Bool {
    if isAhead { return try nextAhead(&batch) }
    // Release the old batch first, so that the reader writes into its own arrays and not into copies.
    batch = RowBatch()
    guard try reader.nextBatch() else { return false }
    batch.bytes = reader.bytes
    batch.ends = reader.index.ends
    describe(&batch, reader)
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
    let template = Handed(reader: reader)
    ring.start { () throws(CloisterError) in
      var reader = template.reader
      return { used throws(CloisterError) in
        guard try reader.nextBatch() else { return nil }
        var batch = used ?? RowBatch()
        batch.bytes.removeAll(keepingCapacity: true)
        batch.bytes += reader.bytes[..<min(reader.bytes.count, reader.index.start(of: reader.recordCount) + 64)]
        batch.ends.removeAll(keepingCapacity: true)
        batch.ends += reader.index.ends[..<(reader.recordCount * reader.index.stride)]
        describe(&batch, reader)
        return batch
      }
    }
    return ring
  }

  /// A reader that one thread hands to another.
  private struct Handed: @unchecked Sendable {
    let reader: CSVReader
  }
}

private func describe(_ batch: inout RowBatch, _ reader: CSVReader) {
  batch.stride = reader.index.stride
  batch.count = reader.recordCount
  batch.start = reader.offset(of: 0)
}
