import Foundation
import Shared
import Testing

@testable import Generator

@Suite struct TablesTests {
  private func drafts(_ statistics: Statistics, _ count: Int) async throws -> [Draft] {
    let chain = Chain(statistics: statistics, sampler: Sampler(statistics), model: nil, seed: 1)
    var drafts: [Draft] = []
    for number in 0..<count { drafts.append(try await fill(number, chain).draft) }
    return drafts
  }

  private func tables(_ schema: SourceSchema) async throws -> [String: [[String]]] {
    var statistics = SmallBundle.statistics
    statistics.schema = schema
    if schema == .mimicIV {
      statistics.tables = [
        SmallBundle.table([.gender], [(["F"], 60)]), SmallBundle.table([.ageBand], [(["60-69"], 7), (["90+"], 3)]),
        SmallBundle.table([.mainDiagnosis], [(["9:4280"], 5), (["10:I509"], 5)]),
        SmallBundle.table([.procedure], [(["10:02HV33Z"], 5)]),
      ]
    }
    let files = tableFiles(
      try await drafts(statistics, 200), statistics, seed: 1, sampler: Sampler(statistics))
    return Dictionary(
      uniqueKeysWithValues: files.map { path, bytes in
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return (path, lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) })
      })
  }

  @Test func theThirdSchemaHasItsFilesAndHeaders() async throws {
    let tables = try await tables(.mimicIII)
    #expect(
      tables.keys.sorted() == [
        "ADMISSIONS.csv", "DIAGNOSES_ICD.csv", "D_ICD_DIAGNOSES.csv", "D_ICD_PROCEDURES.csv", "PATIENTS.csv",
        "PRESCRIPTIONS.csv", "PROCEDURES_ICD.csv",
      ])
    #expect(tables["DIAGNOSES_ICD.csv"]?[0] == ["ROW_ID", "SUBJECT_ID", "HADM_ID", "SEQ_NUM", "ICD9_CODE"])
    for (path, rows) in tables { for row in rows { #expect(row.count == rows[0].count, "\(path)") } }
    #expect(tables["PATIENTS.csv"]?.count == 201)
  }

  @Test func theFourthSchemaSplitsVersionsAndTopCodesAges() async throws {
    let tables = try await tables(.mimicIV)
    let diagnoses = try #require(tables["hosp/diagnoses_icd.csv"])
    #expect(Set(diagnoses.dropFirst().map { $0[3] + "/" + $0[4] }) == ["4280/9", "I509/10"])
    let ages = try #require(tables["hosp/patients.csv"]).dropFirst().compactMap { Int($0[2]) }
    #expect(Set(ages).isSubset(of: Set(60...69).union([91])))
    #expect(ages.contains(91))
  }

  @Test func agesAndTimesMakeSense() async throws {
    for draft in try await drafts(SmallBundle.statistics, 300) {
      let stay = Stay(draft, seed: 1)
      #expect(stay.admitted < stay.discharged)
      #expect(stay.hadmID > 900_000_000)
      let years = Calendar(identifier: .gregorian).dateComponents([.year], from: stay.born, to: stay.admitted).year ?? 0
      #expect(stay.isOldest ? years == 300 : (60...69).contains(years), "\(years)")
    }
  }
}
