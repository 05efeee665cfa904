import Testing

@testable import Extractor

@Suite struct MixedRadixTests {
  @Test func placesAndDigitsAreInverse() {
    let radix = MixedRadix([3, 1, 4, 2])
    #expect(radix.count == 24)
    for place in 0..<radix.count {
      let digits = radix.digits(place)
      #expect(zip(digits, radix.sizes).allSatisfy { $0 >= 0 && $0 < $1 })
      #expect(radix.place { digits[$0] } == place)
      #expect(radix.placeOfKnown { digits[$0] } == place)
    }
    // The last digit varies fastest.
    #expect(radix.digits(1) == [0, 0, 0, 1] && radix.digits(2) == [0, 0, 1, 0])
    #expect(radix.placeOfKnown { $0 == 2 ? -1 : 0 } == nil)
    #expect(MixedRadix([]).count == 1 && MixedRadix([2, 0]).count == 0)
  }
}
