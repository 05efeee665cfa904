import Shared
import TestSupport
import Testing

@testable import Extractor

@Suite struct ReadLabTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let header = "row_id,subject_id,hadm_id,itemid,charttime,value,valuenum,valueuom,flag\n"

  private func records(_ labEvents: String, bins: String = "") throws -> HospitalRecords {
    var hospital = SmallHospital.mimicIII
    hospital.files["LABEVENTS.csv"] = Self.header + labEvents
    hospital.files["D_LABITEMS.csv"] =
      "ROW_ID,ITEMID,LABEL,FLUID,CATEGORY,LOINC_CODE\n1,50912,\"Creatinine\",Blood,Chemistry,\n2,50801,Gap,,x,\n"
    let text = SmallHospital.policy + "  - table: [lab]\n" + bins
    let policy = try Policy(parsing: Array(text.utf8), file: "policy.yaml")
    return try readHospital(try InputFolder(try hospital.write(to: folder), threads: 2), policy: policy)
  }

  private func categories(_ records: HospitalRecords, of admission: Int) -> Set<String> {
    guard let column = records.codes[.lab] else { return [] }
    return Set(column.codes(of: admission).map { column.names[Int($0)] })
  }

  private let rows = """
    1,1,1001,50912,2110-05-17 10:00:00,1.0,1.0,mg/dL,
    2,1,1001,50912,2110-05-18 10:00:00,3.0,3.0,mg/dL,abnormal
    3,2,1002,50801,2110-05-17 10:00:00,"low, see note",,,DELTA
    4,1,,50912,2109-05-17 10:00:00,9.0,9.0,mg/dL,abnormal
    5,1,1001,50912,2110-05-19 10:00:00,2.0,2.0,mg/dL,abnormal
    6,2,1002,50912,2110-05-17 10:00:00,HIGH,,mg/dL,abnormal
    7,2,1002,50912,2110-05-17 10:00:00,1.2,1.20,mg/dL,

    """

  @Test func itemsAreCountedByFlag() throws {
    let records = try records(rows)
    #expect(categories(records, of: 0) == ["50912:unflagged", "50912:abnormal"])
    #expect(categories(records, of: 1) == ["50801:delta", "50912:abnormal", "50912:unflagged"])
    #expect(records.titles.title(of: "50912:abnormal", .lab) == "Creatinine (Blood)")
    #expect(records.titles.title(of: "50801:delta", .lab) == "Gap")
  }

  @Test func declaredBinsTakeTheFlagsPlace() throws {
    let records = try records(rows, bins: "lab-bins: [{item: 50912, edges: [1.2, 3]}]\n")
    #expect(categories(records, of: 0) == ["50912:under 1.2", "50912:1.2 to 3", "50912:3 or more"])
    #expect(categories(records, of: 1) == ["50801:delta", "50912:no number", "50912:1.2 to 3"])
  }

  @Test(arguments: [
    ("1,1,1001,50801,,1,1,,call the family", "flag: the value is not a flag"),
    ("1,1,1001,50912x,,1,1,,", "itemid: the value is not a whole number"),
    ("1,1,1001,,,1,1,,", "itemid: the value is empty where a number is needed"),
    ("1,1,1001,50912,,1,about 5,,", "valuenum: the value is not a number"),
    ("1,2,1001,50912,,1,1,,", "subject_id: the value is not the admission's patient"),
    ("1,1,77,50912,,1,1,,", "hadm_id: the value names an admission that is not in the admissions table"),
  ])
  func whatCanNotBeRightIsRefused(_ row: String, _ what: String) throws {
    let error = #expect(throws: CloisterError.self) {
      try records(row + "\n", bins: "lab-bins: [{item: 50912, edges: [1]}]\n")
    }
    #expect(error?.what.hasPrefix("LABEVENTS.csv line 2, column \(what)") == true, "\(error?.what ?? "")")
  }
}
