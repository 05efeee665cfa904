import Foundation
import Shared
import TestSupport
import Testing

@Suite struct SourceMappingTests {
  private func read(_ text: String) throws -> SourceMapping {
    try SourceMapping(
      parsing: Array(text.utf8), file: "m.yaml", for: .mimicIV,
      columns: ["patients": ["subject_id", "gender"], "d_labitems": ["label"]],
      mayBeAbsent: ["d_labitems"])
  }

  @Test func aMappingNamesTablesAndColumns() throws {
    let mapping = try read(
      """
      cloister-mapping: 1
      source: mimic-iv
      database-schema: clinical
      tables:
        patients:
          from: person p
            JOIN site s ON s.id = p.site
          columns:
            gender: CASE sex WHEN 'female' THEN 'F' END
        d_labitems: {absent: true}
      """)
    #expect(mapping.source == .mimicIV)
    #expect(mapping.databaseSchema == "clinical")
    #expect(mapping.tables["patients"]?.from == "person p JOIN site s ON s.id = p.site")
    #expect(mapping.tables["patients"]?.columns == ["gender": "CASE sex WHEN 'female' THEN 'F' END"])
    #expect(mapping.tables["d_labitems"]?.isAbsent == true)
  }

  @Test(arguments: [
    ("cloister-mapping: 2", "m.yaml line 1, column 19: cloister-mapping must be a whole number from 1 to 1"),
    (
      "cloister-mapping: 1\ntables: {visits: {from: v}}",
      "m.yaml line 2, column 10: unknown key in tables; known here: d_labitems, patients"
    ),
    (
      "cloister-mapping: 1\ntables:\n  patients:\n    columns: {dob: x}",
      "m.yaml line 4, column 15: unknown key in the columns of patients; known here: subject_id, gender"
    ),
    (
      "cloister-mapping: 1\ntables:\n  patients: {absent: true}",
      "m.yaml line 3, column 22: absent is only for tables of titles; remove what needs patients from the policy"
    ),
    (
      "cloister-mapping: 1\ndatabase-schema: a; DROP TABLE b",
      "m.yaml line 2, column 18: database-schema must be a name or an expression, without semicolons or comments"
    ),
    (
      "cloister-mapping: 1\nsource: mimic-iii",
      "m.yaml line 2, column 9: source is mimic-iii, but --schema names a different source"
    ),
    ("cloister-mapping: 1\nsource: omop", "m.yaml line 2, column 9: source must be mimic-iii or mimic-iv"),
  ]) func wrongMappingsAreRefusedByPlace(_ text: String, _ what: String) throws {
    let error = try #require(throws: CloisterError.self) { try read(text) }
    #expect(error.what == what)
    #expect(error.status == .policyOrKeyWrong)
  }
}
