internal import Shared

/// Gives each different sequence of bytes a number, from 0, in the order of first sight. No `String` on the data path.
struct ByteInterner: Sendable {
  private var arena: [UInt8] = []
  /// Where each sequence begins in the arena, and, last, where they end.
  private var starts: [Int] = [0]
  /// Numbers plus one, by hash; 0: free. Its size is a power of 2.
  private var slots = [UInt32](repeating: 0, count: 256)

  var count: Int { starts.count - 1 }

  func bytes(_ id: Int) -> ArraySlice<UInt8> { arena[starts[id]..<starts[id + 1]] }

  /// The number of the sequence; a new one is the old `count`.
  mutating func id(of bytes: [UInt8], _ range: Range<Int>) -> UInt32 {
    var slot = Self.hash(bytes, range) & (slots.count - 1)
    while slots[slot] != 0 {
      let id = slots[slot] - 1
      if equals(id, bytes, range) { return id }
      slot = (slot + 1) & (slots.count - 1)
    }
    arena += bytes[range]
    starts.append(arena.count)
    slots[slot] = UInt32(count)
    if count * 2 > slots.count { grow() }
    return UInt32(count - 1)
  }

  private func equals(_ id: UInt32, _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    let start = starts[Int(id)]
    guard starts[Int(id) + 1] - start == range.count else { return false }
    for place in 0..<range.count where arena[start + place] != bytes[range.lowerBound + place] { return false }
    return true
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for id in 0..<count {
      var slot = Self.hash(arena, starts[id]..<starts[id + 1]) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(id + 1)
    }
  }

  /// FNV-1a with a last mix.
  private static func hash(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for place in range { hash = (hash ^ UInt64(bytes[place])) &* 0x100_0000_01B3 }
    hash ^= hash >> 32
    return Int(truncatingIfNeeded: (hash &* 0x9E37_79B9_7F4A_7C15) >> 20)
  }
}

/// Finds numbers by the ids of the source. Open addressing; remembers the last answer, as rows of one admission mostly
/// stand together.
struct IntegerIndex: Sendable {
  private var keys: [Int]
  private var values: [UInt32]
  private var count = 0

  init() {
    keys = [Int](repeating: -1, count: 1024)
    values = [UInt32](repeating: 0, count: 1024)
  }

  subscript(key: Int) -> UInt32? {
    let slot = slot(of: key)
    return keys[slot] == key ? values[slot] : nil
  }

  /// Stores the value; false where the key was there, whose value then stays.
  ///
  /// - Parameter key: 0 or more.
  mutating func insert(_ key: Int, _ value: UInt32) -> Bool {
    let slot = slot(of: key)
    guard keys[slot] != key else { return false }
    keys[slot] = key
    values[slot] = value
    count += 1
    if count * 2 > keys.count { grow() }
    return true
  }

  private func slot(of key: Int) -> Int {
    var slot =
      Int(truncatingIfNeeded: (UInt64(truncatingIfNeeded: key) &* 0x9E37_79B9_7F4A_7C15) >> 24) & (keys.count - 1)
    while keys[slot] != -1, keys[slot] != key { slot = (slot + 1) & (keys.count - 1) }
    return slot
  }

  private mutating func grow() {
    let old = zip(keys, values)
    keys = [Int](repeating: -1, count: keys.count * 2)
    values = [UInt32](repeating: 0, count: keys.count)
    for (key, value) in old where key != -1 {
      let slot = slot(of: key)
      keys[slot] = key
      values[slot] = value
    }
  }
}
