import Foundation
import Shared
import Testing

@Suite struct LabCategoryTests {
  @Test(
    arguments: [
      ("1", 1), ("-0.75", -0.75), ("0012.50", 12.5), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("-2.5E-1", -0.25),
      ("0.1", 0.1), ("123456789012345", 123_456_789_012_345), ("0.10000000000000001", 0.1),
      ("12345678901234567", 1.2345678901234567e16),
    ] as [(String, Double)])
  func numbersAreRead(_ text: String, _ number: Double) {
    let bytes = Array("x\(text)y".utf8)
    #expect(decimalNumber(bytes, 1..<bytes.count - 1) == number)
  }

  @Test(arguments: ["", "-", ".", "1.2.3", "abc", "nan", "inf", "0x10", "1 2", "--1", "1e999", "+-1", "1-"])
  func whatIsNoNumberIsNone(_ text: String) {
    #expect(decimalNumber(Array(text.utf8), 0..<text.utf8.count) == nil)
  }

  /// Compares the results with Foundation's, for numbers as laboratories write them.
  @Test func randomNumbersAreTheNearest() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let decimals = Int.random(in: 0...6, using: &random)
      let whole = "\(Int.random(in: -9999...9999, using: &random))"
      let text = decimals == 0 ? whole : "\(whole).\((0..<decimals).map { _ in "\(Int.random(in: 0...9))" }.joined())"
      #expect(decimalNumber(Array(text.utf8), 0..<text.utf8.count) == Double(text), "\(text)")
    }
  }

  @Test func binsTakeTheirLowerEdge() throws {
    let bins = try #require(LabBins(item: 50912, edges: ["1.2", "2", "4.0"]))
    #expect(bins.labels == ["under 1.2", "1.2 to 2", "2 to 4.0", "4.0 or more"])
    #expect([-1, 1.19, 1.2, 1.99, 2, 3.9, 4, 1000].map(bins.index) == [0, 0, 1, 1, 2, 2, 3, 3])
    #expect(LabBins(item: 1, edges: []) == nil)
    #expect(LabBins(item: 1, edges: ["2", "1"]) == nil)
    #expect(LabBins(item: 1, edges: ["1", "1.0"]) == nil)
    #expect(LabBins(item: 1, edges: ["a"]) == nil)
  }

  @Test func partsOfACategory() {
    let category = LabCategory.category(item: "50912", value: "1.2 to 2")
    #expect(LabCategory.item(of: category) == "50912")
    #expect(LabCategory.value(of: category) == "1.2 to 2")
    #expect(LabCategory.isFlag(Array("abnormal".utf8)[...]))
    for text in ["", "two words", "call Dr. X", "a1", String(repeating: "a", count: 17)] {
      #expect(!LabCategory.isFlag(Array(text.utf8)[...]))
    }
  }
}
