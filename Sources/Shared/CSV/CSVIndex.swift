/// Finds where the fields and records in a stretch of CSV end. It works on bytes and knows nothing of files.
///
/// Accepts LF and CRLF line ends, and quoted fields with separators, doubled quotes and line breaks. Refuses a quote
/// inside an unquoted field, text after a closing quote, a carriage return without a line feed, and records with
/// different numbers of fields. Works on blocks of 64 bytes with bit masks. A stretch begins at a record and may be cut
/// anywhere: an incomplete record is read again together with the bytes that follow.
package struct CSVIndex {
  /// `stride` entries for each whole record: the position of the separator or line feed after each kept field and, if
  /// not all fields are kept, the position of the record's line feed. Entries past these are from earlier stretches.
  package private(set) var ends: [UInt32] = []
  /// Entries per record.
  package private(set) var stride = 1
  package private(set) var recordCount = 0
  /// The first fault after the whole records; nil if there is none.
  package private(set) var fault: CSVFault?

  private let separator: UInt8

  package init(separator: CSVSeparator = .comma) { self.separator = separator.byte }

  /// Where a record begins.
  @inline(__always)
  package func start(of record: Int) -> Int { record == 0 ? 0 : Int(ends[record &* stride &- 1]) &+ 1 }

  /// Indexes a stretch.
  ///
  /// - Parameters:
  ///   - bytes: the stretch, followed by at least 64 more bytes of any value.
  ///   - count: the stretch's length, under 2^31.
  ///   - width: fields per record. If it is 0, only the first record is taken, and the result is how many fields it
  ///     has.
  ///   - keeping: how many fields of each record to keep, starting with the first; at least 1. The others are still
  ///     counted and checked.
  /// - Returns: the width.
  package mutating func index(_ bytes: [UInt8], count: Int, width: Int, keeping: Int = .max) -> Int {
    precondition(bytes.count >= count + 64 && count < 1 << 31, "the stretch is padded and short enough")
    if ends.count < count + 64 { ends = [UInt32](repeating: 0, count: count + 64) }
    var walk = Walk(count: count, width: width, keeping: width == 0 ? .max : keeping, separator: separator)
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe ends.withUnsafeMutableBufferPointer { ends in
        if let bytes = bytes.baseAddress, let ends = ends.baseAddress { unsafe walk.run(bytes, ends) }
      }
    }
    recordCount = walk.recordCount
    fault = walk.fault
    stride = max(1, walk.stride)
    return walk.width
  }
}

/// One pass over a stretch, block by block.
private struct Walk {
  let count: Int
  var width: Int
  var recordCount = 0
  var fault: CSVFault?
  /// Fields of each record that are kept.
  private let keeping: Int
  private let separator: UInt8
  /// Positions written so far.
  private var written = 0
  /// Fields of the record so far.
  private var column = 0
  /// All ones inside quotes, else 0.
  private var inside: UInt64 = 0
  /// Bit 0 of the next three masks describes the byte before the block: whether it ends a field or is a quote, whether
  /// it closes a quote, and whether it is a carriage return outside quotes.
  private var mayOpen: UInt64 = 1
  private var hasClosed: UInt64 = 0
  private var hasReturned: UInt64 = 0

  init(count: Int, width: Int, keeping: Int, separator: UInt8) {
    self.separator = separator
    self.count = count
    self.width = width
    self.keeping = keeping
  }

  var stride: Int { keeping < width ? keeping + 1 : width }

  mutating func run(_ bytes: UnsafePointer<UInt8>, _ ends: UnsafeMutablePointer<UInt32>) {
    var base = 0
    while base < count {
      var masks = unsafe BlockMasks(bytes + base, separator: separator)
      if base + 64 > count { masks.keep(count - base) }
      let structural = self.structural(masks, base)
      if unsafe !take(structural, masks.lineFeeds, base, ends) || fault != nil { return }
      base += 64
    }
  }

  /// The separators and line feeds outside quotes, up to the first fault.
  @inline(__always)
  private mutating func structural(_ masks: BlockMasks, _ base: Int) -> UInt64 {
    let quotes = masks.quotes
    if quotes | masks.carriageReturns | inside | hasClosed | hasReturned == 0 {
      mayOpen = masks.separators >> 63
      return masks.separators
    }
    let inQuotes = quotes == 0 ? inside : quotes.prefixParity ^ inside
    let structural = masks.separators & ~inQuotes
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

  /// Writes the ends of a block's fields. Returns false if the pass must stop: after the first record if no other is
  /// wanted, or at a record with a different number of fields.
  ///
  /// After a record's last kept field, skips to the line feed and counts the fields in between.
  @inline(__always)
  private mutating func take(
    _ structural: UInt64, _ lineFeeds: UInt64, _ base: Int, _ ends: UnsafeMutablePointer<UInt32>
  ) -> Bool {
    var rest = structural
    while rest != 0 {
      let bit: Int
      if column < keeping {
        bit = rest.trailingZeroBitCount
        rest &= rest &- 1
      } else {
        let feeds = rest & lineFeeds
        guard feeds != 0 else {
          column &+= rest.nonzeroBitCount
          return true
        }
        bit = feeds.trailingZeroBitCount
        let passed = feeds ^ (feeds &- 1)
        column &+= (rest & passed).nonzeroBitCount &- 1
        rest &= ~passed
      }
      unsafe ends[written] = UInt32(truncatingIfNeeded: base &+ bit)
      written &+= 1
      column &+= 1
      if lineFeeds &>> UInt64(truncatingIfNeeded: bit) & 1 != 0, unsafe !endRecord(ends) { return false }
    }
    return true
  }

  /// Counts the record that ends here. Returns false if no other record is wanted, or if this one has a different
  /// number of fields, which is then recorded as the fault.
  @inline(__always)
  private mutating func endRecord(_ ends: UnsafeMutablePointer<UInt32>) -> Bool {
    let isAlone = width == 0
    if isAlone { width = column }
    guard column == width else {
      let start = recordCount == 0 ? 0 : Int(unsafe ends[recordCount * stride - 1]) + 1
      fault = CSVFault(position: start, reason: .wrongFieldCount(column))
      return false
    }
    column = 0
    recordCount &+= 1
    return !isAlone
  }
}
