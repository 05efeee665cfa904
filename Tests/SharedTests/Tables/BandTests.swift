import Shared
import Testing

@Suite struct BandTests {
  @Test func agesFollowThePolicy() {
    #expect(
      Band.ages(minimum: 18, topCode: 90).map(\.label)
        == ["18-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80-89", "90+"])
    #expect(Band.ages(minimum: 0, topCode: 85).map(\.label).first == "0-17")
    #expect(Band.ages(minimum: 21, topCode: 85).map(\.label).suffix(2) == ["80-84", "85+"])
  }

  @Test(arguments: ["0", "4-6", "30+", "18-29"])
  func aLabelIsReadAsItIsWritten(_ label: String) { #expect(Band(label)?.label == label) }

  @Test(arguments: ["", "-", "6-4", "x", "1-2-3", "4-", "+"])
  func whatIsNoBandIsNone(_ label: String) { #expect(Band(label) == nil) }
}
