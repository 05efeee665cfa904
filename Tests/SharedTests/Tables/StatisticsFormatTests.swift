import Foundation
import Shared
import Testing

@Suite struct StatisticsFormatTests {
  private static let statistics: Statistics = {
    var titles = CodeTitles()
    titles["diagnosis", "4280"] = "Heart failure, \"unspecified\""
    return Statistics(
      schema: .mimicIII, minimumPatients: 11,
      tables: [
        PublishedTable(
          attributes: [.mainDiagnosis, .diedInHospital], total: nil,
          cells: [PublishedCell(key: ["4280", "0"], count: 1203)], suppressed: []),
        PublishedTable(
          attributes: [.gender], total: 30, cells: [PublishedCell(key: ["F"], count: 30)], suppressed: [["M"]]),
      ], titles: titles)
  }()

  @Test func itIsReadAsItIsWritten() throws {
    let text = Self.statistics.formatted()
    #expect(text.contains(#"{"key": ["4280", "0"], "count": 1203}"#))
    #expect(text.contains(#""name": "main-diagnosis x died-in-hospital""#))
    #expect(try Statistics(parsing: Array(text.utf8)) == Self.statistics)
  }

  @Test(arguments: [
    ("\"format\": 1", "\"format\": 2", "statistics.json.format"),
    ("\"unit\": \"admissions\"", "\"unit\": \"patients\"", "statistics.json.unit"),
    ("\"unit\"", "\"unity\"", "statistics.json"),
    ("mimic-iii", "mimic-v", "statistics.json.schema"),
    ("\"count\": 1203", "\"count\": -1", "statistics.json.tables[0].cells[0].count"),
    ("\"count\": 1203", "\"count\": 1203.5", "statistics.json.tables[0].cells[0].count"),
    ("\"count\": 1203", "\"count\": 9000000000000000000", "statistics.json.tables[0].cells[0].count"),
    ("[\"4280\", \"0\"]", "[\"4280\"]", "statistics.json.tables[0].cells[0].key"),
    ("\"suppressed\": [[\"M\"]]", "\"suppressed\": [[\"F\"]]", "statistics.json.tables[1].suppressed"),
    ("\"total\": null", "\"total\": \"\"", "statistics.json.tables[0].total"),
    ("\"name\": \"gender\"", "\"name\": \"sex\"", "statistics.json.tables[1].name"),
    ("[\"gender\"]", "[\"gender\", \"gender\"]", "statistics.json.tables[1].attributes"),
    ("\"count\": 30", "\"count\": 30, \"rate\": 1", "statistics.json.tables[1].cells[0]"),
    ("\"diagnosis\": {", "\"secrets\": {", "statistics.json.titles"),
  ])
  func anythingElseIsRefusedWithItsPath(_ old: String, _ new: String, _ path: String) throws {
    let text = Self.statistics.formatted().replacingOccurrences(of: old, with: new)
    try #require(text != Self.statistics.formatted())
    let error = #expect(throws: FormatError.self) { try Statistics(parsing: Array(text.utf8)) }
    #expect(error?.path == path)
  }

  @Test func codesHaveTheirWrittenForm() {
    func matches(_ code: String, _ shape: CodeShape) -> Bool { shape.matches(Array(code.utf8)[...]) }
    for code in ["4280", "01716", "V5861", "E8490"] { #expect(matches(code, .icd9Diagnosis)) }
    for code in ["428.0", "42", "428000", "4280 ", "v5861", "VX", "SMITH"] { #expect(!matches(code, .icd9Diagnosis)) }
    for code in ["I10", "T391X2A"] { #expect(matches(code, .icd10Diagnosis)) }
    #expect(!matches("1I0", .icd10Diagnosis))
    #expect(matches("02HV33Z", .icd10Procedure) && !matches("02HV33", .icd10Procedure))
    #expect(matches("3893", .icd9Procedure) && !matches("38931", .icd9Procedure))
    #expect(matches("99291", .cpt) && matches("0001F", .cpt) && !matches("9929", .cpt))
  }

  @Test func textOfOthersCanNotSteerATerminal() {
    #expect(harmless("a\u{1B}[31mb\n\u{202E}c") == "a\u{FFFD}[31mb\u{FFFD}\u{FFFD}c")
    #expect(harmless(String(repeating: "x", count: 500), limit: 10) == "xxxxxxxxxx…")
  }
}
