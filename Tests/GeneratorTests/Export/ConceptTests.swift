import Shared
import TestSupport
import Testing

@testable import Generator

@Suite struct ConceptTests {
  @Test func codesGetTheDotsOfTheirSystem() {
    #expect(CodedCategory("4280", .diagnosis, .mimicIII).dotted == "428.0")
    #expect(CodedCategory("E8788", .diagnosis, .mimicIII).dotted == "E878.8")
    #expect(CodedCategory("486", .diagnosis, .mimicIII).dotted == "486")
    #expect(CodedCategory("3893", .procedure, .mimicIII).dotted == "38.93")
    #expect(CodedCategory("10:I5022", .diagnosis, .mimicIV).dotted == "I50.22")
    #expect(CodedCategory("9:V4581", .mainDiagnosis, .mimicIV).dotted == "V45.81")
    #expect(CodedCategory("10:02HV33Z", .procedure, .mimicIV).dotted == "02HV33Z")
  }

  private func athena(_ concepts: String, _ relationships: String) throws -> (TemporaryFolder, String) {
    let folder = try TemporaryFolder()
    let header =
      "concept_id\tconcept_name\tdomain_id\tvocabulary_id\tconcept_class_id\tstandard_concept\tconcept_code\n"
    try folder.write(header + concepts, to: "CONCEPT.csv")
    try folder.write(
      "concept_id_1\tconcept_id_2\trelationship_id\tvalid_start_date\tvalid_end_date\tinvalid_reason\n" + relationships,
      to: "CONCEPT_RELATIONSHIP.csv")
    try folder.write("vocabulary_id\tvocabulary_version\nNone\tv5.0 31-AUG-26\n", to: "VOCABULARY.csv")
    return (folder, folder.path(""))
  }

  @Test func codesMapToStandardConcepts() throws {
    let (folder, path) = try athena(
      "44832381\tCHF \"NOS\"\tCondition\tICD9CM\t5-dig\t\t428.0\r\n"
        + "1112807\taspirin\tDrug\tRxNorm\tIngredient\tS\t1191\n"
        + "2001234\tVenous cath\tProcedure\tICD9Proc\t4-dig\tS\t38.93\n",
      "44832381\t316139\tMaps to\t19700101\t20991231\t\n44832381\t1\tMaps to\t19700101\t20991231\tD\n"
        + "44832381\t2\tIs a\t19700101\t20991231\t\n")
    let concepts = try OMOPConcepts(athena: path)
    let failure = concepts.concept(CodedCategory("4280", .diagnosis, .mimicIII))
    #expect(failure == ("316139", "44832381"))
    #expect(concepts.concept(CodedCategory("3893", .procedure, .mimicIII)) == ("2001234", "2001234"))
    #expect(concepts.concept(CodedCategory("486", .diagnosis, .mimicIII)) == ("0", "0"))
    #expect(concepts.drug("Aspirin EC") == "1112807" && concepts.drug("Heparin") == "0")
    #expect(concepts.version == "v5.0 31-AUG-26")
    withExtendedLifetime(folder) {}
  }

  @Test func aDownloadWithoutOurVocabulariesIsRefused() throws {
    let (folder, path) = try athena("1\tx\tDrug\tSNOMED\tx\tS\t1\n", "")
    #expect(throws: CloisterError.self) { try OMOPConcepts(athena: path) }
    try folder.write("concept_id\tname\n", to: "CONCEPT.csv")
    do {
      _ = try OMOPConcepts(athena: path)
      Issue.record("a file without the columns was read")
    } catch { #expect(error.what.contains("column concept_name is missing"), "\(error.what)") }
  }
}
