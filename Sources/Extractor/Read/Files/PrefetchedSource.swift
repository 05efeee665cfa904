internal import Shared

/// Another source's bytes, read ahead on a separate thread so that decompression and parsing overlap.
final class PrefetchedSource: ByteSource {
  private let ring = Ring<Chunk>()
  private var chunk = Chunk()
  private var position = 0

  private struct Chunk: Sendable {
    var bytes: [UInt8] = []
    var count = 0
  }

  /// - Parameter make: creates the source, on the thread that reads it.
  init(_ make: @escaping @Sendable () throws(CloisterError) -> any ByteSource) {
    ring.start { () throws(CloisterError) in
      let source = try make()
      return { used throws(CloisterError) in
        var chunk = used ?? Chunk(bytes: [UInt8](repeating: 0, count: 1 << 20))
        chunk.count = try source.read(into: &chunk.bytes, from: 0, to: chunk.bytes.count)
        return chunk.count == 0 ? nil : chunk
      }
    }
  }

  deinit { ring.abandon() }

  func read(into buffer: inout [UInt8], from offset: Int, to end: Int) throws(CloisterError) -> Int {
    if position == chunk.count {
      if chunk.count > 0 { ring.reuse(chunk) }
      chunk = try ring.take() ?? Chunk()
      position = 0
    }
    let count = min(end - offset, chunk.count - position)
    unsafe buffer.withUnsafeMutableBytes { target in
      unsafe chunk.bytes.withUnsafeBytes { source in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + count])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[position..<position + count]))
      }
    }
    position += count
    return count
  }
}
