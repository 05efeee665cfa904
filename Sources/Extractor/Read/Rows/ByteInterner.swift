internal import Shared

/// Numbers distinct byte sequences from 0 in the order of their first appearance, without a `String` on the data path.
///
/// Bytes are compared in words of 8, so one comparison is enough for a sequence of at most 8 bytes. The same bytes in
/// two parts count as two sequences.
struct ByteInterner: Sendable {
  private var arena: [UInt8] = []
  /// Where each sequence begins in the arena; the last element is where the last sequence ends.
  private var starts: [Int] = [0]
  /// A hash table with open addressing; its size is a power of 2.
  private var slots = [Slot](repeating: Slot(), count: 16)

  private struct Slot: Sendable {
    /// The first 8 bytes; a shorter sequence is padded with zeros.
    var head: UInt64 = 0
    /// The part, and the length capped at 65,535.
    var tag: UInt32 = 0
    /// The number plus one; 0 if the slot is free.
    var number: UInt32 = 0
  }

  var count: Int { starts.count - 1 }

  func bytes(of number: UInt32) -> [UInt8] { Array(arena[starts[Int(number)]..<starts[Int(number) + 1]]) }

  /// Returns the number of the sequence; a new sequence gets the value that `count` had before the call.
  ///
  /// - Parameter part: less than 65,536.
  @inline(__always)
  mutating func id(of bytes: [UInt8], _ range: Range<Int>, part: Int = 0) -> UInt32 {
    let head = word(bytes, range.lowerBound, range.upperBound)
    let tag = Self.tag(range, part)
    let mask = slots.count &- 1
    var slot = Self.hash(bytes, range, head, tag) & mask
    while case let found = slots[slot], found.number != 0 {
      if found.head == head, found.tag == tag, range.count <= 8 || hasTail(found.number &- 1, bytes, range) {
        return found.number &- 1
      }
      slot = (slot &+ 1) & mask
    }
    return add(bytes, range, Slot(head: head, tag: tag, number: UInt32(count + 1)), at: slot)
  }

  private mutating func add(_ bytes: [UInt8], _ range: Range<Int>, _ entry: Slot, at slot: Int) -> UInt32 {
    arena += bytes[range]
    starts.append(arena.count)
    slots[slot] = entry
    if count * 2 > slots.count { grow() }
    return entry.number - 1
  }

  @inline(__always)
  private static func tag(_ range: Range<Int>, _ part: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: part) << 16 | UInt32(truncatingIfNeeded: min(range.count, 65_535))
  }

  /// Whether the known sequence, which has the same first 8 bytes, also has the same remaining bytes.
  private func hasTail(_ id: UInt32, _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    let start = starts[Int(id)]
    guard starts[Int(id) + 1] - start == range.count else { return false }
    var offset = 8
    while offset < range.count {
      let known = word(arena, start + offset, start + range.count)
      if known != word(bytes, range.lowerBound + offset, range.upperBound) { return false }
      offset += 8
    }
    return true
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    for entry in old where entry.number != 0 {
      let range = starts[Int(entry.number) - 1]..<starts[Int(entry.number)]
      var slot = Self.hash(arena, range, entry.head, entry.tag) & (slots.count - 1)
      while slots[slot].number != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = entry
    }
  }

  @inline(__always)
  private static func hash(_ bytes: [UInt8], _ range: Range<Int>, _ head: UInt64, _ tag: UInt32) -> Int {
    var hash = mixed(head ^ UInt64(tag) &* 0xD6E8_FEB8_6659_FD93)
    var offset = 8
    while offset < range.count {
      hash = mixed(hash ^ word(bytes, range.lowerBound &+ offset, range.upperBound))
      offset &+= 8
    }
    return Int(truncatingIfNeeded: hash >> 24)
  }

  @inline(__always)
  private static func mixed(_ value: UInt64) -> UInt64 {
    let product = value &* 0x9E37_79B9_7F4A_7C15
    return product ^ (product >> 32)
  }
}

/// The 8 bytes from `start`, with zeros in place of the bytes from `end` on.
@inline(__always)
private func word(_ bytes: [UInt8], _ start: Int, _ end: Int) -> UInt64 {
  let count = end &- start
  guard start &+ 8 <= bytes.count else {
    var word: UInt64 = 0
    for place in stride(from: end - 1, through: start, by: -1) { word = word << 8 | UInt64(bytes[place]) }
    return word
  }
  let word = unsafe bytes.withUnsafeBytes { bytes in
    UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
  }
  return count >= 8 ? word : word & ((1 &<< UInt64(truncatingIfNeeded: 8 &* count)) &- 1)
}
