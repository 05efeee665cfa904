import Foundation
import Shared
import Testing

@testable import Extractor

/// All small tables, or, in every run of the tests, an even sample of them, go through protection; an attacker of our own who
/// shares no code with it tries every integer table that fits the release.
@Suite struct AttackTests {
  static let minimum = 3
  /// CLOISTER_EXHAUSTIVE=1 takes every table, but for those that differ only in the order of rows or columns; otherwise every so many
  /// are taken.
  static let isExhaustive = ProcessInfo.processInfo.environment["CLOISTER_EXHAUSTIVE"] != nil

  private func policy(_ release: [String], zeroCells: String = "withhold") throws -> Policy {
    let tables = release.map { "  - table: \($0)" }.joined(separator: "\n")
    let text = """
      cloister-policy: 1
      title: T
      owner: O
      protection: {minimum-patients: \(Self.minimum), low-k-reason: a test of small tables only, zero-cells: \(zeroCells)}
      release:
      \(tables)
      """
    return try Policy(parsing: Array(text.utf8), file: "p.yaml")
  }

  /// A table of counts, one patient an admission.
  private func tallied(_ policy: Policy, _ table: Int, _ categories: [[String]], _ counts: [Int]) -> TalliedTable {
    let columns = categories.count == 2 ? categories[1].count : 1
    let cells = counts.enumerated().filter { $1 > 0 }.map { place, count in
      TalliedCell(
        ids: SIMD4(UInt32(place / columns), UInt32(place % columns), 0, 0),
        CellCount(admissions: count, patients: count, largest: 1))
    }
    return TalliedTable(request: policy.release[table], categories: categories, cells: cells)
  }

  /// What is published of each cell of each table, nil where it is withheld; all nil where nothing may leave.
  private func released(_ tables: [TalliedTable], _ policy: Policy) throws -> [[Int?]] {
    let tally = Tally(schema: .mimicIII, admissions: 0, tables: tables, titles: CodeTitles())
    let published: [PublishedTable]
    do throws(CloisterError) {
      let protected = try Extractor.protect(tally, under: policy, threads: 1)
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

  /// Tables of every cell, with sums that must be equal; `known` are published. Counts how many withheld cells have their
  /// smallest and largest value less than k - 1 apart without being empty for certain.
  private func pinned(_ known: [Int?], _ sums: [(parts: [Int], whole: [Int])], _ truth: [Int]) -> Int {
    let most = (truth.max() ?? 0) + Self.minimum
    return known.indices.filter { cell in
      guard known[cell] == nil else { return false }
      let fits = (0...most).filter { value in
        var trial = known
        trial[cell] = value
        return hasSolution(trial, sums, most)
      }
      let (low, high) = (fits.first ?? 0, fits.last ?? 0)
      return high != 0 && high - low < Self.minimum - 1
    }.count
  }

  private func hasSolution(_ known: [Int?], _ sums: [(parts: [Int], whole: [Int])], _ most: Int) -> Bool {
    for sum in sums {
      func bounds(_ cells: [Int]) -> (Int, Int) {
        (cells.reduce(0) { $0 + (known[$1] ?? 0) }, cells.reduce(0) { $0 + (known[$1] ?? most) })
      }
      let (parts, whole) = (bounds(sum.parts), bounds(sum.whole))
      if parts.0 > whole.1 || whole.0 > parts.1 { return false }
    }
    guard let open = sums.flatMap({ $0.parts + $0.whole }).first(where: { known[$0] == nil }) else { return true }
    return (0...most).contains { value in
      var trial = known
      trial[open] = value
      return hasSolution(trial, sums, most)
    }
  }

  /// Margins of a table with rows and columns: cells first, then row sums, then column sums.
  private static func gridSums(rows: Int, columns: Int) -> [(parts: [Int], whole: [Int])] {
    let cells = rows * columns
    return (0..<rows).map { row in (parts: (0..<columns).map { row * columns + $0 }, whole: [cells + row]) }
      + (0..<columns).map { column in
        (parts: (0..<rows).map { $0 * columns + column }, whole: [cells + rows + column])
      }
  }

  private static func digits(_ number: Int, base: Int, count: Int) -> [Int] {
    var rest = number
    return (0..<count).map { _ in
      defer { rest /= base }
      return rest % base
    }
  }

  /// Whether no other order of its rows and columns comes before it.
  private static func isFirstOfItsKind(_ counts: [Int]) -> Bool {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    return orders.allSatisfy { rows in
      orders.allSatisfy { columns in
        !rows.flatMap { row in columns.map { counts[row * 3 + $0] } }.lexicographicallyPrecedes(counts)
      }
    }
  }

  private static func withMargins(_ counts: [Int], rows: Int, columns: Int) -> [Int] {
    counts + (0..<rows).map { row in (0..<columns).reduce(0) { $0 + counts[row * columns + $1] } }
      + (0..<columns).map { column in (0..<rows).reduce(0) { $0 + counts[$1 * columns + column] } }
  }

  @Test func noCellOfASquareTableWithItsMarginsIsPinned() throws {
    let policy = try policy(["[insurance, language]", "[insurance]", "[language]"])
    let (rows, columns) = (["A", "B", "C"], ["X", "Y", "Z"])
    var pinnedWithoutComplements = 0
    for number in stride(from: 1, to: 1_953_125, by: Self.isExhaustive ? 1 : 29_989) {
      let counts = Self.digits(number, base: 5, count: 9)
      if Self.isExhaustive, !Self.isFirstOfItsKind(counts) { continue }
      let all = Self.withMargins(counts, rows: 3, columns: 3)
      let sums = Self.gridSums(rows: 3, columns: 3)
      let tables = [
        tallied(policy, 0, [rows, columns], counts), tallied(policy, 1, [rows], Array(all[9..<12])),
        tallied(policy, 2, [columns], Array(all[12..<15])),
      ]
      let found = pinned(try released(tables, policy).flatMap { $0 }, sums, all)
      #expect(found == 0, "table \(number)")
      pinnedWithoutComplements += pinned(all.map { $0 >= Self.minimum ? $0 : nil }, sums, all)
    }
    #expect(pinnedWithoutComplements > 20, "the attacker finds nothing even where there is something to find")
  }

  @Test func noCellOfTwoLinkedTablesIsPinned() throws {
    let both = try policy(["[insurance, language]", "[insurance, religion]"])
    let alone = [try policy(["[insurance, language]"]), try policy(["[insurance, religion]"])]
    let names = [["A", "B"], ["X", "Y", "Z"]]
    let sums = (0..<2).map { row in
      (parts: (0..<3).map { row * 3 + $0 }, whole: (0..<3).map { 6 + row * 3 + $0 })
    }
    var pinnedAlone = 0
    for number in stride(from: 1, to: 531_441, by: Self.isExhaustive ? 1 : 431) {
      let counts = Self.digits(number, base: 3, count: 12).map { $0 + 2 }
      guard
        sums.allSatisfy({ sum in sum.parts.reduce(0) { $0 + counts[$1] } == sum.whole.reduce(0) { $0 + counts[$1] } })
      else { continue }
      let (left, right) = (Array(counts[0..<6]), Array(counts[6..<12]))
      let tables = [tallied(both, 0, names, left), tallied(both, 1, names, right)]
      #expect(pinned(try released(tables, both).flatMap { $0 }, sums, counts) == 0, "tables \(number)")
      let unlinked =
        try released([tallied(alone[0], 0, names, left)], alone[0])
        + released([tallied(alone[1], 0, names, right)], alone[1])
      pinnedAlone += pinned(unlinked.flatMap { $0 }, sums, counts)
    }
    #expect(pinnedAlone > 0, "tables protected one by one must be found to leak")
  }

  @Test func noCellIsPinnedWhereZerosArePublished() throws {
    let policy = try policy(["[gender, died-in-hospital]", "[gender]", "[died-in-hospital]"], zeroCells: "publish")
    for number in 1..<625 {
      let counts = Self.digits(number, base: 5, count: 4)
      let all = Self.withMargins(counts, rows: 2, columns: 2)
      let tables = [
        tallied(policy, 0, [["F", "M"], ["0", "1"]], counts), tallied(policy, 1, [["F", "M"]], Array(all[4..<6])),
        tallied(policy, 2, [["0", "1"]], Array(all[6..<8])),
      ]
      let found = pinned(
        try released(tables, policy).flatMap { $0 }, Self.gridSums(rows: 2, columns: 2), all)
      #expect(found == 0, "table \(number)")
    }
  }

  /// Two by two withheld cells between known margins: bounds alone say 0 to 20 of each, and only solving the ring of sums shows
  /// that so it is. Without work allowed for that, none may pass for hidden, and least of all those that are empty.
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
    let findings = [solved.findings(), open.findings()]
    let isHidden = findings[0].map(\.isHidden)
    #expect(!isHidden.contains(false))
    #expect(findings[1].count { !$0.isHidden } == 4)
  }
}
