/// Finds where the fields and records of a stretch of CSV end: a machine on bytes that knows no files.
///
/// Accepts LF and CRLF line ends, and quoted fields with commas, doubled quotes and line breaks. Refuses a quote inside an
/// unquoted field, text behind a closing quote, a carriage return that ends no line, and records of different lengths. It
/// works on blocks of 64 bytes by bit masks. A stretch begins at a record and may be cut anywhere: a record that is not
/// complete is taken again with what follows.
package struct CSVIndex {
  /// The position of the comma or line feed behind each field of each whole record; `width` entries a record. What lies
  /// behind them is of earlier stretches.
  package private(set) var ends: [UInt32] = []
  package private(set) var recordCount = 0
  /// The first thing that is wrong behind the whole records; nil where nothing is.
  package private(set) var fault: CSVFault?

  package init() {}

  /// Behind the last whole record.
  package func consumed(width: Int) -> Int { recordCount == 0 ? 0 : Int(ends[recordCount * width - 1]) + 1 }

  /// Indexes a stretch.
  ///
  /// - Parameters:
  ///   - bytes: the stretch, with at least 64 more bytes behind it, whatever they are.
  ///   - count: the stretch's length, under 2^31.
  ///   - width: fields a record; 0: take the first record alone, and return how many it has.
  /// - Returns: the width.
  package mutating func index(_ bytes: [UInt8], count: Int, width: Int) -> Int {
    precondition(bytes.count >= count + 64 && count < 1 << 31, "the stretch is padded and short enough")
    if ends.count < count + 64 { ends = [UInt32](repeating: 0, count: count + 64) }
    var walk = Walk(count: count, width: width)
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe ends.withUnsafeMutableBufferPointer { ends in
        if let bytes = bytes.baseAddress, let ends = ends.baseAddress { unsafe walk.run(bytes, ends) }
      }
    }
    recordCount = walk.recordCount
    fault = walk.fault
    return walk.width
  }
}

/// One pass over a stretch, block by block.
private struct Walk {
  let count: Int
  var width: Int
  var recordCount = 0
  var fault: CSVFault?
  private var fields = 0
  private var recordStart = 0
  /// All ones inside quotes, else 0.
  private var inside: UInt64 = 0
  /// Bit 0 says something of the byte before the block: it ends a field or is a quote; it closes a quote; it is a carriage
  /// return outside quotes.
  private var mayOpen: UInt64 = 1
  private var hasClosed: UInt64 = 0
  private var hasReturned: UInt64 = 0

  init(count: Int, width: Int) {
    self.count = count
    self.width = width
  }

  mutating func run(_ bytes: UnsafePointer<UInt8>, _ ends: UnsafeMutablePointer<UInt32>) {
    var base = 0
    while base < count {
      var masks = unsafe BlockMasks(bytes + base)
      if base + 64 > count { masks.keep(count - base) }
      let structural = self.structural(masks, base)
      if unsafe !take(structural, masks.lineFeeds, base, ends) || fault != nil { return }
      base += 64
    }
  }

  /// The commas and line feeds outside quotes; those behind a fault are left out.
  @inline(__always)
  private mutating func structural(_ masks: BlockMasks, _ base: Int) -> UInt64 {
    let quotes = masks.quotes
    let inQuotes = quotes == 0 ? inside : quotes.prefixParity ^ inside
    let structural = (masks.commas | masks.lineFeeds) & ~inQuotes
    let returns = masks.carriageReturns & ~inQuotes
    inside = UInt64(bitPattern: Int64(bitPattern: inQuotes) >> 63)
    var isBad = false
    var bad: (quote: UInt64, text: UInt64, lone: UInt64) = (0, 0, 0)
    if quotes | hasClosed != 0 {
      let closing = quotes & ~inQuotes
      bad.quote = quotes & inQuotes & ~((structural | quotes) << 1 | mayOpen)
      bad.text = (closing << 1 | hasClosed) & ~(structural | returns | quotes) & masks.present
      hasClosed = closing >> 63
      isBad = bad.quote | bad.text != 0
    }
    mayOpen = (structural | quotes) >> 63
    if returns | hasReturned != 0 {
      bad.lone = (returns << 1 | hasReturned) & ~masks.lineFeeds & masks.present
      hasReturned = returns >> 63
      isBad = isBad || bad.lone != 0
    }
    return isBad ? structural & recordFault(bad, base) : structural
  }

  /// Notes the first fault of a block; returns the bits before it.
  private mutating func recordFault(_ bad: (quote: UInt64, text: UInt64, lone: UInt64), _ base: Int) -> UInt64 {
    let first = (bad.quote | bad.text | bad.lone).trailingZeroBitCount
    let bit = UInt64(1) << UInt64(first)
    let reason: CSVFault.Reason =
      bad.quote & bit != 0 ? .quoteInUnquotedField : bad.text & bit != 0 ? .textAfterQuote : .loneCarriageReturn
    fault = CSVFault(position: base + first, reason: reason)
    return bit - 1
  }

  /// Writes down a block's fields; false where a record has another width, which is then the fault.
  @inline(__always)
  private mutating func take(
    _ structural: UInt64, _ lineFeeds: UInt64, _ base: Int, _ ends: UnsafeMutablePointer<UInt32>
  ) -> Bool {
    var rest = structural
    while rest != 0 {
      let bit = rest.trailingZeroBitCount
      rest &= rest &- 1
      unsafe ends[fields] = UInt32(truncatingIfNeeded: base &+ bit)
      fields &+= 1
      if lineFeeds &>> UInt64(bit) & 1 == 0 { continue }
      if fields &- recordStart != width {
        guard width == 0 else {
          let start = recordStart == 0 ? 0 : Int(unsafe ends[recordStart - 1]) + 1
          fault = CSVFault(position: start, reason: .wrongFieldCount(fields - recordStart))
          return false
        }
        width = fields
        recordCount = 1
        return false
      }
      recordStart = fields
      recordCount &+= 1
    }
    return true
  }
}
