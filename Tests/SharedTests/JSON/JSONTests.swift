import Shared
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    "null", "true", "-12", "1.5", "\"a\\nb\\u00e9\\ud83d\\ude00\"", "[]", "{}", "[1, [2, {\"a\": \"\\\"\"}]]",
    "{\"b\": 1, \"a\": [null, false]}",
  ])
  func aDocumentSurvivesWritingAndReading(_ text: String) throws {
    let value = try JSONValue(parsing: text)
    #expect(try JSONValue(parsing: value.compact()) == value)
    #expect(try JSONValue(parsing: value.formatted()) == value)
  }

  @Test(arguments: [
    "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "01", "1.", "-", "+1", "nul", "\"\u{01}\"", "\"\\x\"",
    "\"\\ud800\"", "\"\\ud800\\u0041\"", "1 2", "{\"a\":1,\"a\":2}", "9223372036854775808", "1e999", "'a'",
    "\"\\u00g0\"",
    "\"open",
  ])
  func whatIsNoStrictJSONIsRefused(_ text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  }

  @Test func invalidUTF8IsRefused() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test func deepNestingIsRefusedAndNotFollowed() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSONValue(parsing: nested(32))
    #expect(throws: JSONError.self) { try JSONValue(parsing: nested(33)) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: nested(1_000_000)) }
  }

  @Test func membersStayInOrderAndShortListsOnOneLine() {
    let value: JSONValue = ["b": 1, "a": ["key": ["4280", "0"], "count": 12], "rows": [["x": []]]]
    #expect(
      value.formatted()
        == """
        {
          "b": 1,
          "a": {"key": ["4280", "0"], "count": 12},
          "rows": [
            {"x": []}
          ]
        }

        """)
  }
}
