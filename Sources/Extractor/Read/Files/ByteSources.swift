internal import CISAL
internal import Shared

/// The bytes of a plain file, starting at an offset.
final class FileSource: ByteSource {
  private let file: OpenFile
  private let progress: ReadProgress?

  init(_ path: String, name: String, offset: Int = 0, progress: ReadProgress? = nil) throws(CloisterError) {
    file = try OpenFile(path, name: name)
    self.progress = progress
    if offset > 0 { try file.seek(to: offset) }
  }

  func read(into buffer: inout [UInt8], from offset: Int, to end: Int) throws(CloisterError) -> Int {
    let count = try file.read(into: &buffer, from: offset, to: end)
    progress?.add(count)
    return count
  }
}

/// The decompressed bytes of gzip data with one or more members (RFC 1952). Uses ISA-L, and verifies checksums and
/// lengths. A file is refused if it ends early or has anything but zeros after its last member.
@safe final class GzipSource: ByteSource {
  private let compressed: any ByteSource
  private let name: String
  private let state: UnsafeMutablePointer<inflate_state>
  private var input = [UInt8](repeating: 0, count: 1 << 18)
  private var position = 0
  private var available = 0
  private var isInMember = false

  init(_ compressed: any ByteSource, name: String) {
    self.compressed = compressed
    self.name = name
    unsafe state = .allocate(capacity: 1)
  }

  deinit { unsafe state.deallocate() }

  func read(into buffer: inout [UInt8], from offset: Int, to end: Int) throws(CloisterError) -> Int {
    while true {
      if position == available {
        available = try compressed.read(into: &input, from: 0, to: input.count)
        position = 0
      }
      if available == 0 {
        guard !isInMember else { throw damagedFile(name, "the compressed file ends early") }
        return 0
      }
      if !isInMember, !beginMember() { continue }
      let produced = try inflate(into: &buffer, from: offset, to: end)
      if produced > 0 { return produced }
    }
  }

  /// Starts the next member; returns false if the rest of the input is padding.
  private func beginMember() -> Bool {
    while position < available, input[position] == 0 { position += 1 }
    guard position < available else { return false }
    unsafe isal_inflate_init(state)
    unsafe state.pointee.crc_flag = UInt32(ISAL_GZIP)
    isInMember = true
    return true
  }

  /// Decompresses once and returns the number of bytes produced.
  private func inflate(into buffer: inout [UInt8], from offset: Int, to end: Int) throws(CloisterError) -> Int {
    let given = available - position
    let status = unsafe input.withUnsafeMutableBufferPointer { input in
      unsafe buffer.withUnsafeMutableBufferPointer { output in
        unsafe state.pointee.next_in = input.baseAddress.map { unsafe $0 + position }
        unsafe state.pointee.avail_in = UInt32(given)
        unsafe state.pointee.next_out = output.baseAddress.map { unsafe $0 + offset }
        unsafe state.pointee.avail_out = UInt32(end - offset)
        return unsafe isal_inflate(state)
      }
    }
    position += given - Int(unsafe state.pointee.avail_in)
    guard status == ISAL_DECOMP_OK || status == ISAL_END_INPUT || status == ISAL_OUT_OVERFLOW else {
      throw damagedFile(
        name,
        status == ISAL_INCORRECT_CHECKSUM ? "the compressed file's checksum is wrong" : "this is not a valid gzip file")
    }
    if unsafe state.pointee.block_state == ISAL_BLOCK_FINISH { isInMember = false }
    return end - offset - Int(unsafe state.pointee.avail_out)
  }
}

/// Refuses a compressed file.
func damagedFile(_ name: String, _ what: String) -> CloisterError {
  CloisterError(
    .inputRefused, "\(name): \(what)", hint: "copy or export the file again; it was damaged or cut short in transit")
}
