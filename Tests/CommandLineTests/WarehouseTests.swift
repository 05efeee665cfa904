import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

/// A hospital's own engine counts the same as the extractor: with real engines and whole hospitals, the bytes must be
/// the same.
///
/// `make test-warehouse` installs the engines; without them the tests are skipped and say so.
@Suite(.serialized, .enabled(if: WarehouseEngine.python != nil, "skipped: make test-warehouse installs the engines"))
struct WarehouseTests {
  private static let engines = Result { try ["duckdb", "postgresql", "spark"].map { try WarehouseEngine($0) } }

  struct Hospital: CustomTestStringConvertible, Sendable {
    let name: String
    let path: String
    let schema: SourceSchema
    var testDescription: String { name }
    var isLarge: Bool { path.contains(".warehouse") }

    /// Whether to try a policy on the hospital in an engine. Every policy is tried on the demos. The large hospital's
    /// codes were drawn one by one. With such codes, the attacks on many groups, on the paper's pairs and on rounded
    /// counts take very long, so another test compares these counts. Spark computes a step again wherever it is used,
    /// which takes minutes for a shipped policy, so by default it gets one hospital and the policies with few tables.
    func needs(_ policy: String, _ engine: String) -> Bool {
      if isLarge, ["cms-k11", "paper", "round-to-5"].contains(policy) { return false }
      if name.hasPrefix("example"), !["demo", "laboratory", "rolled", "codes"].contains(policy) { return false }
      if engine != "spark" || Project.isExhaustive { return true }
      return name == WarehouseTests.hospitals.last { !$0.isLarge }?.name && ["rolled", "codes"].contains(policy)
    }

    func has(_ table: String) -> Bool {
      [path, "\(path)/hosp"].contains { folder in
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
          .contains { $0.lowercased().hasPrefix("\(table).csv") }
      }
    }
  }

  static let hospitals: [Hospital] = {
    let root = Project.root
    var all = [
      Hospital(name: "example III", path: "\(root)/examples/mimic-iii", schema: .mimicIII),
      Hospital(name: "example IV", path: "\(root)/examples/mimic-iv", schema: .mimicIV),
    ]
    for (name, schema) in [("mimic-iii-demo", SourceSchema.mimicIII), ("mimic-iv-demo", .mimicIV)] {
      if let path = Project.sharedData(name) { all.append(Hospital(name: name, path: path, schema: schema)) }
    }
    let large = "\(root)/.warehouse/hospital/sorted"
    if FileManager.default.fileExists(atPath: large) {
      all.append(Hospital(name: "5,000 admissions", path: large, schema: .mimicIV))
    }
    return all
  }()

  /// How the hospital's database differs from MIMIC's: here, which dictionaries it lacks.
  private func mapping(_ hospital: Hospital) -> String {
    let absent = ["d_icd_diagnoses", "d_icd_procedures", "d_labitems"].filter { !hospital.has($0) }
    return "cloister-mapping: 1\n"
      + (absent.isEmpty ? "" : "tables:\n" + absent.map { "  \($0): {absent: true}\n" }.joined())
  }

  @Test(arguments: hospitals) func everyEngineGivesTheSameBytes(_ hospital: Hospital) throws {
    let folder = try TemporaryFolder()
    let mapping = try folder.write(mapping(hospital), to: "mapping.yaml")
    let engines = try Self.engines.get()
    var released = 0
    for (name, text) in Self.policies.sorted(by: { $0.key < $1.key }) {
      if text.contains("[lab]"), !hospital.has("labevents") { continue }
      let engines = engines.filter { hospital.needs(name, $0.name) }
      if engines.isEmpty { continue }
      let policy = try folder.write(text, to: "\(name).yaml")
      let expected = try extract(["--input", hospital.path], policy, folder, "\(name)-csv")
      if expected != nil { released += 1 }
      for engine in engines {
        try engine.load(hospital.path)
        let place = "\(name)-\(engine.name)"
        let written = try Project.extractor(
          "sql", "--policy", policy, "--schema", hospital.schema.rawValue, "--dialect", engine.name, "--mapping",
          mapping,
          "--out", folder.path("\(place).sql"))
        #expect(written.status == 0, "\(written.errors)")
        try engine.run(folder.path("\(place).sql"), into: folder.path("counts/\(place)"))
        let counted = try extract(["--counts", folder.path("counts/\(place)")], policy, folder, place)
        #expect(counted == expected, "\(hospital.name), \(place)")
      }
    }
    #expect(released >= 3, "comparing refusals shows nothing")
    try compareWhatNoiseIsPutOn(hospital)
  }

  @Test(
    .enabled(if: Project.isExhaustive, "skipped: needs CLOISTER_EXHAUSTIVE"),
    arguments: hospitals.filter(\.isLarge), ["cms-k11", "paper", "round-to-5"])
  func everyEngineCountsTheSame(_ hospital: Hospital, _ name: String) throws {
    let policy = try Policy(parsing: Array(try #require(Self.policies[name]).utf8), file: "p.yaml")
    let records = try readHospital(try InputFolder(hospital.path, threads: 2), policy: policy)
    let grouped = policy.protection.rollsUpCodes ? rollUpCodes(records, policy, threads: 2) : records
    let expected = Counts(tally(grouped, policy: policy, threads: 2))
    for engine in try Self.engines.get() {
      #expect(Counts(try counted(hospital, by: engine, policy, keeping: .none)) == expected, "\(engine.name)")
    }
  }

  /// Half of the categories of the first release, as if the codes in the others had been rare then.
  @Test(arguments: hospitals.filter { !$0.isLarge }.suffix(1))
  func everyEngineKeepsEarlierCategories(_ hospital: Hospital) throws {
    let policy = try Policy(parsing: Array(try #require(Self.policies["rolled"]).utf8), file: "p.yaml")
    let records = try readHospital(try InputFolder(hospital.path, threads: 2), policy: policy)
    let first = groupedTally(records, policy: policy, keeping: .none, threads: 2).codeCategories
    var kept = CodeCategories.none
    for attribute in first.attributes {
      kept.insert((first[attribute] ?? []).enumerated().filter { $0.offset % 2 == 0 }.map(\.element), attribute)
    }
    let expected = groupedTally(records, policy: policy, keeping: kept, threads: 2)
    #expect(expected.codeCategories != first)
    for engine in try Self.engines.get() {
      let found = try counted(hospital, by: engine, policy, keeping: kept)
      #expect(Counts(found) == Counts(expected), "\(engine.name)")
    }
  }

  /// What an engine counts in a hospital.
  private func counted(
    _ hospital: Hospital, by engine: WarehouseEngine, _ policy: Policy, keeping kept: CodeCategories
  ) throws -> Tally {
    let folder = try TemporaryFolder()
    let mapping = try readMapping(try folder.write(mapping(hospital), to: "mapping.yaml"), hospital.schema)
    let script = CountsScript(
      policy: policy, schema: hospital.schema, dialect: try #require(SQLDialect(rawValue: engine.name)),
      mapping: mapping, kept: kept, salt: "")
    try engine.load(hospital.path)
    try engine.run(try folder.write(script.text, to: "counts.sql"), into: folder.path("counts"))
    return try readCounts(CountsFolder(folder.path("counts"), keeping: [hospital.schema: kept]), policy: policy)
  }

  /// Everything that protection takes from a tally, without the numbering of categories.
  private struct Counts: Equatable {
    var cells: [[[String]: [Int?]]] = []
    var joints: [[[String]: Int]] = []
    /// For each code attribute, the admissions by the categories of a profile and the code.
    var profiles: [Attribute: [[String]: Int]] = [:]

    init(_ tally: Tally) {
      cells = tally.tables.map { table in
        Dictionary(
          uniqueKeysWithValues: table.cells.map {
            (table.key($0), [$0.admissions, $0.patients, $0.count.largest, $0.patientsWithout])
          })
      }
      joints = tally.joints.map { joint in
        var counts: [[String]: Int] = [:]
        joint.forEach { key, count in counts[zip(joint.categories, key).map { $0[Int($1)] }] = count }
        return counts
      }
      for (attribute, codes) in tally.profiles?.codes ?? [:] {
        for code in codes.names.indices {
          codes.forEach(of: code) { profile, count in
            let key = zip(tally.profiles?.categories ?? [], tally.profiles?.profiles[profile] ?? [])
            profiles[attribute, default: [:]][key.map { $0[Int($1)] } + [codes.names[code]], default: 0] += count
          }
        }
      }
    }
  }

  /// The published statistics; nil if the policy refuses the release.
  private func extract(_ source: [String], _ policy: String, _ folder: TemporaryFolder, _ name: String) throws -> Data?
  {
    let keys = try ExampleBundle.mimicIII.get()
    let done = try Project.extractor(
      ["extract"] + source + [
        "--policy", policy, "--key", keys.key, "--cert", keys.certificate, "--out",
        folder.path("bundle-\(name)"), "--ledger", try folder.ledger("ledger-\(name)"),
        // The other diagnoses of the example hospitals have no code that begins with 0.
        "--codes-are-whole",
      ])
    #expect(done.status == 0 || done.status == 77, "\(name): \(done.errors)")
    return done.status == 0 ? try folder.read("bundle-\(name)/statistics.json") : nil
  }
}

extension WarehouseTests {
  /// With noise the results differ from run to run, but the counts that get the noise do not.
  private func compareWhatNoiseIsPutOn(_ hospital: Hospital) throws {
    let folder = try TemporaryFolder()
    let shipped = try String(contentsOfFile: "\(Project.root)/policies/differential-privacy.yaml", encoding: .utf8)
    let hasDictionaries = hospital.has("d_icd_diagnoses") && hospital.has("d_icd_procedures")
    for (number, text) in ([Self.listed] + (hasDictionaries ? [shipped] : [])).enumerated() {
      let policy = try Policy(parsing: Array(text.utf8), file: "p.yaml")
      let noise = try #require(policy.protection.noise)
      let records = try readHospital(try InputFolder(hospital.path, threads: 2), policy: policy)
      let expected = try cells(boundedTally(records, policy, noise, Lots(salt: "salt"), threads: 2).tally)
      #expect(expected.contains { $0.count > 4 })
      let mapping = try readMapping(try folder.write(mapping(hospital), to: "mapping.yaml"), hospital.schema)
      for engine in try Self.engines.get() where hospital.needs("codes", engine.name) {
        let dialect = try #require(SQLDialect(rawValue: engine.name))
        let script = CountsScript(
          policy: policy, schema: hospital.schema, dialect: dialect, mapping: mapping, salt: "salt")
        try engine.load(hospital.path)
        let counts = folder.path("counts-\(engine.name)-\(number)")
        try engine.run(try folder.write(script.text, to: "counts.sql"), into: counts)
        #expect(
          try cells(boundedTally(try CountsFolder(counts), policy, noise).tally) == expected,
          "\(hospital.name), \(engine.name)")
      }
    }
  }

  /// The counts that get noise, by table, with the categories that the table may have.
  private func cells(_ tally: Tally) -> [[String: Int]] {
    tally.tables.map { table in
      var cells = Dictionary(
        uniqueKeysWithValues: table.cells.map { (table.key($0).joined(separator: "|"), $0.admissions) })
      for names in table.categories { cells[names.joined(separator: ","), default: 0] += 0 }
      return cells
    }
  }

  @Test func theShippedMappingReadsOMOP() throws {
    let hospital = Self.hospitals[1]
    let folder = try TemporaryFolder()
    let tables = [
      "gender, age-band", "admission-type", "discharge-location, died-in-hospital", "length-of-stay-band",
      "main-diagnosis", "main-diagnosis, diagnosis", "procedure", "main-diagnosis, drug",
    ]
    let text = """
      cloister-policy: 1
      title: T
      owner: O
      protection: {minimum-patients: 11, roll-up-codes: false}
      release:

      """ + tables.map { "  - table: [\($0)]\n" }.joined()
    let policy = try Policy(parsing: Array(text.utf8), file: "p.yaml")
    let records = try readHospital(try InputFolder(hospital.path, threads: 2), policy: policy)
    let expected = cells(tally(records, policy: policy, threads: 2)).map { $0.filter { $0.value > 0 } }
    #expect(expected.contains { $0.count > 200 })
    let mapping = try readMapping("\(Project.root)/examples/mappings/omop-cdm-5.4.yaml", hospital.schema)
    for engine in try Self.engines.get() {
      let dialect = try #require(SQLDialect(rawValue: engine.name))
      try engine.load(hospital.path)
      for view in Self.omop { try engine.execute(view) }
      let script = CountsScript(policy: policy, schema: hospital.schema, dialect: dialect, mapping: mapping, salt: "")
      let counts = folder.path("counts-\(engine.name)")
      try engine.run(try folder.write(script.text, to: "counts.sql"), into: counts)
      let counted = cells(try readCounts(CountsFolder(counts), policy: policy)).map { $0.filter { $0.value > 0 } }
      #expect(counted == expected, "\(engine.name)")
    }
  }
}
