internal import CByteMasks

/// Which of 64 bytes are separators, line feeds, carriage returns and quotes: bit i for byte i.
struct BlockMasks {
  /// Separators of fields, and line feeds.
  private(set) var separators: UInt64
  private(set) var lineFeeds: UInt64
  private(set) var carriageReturns: UInt64 = 0
  private(set) var quotes: UInt64 = 0
  /// The bytes that hold text; the others are past the end.
  private(set) var present = ~UInt64(0)

  /// Reads 64 bytes from `start`, which must all be readable.
  @inline(__always)
  init(_ start: UnsafePointer<UInt8>, separator: UInt8) {
    separators = unsafe cloister_mask_of_two(start, separator, UInt8(ascii: "\n"))
    lineFeeds = unsafe cloister_mask(start, UInt8(ascii: "\n"))
    // Both are rare in most tables, so one mask for the two is usually enough.
    if unsafe cloister_mask_of_two(start, UInt8(ascii: "\""), UInt8(ascii: "\r")) != 0 {
      quotes = unsafe cloister_mask(start, UInt8(ascii: "\""))
      carriageReturns = unsafe cloister_mask(start, UInt8(ascii: "\r"))
    }
  }

  /// Keeps only the first `count` bytes, fewer than 64.
  mutating func keep(_ count: Int) {
    present = (1 << UInt64(count)) - 1
    separators &= present
    lineFeeds &= present
    carriageReturns &= present
    quotes &= present
  }
}

extension UInt64 {
  /// Bit i is the parity of bits 0 to i. For a mask of quotes, it marks each opening quote and the text up to the
  /// closing one.
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
