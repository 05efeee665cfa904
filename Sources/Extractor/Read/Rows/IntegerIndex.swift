/// Finds values by the source's ids: a hash table with open addressing, which stores each key beside its value.
struct IntegerIndex<Value: Sendable>: Sendable {
  private var slots: [Slot]
  private var count = 0
  private let filler: Value

  private struct Slot: Sendable {
    /// -1 if the slot is free.
    var key: Int
    var value: Value
  }

  /// - Parameter filler: any value; it fills free slots.
  init(filler: Value) {
    self.filler = filler
    slots = [Slot](repeating: Slot(key: -1, value: filler), count: 1024)
  }

  /// - Parameter key: 0 or more.
  subscript(key: Int) -> Value? {
    let slot = slots[place(of: key)]
    return slot.key == key ? slot.value : nil
  }

  /// Stores the value; returns false, and keeps the old value, if the key exists.
  ///
  /// - Parameter key: 0 or more.
  mutating func insert(_ key: Int, _ value: Value) -> Bool {
    let place = place(of: key)
    guard slots[place].key != key else { return false }
    slots[place] = Slot(key: key, value: value)
    count += 1
    if count * 2 > slots.count { grow() }
    return true
  }

  /// Changes the value of an existing key.
  mutating func update(_ key: Int, _ change: (inout Value) -> Void) {
    let place = place(of: key)
    if slots[place].key == key { change(&slots[place].value) }
  }

  private func place(of key: Int) -> Int {
    let mask = slots.count - 1
    var place = Int(truncatingIfNeeded: (UInt64(truncatingIfNeeded: key) &* 0x9E37_79B9_7F4A_7C15) >> 24) & mask
    while case let found = slots[place].key, found != -1, found != key { place = (place + 1) & mask }
    return place
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(key: -1, value: filler), count: old.count * 2)
    for slot in old where slot.key != -1 { slots[place(of: slot.key)] = slot }
  }
}
