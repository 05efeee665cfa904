import Testing

@testable import Extractor

@Suite struct ByteInternerTests {
  /// Tests lengths around that of a machine word, shared beginnings and ends, zeros, and bytes at the array's very end.
  @Test func sequencesAreToldApart() {
    var texts: [[UInt8]] = [[], [0], [0, 0], [1, 0], [0, 1]]
    for length in 1...40 {
      texts.append([UInt8](repeating: 65, count: length))
      texts.append([UInt8](repeating: 65, count: length - 1) + [66])
      texts.append([66] + [UInt8](repeating: 65, count: length))
    }
    let different = Array(Set(texts)).sorted { $0.lexicographicallyPrecedes($1) }
    var interner = ByteInterner()
    var numbers: [[UInt8]: UInt32] = [:]
    for text in different { numbers[text] = interner.id(of: text, text.indices) }
    #expect(Set(numbers.values).count == different.count)
    for text in different {
      let padded = [9, 9, 9] + text + [UInt8](repeating: 7, count: 64)
      #expect(interner.id(of: padded, 3..<3 + text.count) == numbers[text])
      #expect(interner.id(of: text, text.indices) == numbers[text])
    }
    #expect(interner.count == different.count)
  }
}
