internal import CZLIB
internal import Shared

/// A table's file as it is written, compressed if its name ends with `.gz`, with the digest of its bytes.
final class TableFile {
  let path: String
  private let file: NewFile
  private let digest = RunningDigest()
  private let gzip: Gzip?

  init(_ path: String, _ file: NewFile) {
    (self.path, self.file) = (path, file)
    gzip = path.hasSuffix(".gz") ? Gzip() : nil
  }

  func append(_ bytes: [UInt8]) throws(CloisterError) { try write(gzip?.compressed(bytes) ?? bytes) }

  /// - Returns: the digest.
  func close() throws(CloisterError) -> String {
    if let gzip { try write(gzip.end()) }
    try file.close()
    return digest.hexadecimal()
  }

  private func write(_ bytes: [UInt8]) throws(CloisterError) {
    digest.add(bytes)
    try file.append(bytes)
  }
}

/// zlib's compression of one stream. The same bytes in the same pieces give the same result everywhere.
@safe private final class Gzip {
  private var stream = unsafe z_stream()
  private var output = [UInt8](repeating: 0, count: 1 << 16)

  init() {
    let status = unsafe czlib_begin_gzip(&stream, 6)
    precondition(status == Z_OK, "zlib could not start, which it only does without memory")
  }

  deinit { unsafe deflateEnd(&stream) }

  func compressed(_ bytes: [UInt8]) -> [UInt8] { deflated(bytes, Z_NO_FLUSH) }

  func end() -> [UInt8] { deflated([], Z_FINISH) }

  private func deflated(_ bytes: [UInt8], _ flush: Int32) -> [UInt8] {
    var input = bytes
    var result: [UInt8] = []
    unsafe input.withUnsafeMutableBufferPointer { input in
      unsafe stream.next_in = input.baseAddress
      unsafe stream.avail_in = UInt32(input.count)
      repeat {
        let written = unsafe output.withUnsafeMutableBufferPointer { output in
          unsafe stream.next_out = output.baseAddress
          unsafe stream.avail_out = UInt32(output.count)
          unsafe deflate(&stream, flush)
          return unsafe output.count - Int(stream.avail_out)
        }
        result += output[..<written]
      } while unsafe stream.avail_out == 0
      unsafe stream.next_in = nil
    }
    return result
  }
}
