internal import CISAL
internal import Shared

/// The bytes of a plain file.
final class FileSource: ByteSource {
  private let file: OpenFile

  init(_ path: String, name: String) throws(CloisterError) { file = try OpenFile(path, name: name) }

  func read(into buffer: inout [UInt8]) throws(CloisterError) { try file.read(chunkSize, into: &buffer) }
}

/// The decompressed bytes of a .gz file of one or more members (RFC 1952), by ISA-L. Checksums and lengths are checked;
/// a file that ends early, or that has anything but zeros behind its last member, is refused.
@safe final class GzipSource: ByteSource {
  private let file: OpenFile
  private let name: String
  private let state: UnsafeMutablePointer<inflate_state>
  private var input: [UInt8] = []
  private var position = 0
  private var isInMember = false

  init(_ path: String, name: String) throws(CloisterError) {
    file = try OpenFile(path, name: name)
    self.name = name
    unsafe state = .allocate(capacity: 1)
  }

  deinit { unsafe state.deallocate() }

  func read(into buffer: inout [UInt8]) throws(CloisterError) {
    if buffer.count != chunkSize { buffer = [UInt8](repeating: 0, count: chunkSize) }
    while true {
      if position == input.count { try refill() }
      if input.isEmpty {
        guard !isInMember else { throw refusal("the compressed file ends early") }
        buffer = []
        return
      }
      if !isInMember, try !beginMember() { continue }
      let produced = try inflate(into: &buffer)
      if produced > 0 {
        buffer.removeLast(buffer.count - produced)
        return
      }
    }
  }

  private func refill() throws(CloisterError) {
    try file.read(chunkSize, into: &input)
    position = 0
  }

  /// Starts the next member; false where only padding was there.
  private func beginMember() throws(CloisterError) -> Bool {
    while position < input.count, input[position] == 0 { position += 1 }
    guard position < input.count else { return false }
    unsafe isal_inflate_init(state)
    unsafe state.pointee.crc_flag = UInt32(ISAL_GZIP)
    isInMember = true
    return true
  }

  /// Inflates once; the number of bytes that it gave.
  private func inflate(into buffer: inout [UInt8]) throws(CloisterError) -> Int {
    let available = input.count - position
    let status = unsafe input.withUnsafeMutableBufferPointer { input in
      unsafe buffer.withUnsafeMutableBufferPointer { output in
        unsafe state.pointee.next_in = input.baseAddress.map { unsafe $0 + position }
        unsafe state.pointee.avail_in = UInt32(available)
        unsafe state.pointee.next_out = output.baseAddress
        unsafe state.pointee.avail_out = UInt32(output.count)
        return unsafe isal_inflate(state)
      }
    }
    position += available - Int(unsafe state.pointee.avail_in)
    guard status == ISAL_DECOMP_OK || status == ISAL_END_INPUT || status == ISAL_OUT_OVERFLOW else {
      throw refusal(
        status == ISAL_INCORRECT_CHECKSUM ? "the compressed file's checksum is wrong" : "this is no valid gzip file")
    }
    if unsafe state.pointee.block_state == ISAL_BLOCK_FINISH { isInMember = false }
    return buffer.count - Int(unsafe state.pointee.avail_out)
  }

  private func refusal(_ what: String) -> CloisterError {
    CloisterError(
      .inputRefused, "\(name): \(what)", hint: "the file was damaged or cut short on its way; copy or export it again")
  }
}

/// Bytes read or inflated at a time.
private let chunkSize = 1 << 20
