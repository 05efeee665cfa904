/// The bytes of a file that is in memory.
package final class MemoryBytes: ByteSource {
  private var rest: ArraySlice<UInt8>

  package init(_ bytes: [UInt8], from offset: Int) { rest = bytes[min(offset, bytes.count)...] }

  package func read(into buffer: inout [UInt8], from offset: Int, to end: Int) -> Int {
    let part = rest.prefix(end - offset)
    buffer.replaceSubrange(offset..<offset + part.count, with: part)
    rest = rest.dropFirst(part.count)
    return part.count
  }
}
