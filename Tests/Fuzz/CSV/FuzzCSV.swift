import Shared

/// Returns its bytes in pieces of one size.
private final class Pieces: ByteSource {
  private var rest: ArraySlice<UInt8>
  private let size: Int

  init(_ bytes: ArraySlice<UInt8>, size: Int) {
    rest = bytes
    self.size = size
  }

  func read(into buffer: inout [UInt8], from offset: Int, to end: Int) -> Int {
    let piece = rest.prefix(min(size, end - offset))
    for (place, byte) in piece.enumerated() { buffer[offset + place] = byte }
    rest = rest.dropFirst(piece.count)
    return piece.count
  }
}

/// The fields of all records and the number of records, or the reader's error.
///
/// - Parameter kept: how many fields of each record to read.
private func read(_ bytes: [UInt8], pieces: Int, batch: Int, kept: Int = .max) -> Result<[[UInt8]], CloisterError> {
  do throws(CloisterError) {
    var fields: [[UInt8]] = []
    var rows = 0
    var reader = try CSVReader(file: "fuzz.csv", batchSize: batch) { offset throws(CloisterError) in
      Pieces(bytes[min(offset, bytes.count)...], size: pieces)
    }
    if kept < reader.header.count { reader.keepFields(kept) }
    while try reader.nextBatch() {
      rows += reader.recordCount
      for record in 0..<reader.recordCount {
        for column in reader.header.indices.prefix(kept) {
          fields.append(reader.unquoted(reader.field(record, column)))
        }
      }
    }
    return .success(fields + [Array("\(rows)".utf8)])
  } catch { return .failure(error) }
}

/// The function that libFuzzer calls. However the input is cut, the reader must give the same fields or the same error,
/// and must stay inside its buffers. See CONTRIBUTING.md for how to run it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCSV(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let whole = read(bytes, pieces: 1 << 16, batch: 1 << 12)
  let cut = read(bytes, pieces: Int(bytes.first ?? 0) % 7 + 1, batch: Int(bytes.last ?? 0) % 5 + 1)
  precondition(whole == cut, "the reader's result depends on how the input is cut")
  let kept = Int(bytes.first ?? 0) % 3 + 1
  let some = read(bytes, pieces: 1 << 16, batch: 1 << 12, kept: kept)
  precondition(
    some == read(bytes, pieces: 3, batch: 5, kept: kept), "the reader's result depends on how the input is cut")
  if case .failure(let error) = whole {
    precondition(some == .failure(error), "an error depends on the fields that are kept")
  } else if case .success(let fields) = some, case .success(let all) = whole {
    precondition(fields.last == all.last, "the number of records depends on the fields that are kept")
  }
  return 0
}
