internal import CZSTD
internal import Shared

/// The decompressed bytes of zstd data with one or more frames (RFC 8878). Verifies checksums where the data has them.
/// A file is refused if it ends early or has anything else after a frame.
@safe final class ZstdSource: ByteSource {
  private let compressed: any ByteSource
  private let name: String
  private let stream: OpaquePointer
  private var input = [UInt8](repeating: 0, count: 1 << 18)
  private var position = 0
  private var available = 0
  private var isInFrame = false

  /// - Throws: status 66 if memory runs out.
  init(_ compressed: any ByteSource, name: String) throws(CloisterError) {
    self.compressed = compressed
    self.name = name
    guard let stream = unsafe ZSTD_createDStream() else {
      throw CloisterError(
        .inputMissing, "\(name): not enough memory to decompress it", hint: "close other programs and try again")
    }
    unsafe self.stream = stream
  }

  deinit { _ = unsafe ZSTD_freeDStream(stream) }

  func read(into buffer: inout [UInt8], from offset: Int, to end: Int) throws(CloisterError) -> Int {
    while true {
      if position == available {
        available = try compressed.read(into: &input, from: 0, to: input.count)
        position = 0
      }
      if available == 0, !isInFrame { return 0 }
      let produced = try decompress(into: &buffer, from: offset, to: end)
      if produced > 0 { return produced }
      if available == 0 { throw damagedFile(name, "the compressed file ends early") }
    }
  }

  /// Decompresses once and returns the number of bytes produced.
  private func decompress(into buffer: inout [UInt8], from offset: Int, to end: Int) throws(CloisterError) -> Int {
    var (produced, used) = (0, 0)
    let left = unsafe input.withUnsafeBytes { input in
      unsafe buffer.withUnsafeMutableBytes { output in
        var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: available, pos: position)
        var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: end, pos: offset)
        let left = unsafe ZSTD_decompressStream(stream, &target, &source)
        (produced, used) = unsafe (target.pos - offset, source.pos)
        return left
      }
    }
    guard ZSTD_isError(left) == 0 else {
      throw damagedFile(name, "this is not a valid zstd file, or its checksum is wrong")
    }
    position = used
    isInFrame = left > 0
    return produced
  }
}
