import Shared
import Testing

@testable import Generator

@Suite struct UsualValuesTests {
  @Test func theLongestBeginningOfADrugsNameCounts() {
    #expect(UsualRoute.of("Heparin") == "SC" && UsualRoute.of("Heparin Flush (10 units/ml)") == "IV")
    #expect(UsualRoute.of("Vancomycin") == "IV" && UsualRoute.of("Acetaminophen") == "PO")
    #expect(UsualRoute.of("a drug that nobody knows").isEmpty && UsualRoute.of("").isEmpty)
  }

  @Test(arguments: ["50912", "50971", "50820", "50802", "51006"])
  func flaggedValuesLieOutsideTheNormalRange(_ item: String) throws {
    let range = try #require(LabRange.of(item))
    var random = SeededRandom(seed: 1, stream: 1)
    for _ in 0..<200 {
      let normal = try #require(Double(range.number(isAbnormal: false, &random)))
      #expect(normal >= range.normal.lower && normal <= range.normal.upper)
      let abnormal = try #require(Double(range.number(isAbnormal: true, &random)))
      #expect(abnormal < range.normal.lower || abnormal > range.normal.upper)
      #expect(abnormal >= range.usual.lower && abnormal <= range.usual.upper)
    }
  }

  @Test func aFlagBecomesANumberOfItsSide() {
    var random = SeededRandom(seed: 2, stream: 1)
    let lab = LabValue(LabCategory.category(item: "50912", value: "abnormal"), &random)
    #expect(lab.flag == "abnormal" && !lab.number.isEmpty && lab.range?.unit == "mg/dL")
    let unknown = LabValue(LabCategory.category(item: "1", value: "abnormal"), &random)
    #expect(unknown.flag == "abnormal" && unknown.number.isEmpty && unknown.range == nil)
  }
}
