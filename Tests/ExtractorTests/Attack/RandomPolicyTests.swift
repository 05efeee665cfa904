import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

/// Tests releases of small random hospitals under random policies: no outsider with a solver may pin down a withheld
/// cell.
@Suite struct RandomPolicyTests {
  static let policies = Project.isExhaustive ? 10_000 : 250

  private static let singles: [(attribute: Attribute, names: [String])] = [
    (.gender, ["F", "M"]), (.diedInHospital, ["0", "1"]), (.insurance, ["A", "B", "C"]),
    (.language, ["X", "Y", "Z"]), (.religion, ["P", "Q"]),
  ]
  private static let codes: [(attribute: Attribute, names: [String])] = [
    (.drug, ["D1", "D2", "D3", "D4"]), (.cpt, ["11111", "22222", "33333"]),
  ]

  struct Case {
    let policy: Policy
    let records: HospitalRecords
  }

  func example(_ seed: UInt64) throws -> Case {
    var random = RepeatableRandom(seed: seed)
    return Case(
      policy: try policy(&random) { Bool.random(using: &$0) ? ring(&$0) : anyTables(&$0) }, records: records(&random))
  }

  /// A code counted by several attributes, each alone, whose stays are counted together.
  func flatRing(_ seed: UInt64) throws -> Case {
    var random = RepeatableRandom(seed: seed)
    let policy = try policy(&random) { random in
      let attributes = Array(
        Self.singles.map(\.attribute).shuffled(using: &random).prefix(Int.random(in: 2...3, using: &random)))
      let code = Self.codes.map(\.attribute).randomElement(using: &random) ?? .drug
      return pairs(attributes) + attributes.map { [$0, code] } + (Bool.random(using: &random) ? [[code]] : [])
    }
    return Case(policy: policy, records: records(&random))
  }

  private func policy(
    _ random: inout RepeatableRandom, _ tables: (inout RepeatableRandom) -> [[Attribute]]
  ) throws -> Policy {
    let minimum = [3, 5, 8, 11].randomElement(using: &random) ?? 3
    let rounds = minimum >= 5 && Bool.random(using: &random)
    let zeros = Bool.random(using: &random) ? "publish" : "withhold"
    let tables = tables(&random)
    return try Policy.test(
      tables.map { "[\($0.map(\.rawValue).joined(separator: ", "))]" },
      protection: "minimum-patients: \(minimum), low-k-reason: a test of small hospitals only, zero-cells: \(zeros), "
        + "round-to: \(rounds ? "5" : "none")")
  }

  private func anyTables(_ random: inout RepeatableRandom) -> [[Attribute]] {
    var tables: [[Attribute]] = []
    for _ in 0..<Int.random(in: 2...7, using: &random) {
      let singles = Int.random(in: 0...2, using: &random)
      let many = [0, 0, 0, 1, 1, 2].randomElement(using: &random) ?? 0
      var attributes = Array(Self.singles.map(\.attribute).shuffled(using: &random).prefix(singles))
      attributes += Self.codes.map(\.attribute).shuffled(using: &random).prefix(min(many, 3 - singles))
      if attributes.isEmpty { attributes = [.gender] }
      // A policy has only one table of pairs of the same kinds of codes.
      let isOther = tables.allSatisfy { table in
        Set(table) != Set(attributes) && (many < 2 || table.count(where: \.isMultiValued) < 2)
      }
      if isOther { tables.append(attributes) }
    }
    return tables
  }

  /// Every pair out of three or four attributes, and some of these attributes alone.
  private func ring(_ random: inout RepeatableRandom) -> [[Attribute]] {
    let attributes = Self.singles.map(\.attribute).shuffled(using: &random).prefix(
      Int.random(in: 3...4, using: &random))
    return pairs(Array(attributes)) + attributes.filter { _ in Bool.random(using: &random) }.map { [$0] }
  }

  private func pairs(_ attributes: [Attribute]) -> [[Attribute]] {
    attributes.indices.flatMap { first in
      attributes.indices.dropFirst(first + 1).map { [attributes[first], attributes[$0]] }
    }
  }

  private func records(_ random: inout RepeatableRandom) -> HospitalRecords {
    var patients: [UInt32] = []
    for patient in 0..<UInt32.random(in: 20...150, using: &random) {
      for _ in 0..<([1, 1, 1, 2, 4].randomElement(using: &random) ?? 1) { patients.append(patient) }
    }
    func skewed(_ count: Int, _ random: inout RepeatableRandom) -> UInt32 {
      let unit = Double.random(in: 0..<1, using: &random)
      return UInt32(min(count - 1, Int(pow(unit, 2.2) * Double(count))))
    }
    var categories: [Attribute: CategoryColumn] = [:]
    // Attributes often depend on one another, so tables in a ring bound each other.
    var last = patients.map { _ in UInt32(0) }
    for (attribute, names) in Self.singles {
      let follows = [0.0, 0.7, 0.95, 1.0].randomElement(using: &random) ?? 0.5
      last = last.map { before in
        Double.random(in: 0..<1, using: &random) < follows ? before % UInt32(names.count) : skewed(names.count, &random)
      }
      categories[attribute] = CategoryColumn(ids: last, names: names)
    }
    var codes: [Attribute: CodeColumn] = [:]
    for (attribute, names) in Self.codes {
      let shares = names.map { _ in [0.05, 0.3, 0.6, 0.96].randomElement(using: &random) ?? 0.5 }
      codes[attribute] = CodeColumn(
        patients.map { _ in
          names.indices.filter { Double.random(in: 0..<1, using: &random) < shares[$0] }.map { UInt32($0) }
        }, names: names)
    }
    return HospitalRecords(
      schema: .mimicIII, patients: patients, categories: categories, codes: codes, titles: CodeTitles())
  }

  /// What would be released without complementary suppression.
  private func unprotected(_ tally: Tally, _ policy: Policy) -> Statistics {
    let tables = tally.tables.map { table in
      PublishedTable(
        attributes: table.request.attributes, total: nil,
        cells: table.cells.filter { $0.patients >= policy.protection.minimumPatients }.map { cell in
          PublishedCell(
            key: table.key(cell),
            count: policy.protection.roundTo.map { (cell.admissions + 2) / $0 * $0 } ?? cell.admissions)
        }, suppressed: [])
    }
    return Statistics(
      schema: .mimicIII, minimumPatients: policy.protection.minimumPatients, tables: tables, titles: CodeTitles())
  }

  private func pinned(_ statistics: Statistics, _ policy: Policy) -> [String] {
    if let found = JointAttacker(statistics, policy, listsAreComplete: true).pinned() { return found }
    let found = JointAttacker(statistics, policy, listsAreComplete: false).pinned()
    #expect(found != nil, "the published tables contradict each other")
    return found ?? []
  }

  @Test func noWithheldCellIsPinned() throws {
    // In one of the last cases, the exposure passes from one pair of codes through a single code to another pair; in
    // the other, a code that is hidden itself tells the stays.
    let seeds = Array(1...UInt64(Self.policies)) + [6_465, 7_540]
    let (released, leaking) = try released(seeds, example)
    #expect(released > Self.policies / 2)
    #expect(leaking > Self.policies / 100, "the attacker finds nothing even in unprotected tables")
  }

  @Test func noCodeInAFlatRingIsPinned() throws {
    let (released, leaking) = try released(Array(1...UInt64(Self.policies / 2)), flatRing)
    #expect(released > Self.policies / 8)
    #expect(leaking > Self.policies / 200, "the attacker finds nothing even in unprotected tables")
  }

  /// Protects each example, and expects that nothing is pinned.
  ///
  /// - Returns: how many were released, and in how many of every tenth something is pinned without protection.
  private func released(
    _ seeds: [UInt64], _ example: (UInt64) throws -> Case
  ) throws -> (released: Int, leaking: Int) {
    var (released, leaking) = (0, 0)
    for seed in seeds {
      let example = try example(seed)
      let tally = tally(example.records, policy: example.policy, threads: 1)
      let statistics: Statistics
      do throws(CloisterError) {
        let protected = try protect(tally, under: example.policy, drawnWith: .test(Int(seed)), threads: 1)
        statistics = protected.statistics
      } catch {
        #expect(error.status == .releaseRefused, "policy \(seed): \(error.what)")
        continue
      }
      released += 1
      let found = pinned(statistics, example.policy)
      #expect(found.isEmpty, "policy \(seed): \(found)")
      let own =
        attack(AttackedRelease(statistics, under: example.policy, listsAreComplete: true))
        ?? attack(AttackedRelease(statistics, under: example.policy, listsAreComplete: false))
      #expect(
        own?.exposures.isEmpty == true,
        "policy \(seed): \(own?.exposures.map { "\($0.what) \($0.low) \($0.high)" } ?? ["no counts fit"])")
      if seed.isMultiple(of: 10), !pinned(unprotected(tally, example.policy), example.policy).isEmpty { leaking += 1 }
    }
    return (released, leaking)
  }

  /// Real hospital data, under the tables of the policy that hospitals would use. The codes are not rolled up: the
  /// solver here can't attack that many groups in a reasonable time.
  @Test(
    .enabled(if: Project.sharedData("mimic-iii-demo") != nil, "skipped: ../shared/data is not there"),
    arguments: Project.isExhaustive ? ["mimic-iii-demo", "mimic-iv-demo"] : ["mimic-iii-demo"])
  func noWithheldCellOfTheDemosIsPinned(_ name: String) throws {
    let path = "\(Project.root)/policies/cms-k11.yaml"
    let policy = try Policy(parsing: Array(try Data(contentsOf: URL(fileURLWithPath: path))), file: "cms-k11.yaml")
    let input = try InputFolder(try #require(Project.sharedData(name)), threads: 1)
    let counted = tally(try readHospital(input, policy: policy), policy: policy, threads: 1)
    let protected = try protect(counted, under: policy, drawnWith: .test(), threads: 1)
    let found = pinned(protected.statistics, policy)
    #expect(found.isEmpty, "\(found)")
    #expect(protected.statistics.tables.contains { !$0.cells.isEmpty })
  }
}
