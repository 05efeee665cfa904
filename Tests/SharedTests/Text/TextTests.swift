import Shared
import Testing

@Suite struct TextTests {
  @Test func bytesOrderTextsAndNotTheirNormalForms() {
    // "e" with a combining accent comes before "f"; the letter with the accent as one scalar comes after it.
    let texts = ["f", "\u{E9}", "e\u{301}", "Z", "a"]
    #expect(texts.inByteOrder().map { Array($0.utf8) } == [[0x5A], [0x61], [0x65, 0xCC, 0x81], [0x66], [0xC3, 0xA9]])
    #expect(byteOrder(["a", "b"], ["a", "c"]) && !byteOrder(["a", "b"], ["a", "b"]) && byteOrder(["a"], ["a", ""]))
    #expect(["b": 1, "a": 2].inByteOrder().map(\.value) == [2, 1])
    #expect(ByteOrdered("\u{E9}") != ByteOrdered("e\u{301}"))
  }

  @Test(arguments: ["\u{7}", "a\u{200B}b", "a\u{202E}b", "\u{2066}", "\n", "\u{85}"])
  func whatATerminalWouldObeyIsNotPrintable(_ text: String) {
    #expect(!isPrintable(text))
    #expect(harmless(text).contains("\u{FFFD}"))
  }

  @Test func longTextsAreCut() {
    let long = String(repeating: "x", count: 121)
    #expect(!isPrintable(long) && isPrintable(long, limit: 121) && isPrintable("Köln, 東京"))
    #expect(harmless(long) == String(repeating: "x", count: 120) + "…")
  }
}
