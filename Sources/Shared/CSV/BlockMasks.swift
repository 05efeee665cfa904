internal import CByteMasks

/// Which of 64 bytes are commas, line feeds, carriage returns and quotes: bit i for byte i.
struct BlockMasks {
  private(set) var commas: UInt64
  private(set) var lineFeeds: UInt64
  private(set) var carriageReturns: UInt64
  private(set) var quotes: UInt64
  /// The bytes that count; the others are behind the end.
  private(set) var present = ~UInt64(0)

  /// Reads 64 bytes from `start`, all of which must be there.
  @inline(__always)
  init(_ start: UnsafePointer<UInt8>) {
    commas = unsafe cloister_mask(start, UInt8(ascii: ","))
    lineFeeds = unsafe cloister_mask(start, UInt8(ascii: "\n"))
    carriageReturns = unsafe cloister_mask(start, UInt8(ascii: "\r"))
    quotes = unsafe cloister_mask(start, UInt8(ascii: "\""))
  }
}

extension BlockMasks {
  /// Leaves the first `count` bytes alone, fewer than 64.
  mutating func keep(_ count: Int) {
    present = (1 << UInt64(count)) - 1
    commas &= present
    lineFeeds &= present
    carriageReturns &= present
    quotes &= present
  }
}

extension UInt64 {
  /// Bit i is the parity of the bits 0 to i: from a quote to before the next one, where this holds quotes.
  var prefixParity: UInt64 {
    var bits = self
    bits ^= bits << 1
    bits ^= bits << 2
    bits ^= bits << 4
    bits ^= bits << 8
    bits ^= bits << 16
    bits ^= bits << 32
    return bits
  }
}
