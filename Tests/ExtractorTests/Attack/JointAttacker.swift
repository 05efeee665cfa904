import CGLPK
import Shared

/// An outsider with a solver, written without any code of the program's own attack. Every admission is in one place of
/// a joint table of all attributes and either has a code or does not, and every published count is a sum of places.
/// GLPK gives the bounds of each withheld cell.
struct JointAttacker {
  let statistics: Statistics
  let policy: Policy
  /// For each single-valued attribute, the categories that can be named and, if there may be more, `nil` for all
  /// others.
  private let names: [Attribute: [String?]]
  /// Attributes that some table, or the tables of some code, tie together.
  private let parts: [[Attribute]]

  init(_ statistics: Statistics, _ policy: Policy, listsAreComplete: Bool) {
    self.statistics = statistics
    self.policy = policy
    var names: [Attribute: [String?]] = [:]
    var parts: [Set<Attribute>] = []
    var ofCode: [Attribute: Set<Attribute>] = [:]
    for table in statistics.tables {
      for (axis, attribute) in table.attributes.enumerated() where !attribute.isMultiValued {
        let known = policy.publicCategories(of: attribute)
        let all = Set(table.cells.map { $0.key[axis] }).union(known ?? []).union(
          (names[attribute] ?? []).compactMap { $0 })
        names[attribute] = all.sorted() + (known != nil && listsAreComplete ? [] : [nil])
      }
      let stay = Set(table.attributes.filter { !$0.isMultiValued })
      if !stay.isEmpty { parts.append(stay) }
      for code in table.attributes where code.isMultiValued { ofCode[code, default: []].formUnion(stay) }
    }
    for stay in ofCode.values where !stay.isEmpty { parts.append(stay) }
    var joined: [Set<Attribute>] = []
    for part in parts {
      let touched = joined.filter { !$0.isDisjoint(with: part) }
      joined.removeAll { !$0.isDisjoint(with: part) }
      joined.append(touched.reduce(part) { $0.union($1) })
    }
    self.names = names
    self.parts = joined.map { part in Attribute.allCases.filter(part.contains) }
  }

  /// Withheld cells that are not certainly empty and have bounds less than k - 1 apart; nil if no counts fit.
  func pinned() -> [String]? {
    guard let ofStays = pinned(codes: []) else { return nil }
    var found = ofStays
    let groups = Set(statistics.tables.map { $0.attributes.filter(\.isMultiValued) }.filter { !$0.isEmpty })
    for group in groups.sorted(by: { $0.map(\.rawValue).joined() < $1.map(\.rawValue).joined() }) {
      for codes in named(group) {
        guard let ofCodes = pinned(codes: codes) else { return nil }
        found += ofCodes
      }
    }
    return found
  }

  /// Every combination of the codes that published cells name.
  private func named(_ attributes: [Attribute]) -> [[(attribute: Attribute, code: String)]] {
    attributes.reduce([[]]) { combinations, attribute in
      let codes = Set(
        statistics.tables.flatMap { table in
          table.attributes.firstIndex(of: attribute).map { axis in table.cells.map { $0.key[axis] } } ?? []
        })
      return combinations.flatMap { combination in codes.sorted().map { combination + [(attribute, $0)] } }
    }
  }

  /// The same for the cells with just these codes.
  private func pinned(codes: [(attribute: Attribute, code: String)]) -> [String]? {
    let programme = Programme(parts: parts.map { part in part.map { ($0, names[$0] ?? []) } }, codes: codes)
    for table in statistics.tables
    where table.attributes.filter(\.isMultiValued).allSatisfy({ attribute in
      codes.contains { $0.attribute == attribute }
    }) {
      for cell in table.cells {
        let key = Dictionary(uniqueKeysWithValues: zip(table.attributes, cell.key))
        guard
          key.allSatisfy({ attribute, category in
            codes.first { $0.attribute == attribute }.map { $0.code == category } ?? true
          })
        else { continue }
        programme.demand(key, range(cell.count))
      }
      if let total = table.total, table.attributes.allSatisfy({ !$0.isMultiValued }) {
        programme.demand([:], (total, total))
      }
      if table.total != nil {
        for key in withheld(table, codes) { programme.demand(key.mapValues { $0 }, (0, 0)) }
      }
    }
    guard programme.isFeasible() else { return nil }
    var found: [String] = []
    for table in statistics.tables
    where table.total == nil && Set(table.attributes.filter(\.isMultiValued)) == Set(codes.map(\.attribute)) {
      for key in withheld(table, codes) {
        let low = programme.extreme(key, isLargest: false).rounded(.up, tolerance: 1e-6)
        let high = programme.extreme(key, isLargest: true).rounded(.down, tolerance: 1e-6)
        if high > 0, high - low < statistics.minimumPatients - 1 {
          found.append("\(table.name) \(table.attributes.map { key[$0] ?? "" }): \(low) to \(high)")
        }
      }
    }
    return found
  }

  private func range(_ count: Int) -> (Int, Int) {
    guard let base = policy.protection.roundTo, count > 0 else { return (count, count) }
    return (max(policy.protection.minimumPatients, count - base / 2), count + base / 2)
  }

  /// The unpublished cells of a table that have these codes and can be named.
  private func withheld(_ table: PublishedTable, _ codes: [(attribute: Attribute, code: String)]) -> [[Attribute:
    String]]
  {
    var keys: [[Attribute: String]] = [[:]]
    for attribute in table.attributes {
      let categories =
        codes.first { $0.attribute == attribute }.map { [$0.code] } ?? (names[attribute] ?? []).compactMap { $0 }
      keys = keys.flatMap { key in categories.map { key.merging([attribute: $0]) { first, _ in first } } }
    }
    let published = Set(table.cells.map(\.key))
    return keys.filter { key in !published.contains(table.attributes.map { key[$0] ?? "" }) }
  }
}

/// A linear program over the places of joint tables, for all admissions and for those that have each code.
private final class Programme {
  private let problem: OpaquePointer
  private let parts: [[(attribute: Attribute, names: [String?])]]
  private let codes: [(attribute: Attribute, code: String)]
  /// The first column of each part's places, without codes and with each set of codes.
  private var starts: [[Int]: Int32] = [:]
  private let sizes: [Int]
  /// The part that codes are counted in.
  private let coded: Int

  init(
    parts: [[(attribute: Attribute, names: [String?])]], codes: [(attribute: Attribute, code: String)]
  ) {
    glp_term_out(GLP_OFF)
    problem = glp_create_prob()
    self.parts = parts.isEmpty ? [[]] : parts
    self.codes = codes
    sizes = self.parts.map { $0.reduce(1) { $0 * $1.names.count } }
    coded = 0
    for part in sizes.indices { addPlaces(part, with: []) }
    // An admission with a code is in every part, so codes are attached to each part separately.
    for part in sizes.indices where !codes.isEmpty {
      for number in codes.indices { addPlaces(part, with: [number]) }
      if codes.count == 2 { addPlaces(part, with: [0, 1]) }
      for place in 0..<sizes[part] { tieCodes(part, place) }
    }
    for part in sizes.indices.dropFirst() {
      for set in [[], [0], [1], [0, 1]] where starts[[part] + set] != nil {
        addRow(all(0, set).map { ($0, 1) } + all(part, set).map { ($0, -1) }, GLP_FX, 0, 0)
      }
    }
  }

  deinit { glp_delete_prob(problem) }

  private func addPlaces(_ part: Int, with codes: [Int]) {
    starts[[part] + codes] = glp_add_cols(problem, Int32(sizes[part]))
    for column in all(part, codes) { glp_set_col_bnds(problem, column, Int32(GLP_LO), 0, 0) }
  }

  private func all(_ part: Int, _ codes: [Int]) -> [Int32] {
    guard let start = starts[[part] + codes] else { return [] }
    return (0..<Int32(sizes[part])).map { start + $0 }
  }

  private func tieCodes(_ part: Int, _ place: Int) {
    func column(_ codes: [Int]) -> Int32 { (starts[[part] + codes] ?? 0) + Int32(place) }
    for number in codes.indices { addRow([(column([]), 1), (column([number]), -1)], GLP_LO, 0, 0) }
    guard codes.count == 2 else { return }
    for number in codes.indices { addRow([(column([number]), 1), (column([0, 1]), -1)], GLP_LO, 0, 0) }
    addRow([(column([]), 1), (column([0]), -1), (column([1]), -1), (column([0, 1]), 1)], GLP_LO, 0, 0)
  }

  private func addRow(_ entries: [(Int32, Double)], _ kind: Int32, _ low: Double, _ high: Double) {
    let row = glp_add_rows(problem, 1)
    glp_set_mat_row(problem, row, Int32(entries.count), [0] + entries.map(\.0), [0] + entries.map(\.1))
    glp_set_row_bnds(problem, row, kind, low, high)
  }

  private func columns(_ key: [Attribute: String]) -> [Int32] {
    let with = codes.indices.filter { key[codes[$0].attribute] != nil }
    let stay = key.filter { !$0.key.isMultiValued }
    guard
      let part = stay.isEmpty
        ? 0
        : parts.firstIndex(where: { part in stay.keys.allSatisfy { name in part.contains { $0.attribute == name } } }),
      let start = starts[[part] + with]
    else { return [] }
    return (0..<sizes[part]).filter { place in
      var rest = place
      for (attribute, names) in parts[part].reversed() {
        let name = names[rest % names.count]
        rest /= names.count
        if let wanted = stay[attribute], wanted != name { return false }
      }
      return true
    }.map { start + Int32($0) }
  }

  func demand(_ key: [Attribute: String], _ range: (Int, Int)) {
    let entries = columns(key).map { ($0, 1.0) }
    addRow(entries, Int32(range.0 == range.1 ? GLP_FX : GLP_DB), Double(range.0), Double(range.1))
  }

  func isFeasible() -> Bool {
    solve()
    return glp_get_status(problem) == GLP_OPT
  }

  private func solve() {
    var settings = glp_smcp()
    glp_init_smcp(&settings)
    settings.msg_lev = Int32(GLP_MSG_OFF)
    glp_simplex(problem, &settings)
  }

  func extreme(_ key: [Attribute: String], isLargest: Bool) -> Double {
    let objective = columns(key)
    for column in objective { glp_set_obj_coef(problem, column, 1) }
    defer { for column in objective { glp_set_obj_coef(problem, column, 0) } }
    glp_set_obj_dir(problem, Int32(isLargest ? GLP_MAX : GLP_MIN))
    solve()
    return glp_get_status(problem) == GLP_UNBND ? 1e9 : glp_get_obj_val(problem)
  }
}

extension Double {
  fileprivate func rounded(_ rule: FloatingPointRoundingRule, tolerance: Double) -> Int {
    Int((rule == .up ? self - tolerance : self + tolerance).rounded(rule))
  }
}
