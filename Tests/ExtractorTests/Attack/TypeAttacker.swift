import CGLPK
import Shared

/// An outsider who knows every relation between attributes: each admission is of one type, which says all about it, and
/// every published count is a sum of types. Written without any code of the program's own attack.
struct TypeAttacker {
  /// For each attribute, the categories that an admission of a type has: one, or any number of codes.
  typealias AdmissionType = [Attribute: Set<String>]

  let statistics: Statistics
  /// Every type that an admission can be of. A category that nobody can name is written `?`.
  let types: [AdmissionType]

  /// Withheld cells that are not certainly empty and have bounds less than k - 1 apart; nil if no counts fit.
  func pinned() -> [String]? {
    let problem = glp_create_prob()
    defer { glp_delete_prob(problem) }
    glp_term_out(GLP_OFF)
    glp_add_cols(problem, Int32(types.count))
    for column in types.indices { glp_set_col_bnds(problem, Int32(column + 1), Int32(GLP_LO), 0, 0) }
    for table in statistics.tables {
      for cell in table.cells { demand(problem, members(table, cell.key), cell.count) }
      if table.total != nil { for key in withheld(table) { demand(problem, members(table, key), 0) } }
      if let total = table.total, !table.attributes.contains(where: \.isMultiValued) {
        demand(problem, Array(types.indices), total)
      }
    }
    guard solve(problem) else { return nil }
    var found: [String] = []
    for table in statistics.tables where table.total == nil {
      for key in withheld(table) {
        let members = members(table, key)
        let low = Int((extreme(problem, members, GLP_MIN) - 1e-6).rounded(.up))
        let high = Int((extreme(problem, members, GLP_MAX) + 1e-6).rounded(.down))
        if high > 0, high - low < statistics.minimumPatients - 1 {
          found.append("\(table.name) \(key): \(low) to \(high)")
        }
      }
    }
    return found
  }

  /// The types that a cell counts.
  private func members(_ table: PublishedTable, _ key: [String]) -> [Int] {
    types.indices.filter { type in
      zip(table.attributes, key).allSatisfy { types[type][$0]?.contains($1) ?? false }
    }
  }

  /// The unpublished cells that can be named.
  private func withheld(_ table: PublishedTable) -> [[String]] {
    let published = Set(table.cells.map(\.key))
    let keys: [[String]] = table.attributes.reduce([[]]) { keys, attribute in
      let names = Set(types.flatMap { $0[attribute] ?? [] }).subtracting(["?"]).sorted()
      return keys.flatMap { key in names.map { key + [$0] } }
    }
    return keys.filter { !published.contains($0) }
  }

  private func demand(_ problem: OpaquePointer?, _ members: [Int], _ count: Int) {
    let row = glp_add_rows(problem, 1)
    glp_set_mat_row(
      problem, row, Int32(members.count), [0] + members.map { Int32($0 + 1) }, [0] + members.map { _ in 1.0 })
    glp_set_row_bnds(problem, row, Int32(GLP_FX), Double(count), Double(count))
  }

  private func solve(_ problem: OpaquePointer?) -> Bool {
    var settings = glp_smcp()
    glp_init_smcp(&settings)
    settings.msg_lev = Int32(GLP_MSG_OFF)
    glp_simplex(problem, &settings)
    return [GLP_OPT, GLP_UNBND].contains(glp_get_status(problem))
  }

  private func extreme(_ problem: OpaquePointer?, _ members: [Int], _ direction: Int32) -> Double {
    for type in members { glp_set_obj_coef(problem, Int32(type + 1), 1) }
    defer { for type in members { glp_set_obj_coef(problem, Int32(type + 1), 0) } }
    glp_set_obj_dir(problem, direction)
    _ = solve(problem)
    return glp_get_status(problem) == GLP_UNBND ? 1e9 : glp_get_obj_val(problem)
  }
}
