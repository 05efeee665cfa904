import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

/// Checks that the queries for the administrator do nothing but read.
@Suite struct CountsScriptTests {
  private func script(_ policy: String, _ schema: SourceSchema, _ dialect: SQLDialect, _ mapping: String? = nil) throws
    -> String
  {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(Project.root)/policies/\(policy).yaml"))
    return CountsScript(
      policy: try Policy(parsing: Array(bytes), file: policy), schema: schema, dialect: dialect,
      mapping: try mapping.map { try readMapping("\(Project.root)/examples/mappings/\($0)", schema) } ?? .none,
      salt: "abc"
    ).text
  }

  @Test(arguments: SQLDialect.allCases, ["demo", "laboratory", "differential-privacy"])
  func nothingIsChanged(_ dialect: SQLDialect, _ policy: String) throws {
    for schema in SourceSchema.allCases {
      let lines = try script(policy, schema, dialect).split(separator: "\n").filter {
        !$0.hasPrefix("--") && !$0.contains("  -- ")
      }
      let words = Set(lines.flatMap { $0.uppercased().split { !$0.isLetter && $0 != "_" } }.map(String.init))
      let writing = ["CREATE", "UPDATE", "DELETE", "DROP", "ALTER", "TRUNCATE", "TEMPORARY", "GRANT", "CALL", "MERGE"]
      #expect(words.isDisjoint(with: writing))
      // Spark writes files with INSERT, and DuckDB with COPY TO.
      #expect(words.contains("INSERT") == (dialect == .spark))
      #expect(lines.filter { $0.hasPrefix("INSERT") }.allSatisfy { $0.hasPrefix("INSERT OVERWRITE DIRECTORY '") })
      #expect(
        lines.filter { $0.hasPrefix("COPY") }.count
          == (dialect == .duckdb ? lines.filter { $0.hasPrefix(") TO '") }.count : 0))
    }
  }

  /// Clients that split a file into statements may treat a quote or semicolon in a comment as part of the SQL.
  @Test(arguments: SQLDialect.allCases) func commentsHoldNoQuotesAndSemicolons(_ dialect: SQLDialect) throws {
    for policy in ["cms-k11", "laboratory", "differential-privacy"] {
      let comments = try script(policy, .mimicIV, dialect).split(separator: "\n").compactMap { line in
        line.firstRange(of: "-- ").map { line[$0.upperBound...] }
      }
      #expect(comments.count > 20)
      #expect(comments.allSatisfy { !$0.contains("'") && !$0.contains(";") && !$0.contains("\"") })
    }
  }

  @Test func everyTableOfThePolicyHasItsQuery() throws {
    let text = try script("demo", .mimicIII, .postgresql)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(Project.root)/policies/demo.yaml"))
    let policy = try Policy(parsing: Array(bytes), file: "demo")
    for table in policy.release { #expect(text.contains("the table \(table.name)\n")) }
    #expect(
      text.components(separatedBy: SHA256.hexadecimal(policy.bytes)).count == 2
        + CountedResult.all(policy, .mimicIII).count)
    #expect(!text.contains("gender") || text.contains("\\g 'gender-x-age-band.csv'"))
    // Tables that MIMIC-IV does not hold are left out.
    #expect(try !script("demo", .mimicIV, .postgresql).contains("religion"))
  }

  @Test func aMappingStandsInPlaceOfNames() throws {
    let text = try script("cms-k11", .mimicIV, .duckdb, "omop-cdm-5.4.yaml")
    #expect(text.contains("year_of_birth AS anchor_year"))
    #expect(text.contains("FROM person\n"))
    #expect(!text.contains("FROM patients") && !text.contains("FROM admissions"))
    #expect(!text.contains("{") && !text.contains("}"))
  }

  @Test func literalsCanNotEndEarly() {
    #expect(SQLDialect.postgresql.literal("it's \\") == "'it''s \\'")
    #expect(SQLDialect.duckdb.literal("it's \\") == "'it''s \\'")
    #expect(SQLDialect.spark.literal("it's \\") == "'it\\'s \\\\'")
  }

  /// Without the salt, nobody can tell which records draw low lots. The same salt always draws the same lots.
  @Test func lotsAreDrawnByTheText() {
    #expect(Lots(salt: "a").lot(7) == Lots(salt: "a").lot(7))
    #expect(Lots(salt: "a").lot(7) != Lots(salt: "b").lot(7))
    var random = RepeatableRandom(seed: 1)
    #expect(Lots(&random).salt.count == 32)
    // The SHA-256 digest of "abc" begins with ba7816bf 8f01cfea.
    #expect(SHA256.leadingBits(Array("abc".utf8)) == 0xba78_16bf_8f01_cfea)
  }
}
