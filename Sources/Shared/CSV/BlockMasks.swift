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
    let blocks = unsafe (
      UnsafeRawPointer(start).loadUnaligned(as: SIMD16<UInt8>.self),
      UnsafeRawPointer(start).loadUnaligned(fromByteOffset: 16, as: SIMD16<UInt8>.self),
      UnsafeRawPointer(start).loadUnaligned(fromByteOffset: 32, as: SIMD16<UInt8>.self),
      UnsafeRawPointer(start).loadUnaligned(fromByteOffset: 48, as: SIMD16<UInt8>.self)
    )
    commas = mask(of: ",", in: blocks)
    lineFeeds = mask(of: "\n", in: blocks)
    carriageReturns = mask(of: "\r", in: blocks)
    quotes = mask(of: "\"", in: blocks)
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

private typealias Blocks = (SIMD16<UInt8>, SIMD16<UInt8>, SIMD16<UInt8>, SIMD16<UInt8>)

@inline(__always)
private func mask(of character: Unicode.Scalar, in blocks: Blocks) -> UInt64 {
  let pattern = SIMD16(repeating: UInt8(ascii: character))
  return bits(blocks.0, pattern) | bits(blocks.1, pattern) << 16 | bits(blocks.2, pattern) << 32
    | bits(blocks.3, pattern) << 48
}

/// One bit for each of 16 bytes that equals the pattern's. A multiplication gathers a bit from each byte of a word.
@inline(__always)
private func bits(_ block: SIMD16<UInt8>, _ pattern: SIMD16<UInt8>) -> UInt64 {
  let words = unsafe unsafeBitCast(block .== pattern, to: SIMD2<UInt64>.self)
  let low = ((words[0] & 0x0101_0101_0101_0101) &* 0x0102_0408_1020_4080) &>> 56
  let high = ((words[1] & 0x0101_0101_0101_0101) &* 0x0102_0408_1020_4080) &>> 56
  return low | high << 8
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
