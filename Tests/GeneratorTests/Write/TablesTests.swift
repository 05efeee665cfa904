import Foundation
import Shared
import TestSupport
import Testing

@testable import Generator

@Suite struct TablesTests {
  private func drafts(_ statistics: Statistics, _ count: Int) async throws -> [Draft] {
    let chain = try SmallBundle.chain(nil, statistics)
    var drafts: [Draft] = []
    for number in 0..<count { drafts.append(try await SmallBundle.fill(number, chain).draft) }
    return drafts
  }

  private func tables(
    _ schema: SourceSchema, _ extra: [PublishedTable] = [], titles: [String: String] = [:]
  ) async throws -> [String: [[String]]] {
    var statistics = SmallBundle.statistics
    for (code, title) in titles { statistics.titles["lab", code] = title }
    statistics.schema = schema
    if schema == .mimicIV {
      statistics.tables = [
        SmallBundle.table([.gender], [(["F"], 60)]), SmallBundle.table([.ageBand], [(["60-69"], 7), (["90+"], 3)]),
        SmallBundle.table([.mainDiagnosis], [(["9:4280"], 5), (["10:I509"], 5)]),
        SmallBundle.table([.procedure], [(["10:02HV33Z"], 5)]),
      ]
    }
    statistics.tables += extra
    let temporary = try TemporaryFolder()
    let folder = try OutputFolder(temporary.path("run"))
    let sampler = Sampler(statistics)
    let writer = try TableWriter(.mimic(schema, in: "tables/"), in: folder)
    var linker = PatientLinker(statistics, seed: 1)
    try await writer.add(linker.stays(try await drafts(statistics, 200)))
    let digests = try writer.finish(in: folder, statistics.titles, CodeBook(statistics.titles, sampler))
    try folder.publish()
    for (path, digest) in digests {
      #expect(SHA256.hexadecimal(Array(try temporary.read("run/tables/\(path)"))) == digest, "\(path)")
    }
    #expect(digests.count >= 4)
    var read: [String: [[String]]] = [:]
    let paths = try runProgram("find", [temporary.path("run/tables"), "-type", "f", "-printf", "%P\n"]).output
    for path in paths.split(separator: "\n").map(String.init) {
      let lines = try temporary.text("run/tables/\(path)").split(separator: "\n")
      read[path] = lines.map { Self.fields(String($0)) }
    }
    return read
  }

  /// The fields of a line, with their quotes; commas between quotes separate none.
  private static func fields(_ line: String) -> [String] {
    var (fields, isQuoted) = ([""], false)
    for character in line {
      if character == "\"" { isQuoted.toggle() }
      if character == ",", !isQuoted { fields.append("") } else { fields[fields.count - 1].append(character) }
    }
    return fields
  }

  @Test func theThirdSchemaHasItsFilesAndHeaders() async throws {
    let tables = try await tables(.mimicIII)
    #expect(tables.count == 26)
    #expect(tables["CHARTEVENTS.csv"]?.count == 1)
    #expect(tables["DIAGNOSES_ICD.csv"]?[0] == ["ROW_ID", "SUBJECT_ID", "HADM_ID", "SEQ_NUM", "ICD9_CODE"])
    for (path, rows) in tables { for row in rows { #expect(row.count == rows[0].count, "\(path)") } }
    #expect(tables["PATIENTS.csv"]?.count == 201)
  }

  @Test(arguments: SourceSchema.allCases) func laboratoryValuesLieInTheirBins(_ schema: SourceSchema) async throws {
    let extra = [
      SmallBundle.table(
        [.lab],
        [
          (["50912:under 1.2"], 30), (["50912:1.2 to 4"], 30), (["50912:4 or more"], 30), (["50801:abnormal"], 30),
          (["50801:unflagged"], 30), (["50912:no number"], 30),
        ])
    ]
    let tables = try await tables(schema, extra, titles: ["50912": "Creatinine (Blood)", "50801": "Gap"])
    let rows = try #require(tables[schema == .mimicIII ? "LABEVENTS.csv" : "hosp/labevents.csv"])
    let header = rows[0].map { $0.lowercased() }
    let (item, number, flag) = try (
      #require(header.firstIndex(of: "itemid")), #require(header.firstIndex(of: "valuenum")),
      #require(header.firstIndex(of: "flag"))
    )
    let numbers = rows.dropFirst().filter { $0[item] == "50912" }.compactMap { Double($0[number]) }
    #expect(numbers.contains { $0 < 1.2 } && numbers.contains { $0 >= 1.2 && $0 < 4 } && numbers.contains { $0 >= 4 })
    let gaps = rows.dropFirst().filter { $0[item] == "50801" }
    #expect(Set(gaps.map { $0[flag] }) == ["", "abnormal"])
    #expect(gaps.allSatisfy { $0[number].isEmpty })
    let items = tables[schema == .mimicIII ? "D_LABITEMS.csv" : "hosp/d_labitems.csv"] ?? []
    #expect(items.contains { $0.contains("Creatinine") && $0.contains("Blood") })
  }

  /// The extractor's edges put each number back into the bin for which the generator wrote it.
  @Test(arguments: [["-5", "0", "0.25", "1.5", "100"], ["1", "2"], ["-1"], ["0.1", "1.1", "2.2"], ["3.75", "3.8"]])
  func drawnNumbersStayInTheirBin(_ edges: [String]) throws {
    let bins = try #require(LabBins(item: 1, edges: edges))
    var random = SeededRandom(seed: 1, stream: 1)
    for (place, label) in bins.labels.enumerated() {
      for _ in 0..<300 {
        let text = LabValue(LabCategory.category(item: "1", value: label), &random).number
        #expect(Double(text).map(bins.index) == place, "\(text) of \(label)")
      }
    }
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
    var statistics = SmallBundle.statistics
    statistics.tables += [
      SmallBundle.table([.admissionNumberBand], [(["1"], 60), (["2"], 20), (["3"], 12), (["5+"], 8)]),
      SmallBundle.table([.diedInHospital], [(["0"], 80), (["1"], 20)]),
      SmallBundle.table([.dischargeLocation], [(["HOME"], 80), (["DEAD/EXPIRED"], 20)]),
    ]
    var linker = PatientLinker(statistics, seed: 1)
    let stays = linker.stays(try await drafts(statistics, 2000))
    #expect(Set(stays.map(\.draft.number)) == Set(0..<2000))
    var last: Stay?
    for stay in stays {
      #expect(stay.admitted < stay.discharged)
      #expect(stay.hadmID > 900_000_000 && stay.patient.id > 900_000_000)
      let moments = (0..<5).map { stay.moment($0, of: 5) }
      #expect(moments == moments.sorted() && moments[0] > stay.admitted && moments[4] < stay.discharged)
      let years =
        Calendar(identifier: .gregorian).dateComponents([.year], from: stay.patient.born, to: stay.admitted).year ?? 0
      #expect(stay.patient.isOldest ? years >= 300 : (60...69).contains(years), "\(years)")
      #expect(stay.died == (stay.draft.categories[.dischargeLocation] == "DEAD/EXPIRED"))
      if let last, last.patient.id == stay.patient.id {
        #expect(last.discharged < stay.admitted && !last.died && !stay.isFirst)
        #expect(last.draft.categories[.gender] == stay.draft.categories[.gender])
      } else {
        #expect(stay.isFirst)
      }
      last = stay
    }
    // 60 patients have 100 published admissions, plus 8 for the withheld band 4: halfway between the 12 of band 3 and
    // an estimated 4 fifth admissions.
    let patients = Double(stays.count { $0.isFirst })
    #expect(abs(patients / 2000 - 60.0 / 108) < 0.01, "\(patients)")
  }

  /// Patients have as many admissions as the bands say, even if most have few others who are like them.
  @Test func admissionNumbersAreMet() {
    var statistics = SmallBundle.statistics
    let bands = [("1", 100), ("2", 48), ("3", 28), ("4", 19), ("5+", 80)]
    statistics.tables.append(SmallBundle.table([.admissionNumberBand], bands.map { ([$0.0], $0.1) }))
    let drafts = (0..<5500).map { number in
      var draft = Draft(number: number)
      draft.categories = [.gender: "F", .ageBand: "60-69", .ethnicity: "\(number * number % 311)"]
      return draft
    }
    var linker = PatientLinker(statistics, seed: 1)
    var counts: [String: Int] = [:]
    for stay in linker.stays(drafts) { counts[stay.rank < 4 ? "\(stay.rank + 1)" : "5+", default: 0] += 1 }
    for (band, count) in bands { #expect(abs(counts[band, default: 0] - 20 * count) < 40, "\(counts)") }
  }
}
