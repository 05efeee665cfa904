import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

/// Protects an even sample of all small tables. With CLOISTER_EXHAUSTIVE=1 it protects every one; of tables that differ
/// only in the order of their rows or columns, one. An independent attacker, which shares no code with the protection,
/// then tries every integer table that fits the release.
@Suite struct AttackTests {
  static let minimum = 3

  private func policy(_ release: [String], zeroCells: String = "withhold") throws -> Policy {
    try Policy.test(
      release,
      protection:
        "minimum-patients: \(Self.minimum), low-k-reason: a test of small tables only, zero-cells: \(zeroCells)")
  }

  private func tallied(_ policy: Policy, _ table: Int, _ categories: [[String]], _ counts: [Int]) -> TalliedTable {
    TalliedTable(policy.release[table], categories, counts: counts)
  }

  /// The published count of each cell of each table, nil if it is withheld; all nil if the release is refused.
  private func released(_ tables: [TalliedTable], _ policy: Policy) throws -> [[Int?]] {
    let tally = Tally(schema: .mimicIII, admissions: 0, tables: tables, titles: CodeTitles())
    let published: [PublishedTable]
    do throws(CloisterError) {
      let protected = try Extractor.protect(tally, under: policy, drawnWith: .test(), threads: 1)
      published = protected.statistics.tables
    } catch {
      #expect(error.status == .releaseRefused)
      return tables.map { table in Array(repeating: nil, count: table.categories.reduce(1) { $0 * $1.count }) }
    }
    return zip(tables, published).map { table, published in
      let counts = Dictionary(uniqueKeysWithValues: published.cells.map { ($0.key, $0.count) })
      let keys = table.categories.dropFirst().reduce(table.categories[0].map { [$0] }) { keys, names in
        keys.flatMap { key in names.map { key + [$0] } }
      }
      return keys.map { counts[$0] ?? (published.total == nil ? nil : 0) }
    }
  }

  /// Counts the withheld cells that are not certainly empty and whose smallest and largest values are less than k - 1
  /// apart.
  ///
  /// - Parameters:
  ///   - known: the published count of each cell; nil if it is withheld.
  ///   - sums: the sums that must be equal.
  private func pinned(_ known: [Int?], _ sums: [(parts: [Int], whole: [Int])], most: Int) -> Int {
    let attacker = IntegerAttacker(known.map { $0.map { $0...$0 } ?? 0...most }, sums)
    return known.indices.count { known[$0] == nil && attacker.isPinned($0, minimum: Self.minimum) }
  }

  private func most(_ counts: [Int]) -> Int { (counts.max() ?? 0) + Self.minimum }

  private static func digits(_ number: Int, base: Int, count: Int) -> [Int] {
    var rest = number
    return (0..<count).map { _ in
      defer { rest /= base }
      return rest % base
    }
  }

  /// Whether no other order of the table's rows and columns comes before this one.
  private static func isFirstOfItsKind(_ counts: [Int]) -> Bool {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    return orders.allSatisfy { rows in
      orders.allSatisfy { columns in
        !rows.flatMap { row in columns.map { counts[row * 3 + $0] } }.lexicographicallyPrecedes(counts)
      }
    }
  }

  @Test func noCellOfASquareTableWithItsMarginsIsPinned() throws {
    let policy = try policy(["[insurance, language]", "[insurance]", "[language]"])
    let (rows, columns) = (["A", "B", "C"], ["X", "Y", "Z"])
    var pinnedWithoutComplements = 0
    for number in stride(from: 1, to: 1_953_125, by: Project.isExhaustive ? 1 : 29_989) {
      let counts = Self.digits(number, base: 5, count: 9)
      if Project.isExhaustive, !Self.isFirstOfItsKind(counts) { continue }
      let all = SmallTables.withMargins(counts, rows: 3, columns: 3)
      let sums = SmallTables.gridSums(rows: 3, columns: 3)
      let tables = [
        tallied(policy, 0, [rows, columns], counts), tallied(policy, 1, [rows], Array(all[9..<12])),
        tallied(policy, 2, [columns], Array(all[12..<15])),
      ]
      let found = pinned(try released(tables, policy).flatMap { $0 }, sums, most: most(all))
      #expect(found == 0, "table \(number)")
      pinnedWithoutComplements += pinned(all.map { $0 >= Self.minimum ? $0 : nil }, sums, most: most(all))
    }
    #expect(pinnedWithoutComplements > 20, "the attacker finds nothing even in unprotected tables")
  }

  @Test func noCellOfTwoLinkedTablesIsPinned() throws {
    let both = try policy(["[insurance, language]", "[insurance, religion]"])
    let alone = [try policy(["[insurance, language]"]), try policy(["[insurance, religion]"])]
    let names = [["A", "B"], ["X", "Y", "Z"]]
    let sums = (0..<2).map { row in
      (parts: (0..<3).map { row * 3 + $0 }, whole: (0..<3).map { 6 + row * 3 + $0 })
    }
    var pinnedAlone = 0
    for number in stride(from: 1, to: 531_441, by: Project.isExhaustive ? 1 : 431) {
      let counts = Self.digits(number, base: 3, count: 12).map { $0 + 2 }
      guard
        sums.allSatisfy({ sum in sum.parts.reduce(0) { $0 + counts[$1] } == sum.whole.reduce(0) { $0 + counts[$1] } })
      else { continue }
      let (left, right) = (Array(counts[0..<6]), Array(counts[6..<12]))
      let tables = [tallied(both, 0, names, left), tallied(both, 1, names, right)]
      #expect(pinned(try released(tables, both).flatMap { $0 }, sums, most: most(counts)) == 0, "tables \(number)")
      let unlinked =
        try released([tallied(alone[0], 0, names, left)], alone[0])
        + released([tallied(alone[1], 0, names, right)], alone[1])
      pinnedAlone += pinned(unlinked.flatMap { $0 }, sums, most: most(counts))
    }
    #expect(pinnedAlone > 0, "the attacker must find leaks in tables protected one by one")
  }

  @Test func noCellIsPinnedWhereZerosArePublished() throws {
    let policy = try policy(["[gender, died-in-hospital]", "[gender]", "[died-in-hospital]"], zeroCells: "publish")
    for number in 1..<625 {
      let counts = Self.digits(number, base: 5, count: 4)
      let all = SmallTables.withMargins(counts, rows: 2, columns: 2)
      let tables = [
        tallied(policy, 0, [["F", "M"], ["0", "1"]], counts), tallied(policy, 1, [["F", "M"]], Array(all[4..<6])),
        tallied(policy, 2, [["0", "1"]], Array(all[6..<8])),
      ]
      let found = pinned(
        try released(tables, policy).flatMap { $0 }, SmallTables.gridSums(rows: 2, columns: 2), most: most(all))
      #expect(found == 0, "table \(number)")
    }
  }

  /// Three tables in a ring: insurance by language, language by religion, religion by insurance. Each attribute has two
  /// categories. Together they imply more than the margins that each pair shares.
  @Test func noCellOfARingOfTablesIsPinned() throws {
    let policy = try policy(["[insurance, language]", "[language, religion]", "[insurance, religion]"])
    let axes = [(0, 1), (1, 2), (0, 2)]
    let names = [["A", "B"], ["X", "Y"], ["P", "Q"]]
    // Cells of the joint table come first: place 4a + 2b + c.
    let sums = axes.enumerated().flatMap { number, axes in
      (0..<4).map { cell in
        (
          parts: (0..<8).filter { ($0 >> (2 - axes.0)) & 1 == cell / 2 && ($0 >> (2 - axes.1)) & 1 == cell % 2 },
          whole: [8 + 4 * number + cell]
        )
      }
    }
    var pinnedAlone = 0
    for number in stride(from: 1, to: 65_536, by: Project.isExhaustive ? 1 : 131) {
      let joint = Self.digits(number, base: 4, count: 8)
      let tables = sums.map { sum in sum.parts.reduce(0) { $0 + joint[$1] } }
      let tallied = axes.enumerated().map { place, axes in
        self.tallied(policy, place, [names[axes.0], names[axes.1]], Array(tables[4 * place..<4 * place + 4]))
      }
      let unknown = [Int?](repeating: nil, count: 8)
      let known = unknown + (try released(tallied, policy).flatMap { $0 })
      let attacker = IntegerAttacker(known.map { $0.map { $0...$0 } ?? 0...most(tables) }, sums)
      let found = (8..<20).filter { known[$0] == nil && attacker.isPinned($0, minimum: Self.minimum) }
      #expect(found.isEmpty, "tables \(number)")
      let small = unknown + tables.map { $0 >= Self.minimum ? $0 : nil }
      let other = IntegerAttacker(small.map { $0.map { $0...$0 } ?? 0...most(tables) }, sums)
      pinnedAlone += (8..<20).count { small[$0] == nil && other.isPinned($0, minimum: Self.minimum) }
    }
    #expect(pinnedAlone > 20)
  }

  /// Rounded counts are known only as ranges. They must not pin down a withheld cell.
  @Test func noCellIsPinnedByRoundedCounts() throws {
    let text = """
      cloister-policy: 1
      title: T
      owner: O
      protection: {minimum-patients: 5, low-k-reason: a test of small tables only, round-to: 5}
      release:
        - table: [insurance, language]
        - table: [insurance]
        - table: [language]
      """
    let policy = try Policy(parsing: Array(text.utf8), file: "p.yaml")
    let (rows, columns) = (["A", "B", "C"], ["X", "Y", "Z"])
    let sums = SmallTables.gridSums(rows: 3, columns: 3)
    var (random, pinnedAlone) = (RepeatableRandom(seed: 4), 0)
    for number in 0..<(Project.isExhaustive ? 20_000 : 150) {
      let counts = (0..<9).map { _ in Int.random(in: 0...Int.random(in: 1...14, using: &random), using: &random) }
      let all = SmallTables.withMargins(counts, rows: 3, columns: 3)
      let tables = [
        tallied(policy, 0, [rows, columns], counts), tallied(policy, 1, [rows], Array(all[9..<12])),
        tallied(policy, 2, [columns], Array(all[12..<15])),
      ]
      func pinned(_ shown: [Int?]) -> Int {
        let ranges = shown.map { $0.map { $0 == 0 ? 0...0 : max(5, $0 - 2)...$0 + 2 } ?? 0...60 }
        let attacker = IntegerAttacker(ranges, sums)
        return shown.indices.count { shown[$0] == nil && attacker.isPinned($0, minimum: 5) }
      }
      #expect(pinned(try released(tables, policy).flatMap { $0 }) == 0, "table \(number): \(counts)")
      pinnedAlone += pinned(all.map { $0 >= 5 ? ($0 + 2) / 5 * 5 : nil })
    }
    #expect(pinnedAlone > 10)
  }

  /// A two-by-two block of withheld cells with known margins: bounds alone give each cell a range of 0 to 20, and only
  /// solving the ring of sums shows that this is right. If no work is allowed for solving it, no cell may pass as
  /// hidden, least of all an empty one.
  @Test func aQuestionThatStaysOpenIsAnExposure() {
    func cells(_ counts: [Int], _ isPublished: Bool) -> [AttackedCell] {
      counts.enumerated().map { place, count in
        AttackedCell(code: 0, stay: place, admissions: count, patients: count, isPublished: isPublished)
      }
    }
    let release = AttackedRelease(
      minimumPatients: Self.minimum, knowsTruth: true, names: [.insurance: ["A", "B"], .language: ["X", "Y"]],
      hasOthers: [], hasOneOther: [], publicWhereEmpty: [:],
      tables: [
        AttackedTable(attributes: [.insurance, .language], isWhole: false, cells: cells([20, 0, 0, 20], false)),
        AttackedTable(attributes: [.insurance], isWhole: true, cells: cells([20, 20], true)),
        AttackedTable(attributes: [.language], isWhole: true, cells: cells([20, 20], true)),
      ])
    let parts = release.tables.indices.map { (table: $0, cells: release.tables[$0].cells.indices) }
    var solved = GridAttack(release, parts)
    var open = GridAttack(release, parts, steps: 0)
    let isConsistent = [solved.narrow(), open.narrow()]
    #expect(isConsistent == [true, true])
    solved.solve()
    open.solve()
    #expect(!solved.findings.contains { !$0.isHidden })
    #expect(open.findings.count { !$0.isHidden } == 4)
  }
}
