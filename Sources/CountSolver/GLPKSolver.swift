internal import CGLPK

/// The solver GLPK. No other file calls it.
@safe package final class GLPKSolver: FloatingPointSolver {
  private let problem: OpaquePointer
  private let columns: Int
  private let rows: Int

  package init(columns: Int, rows: [SolverRow]) {
    self.columns = columns
    self.rows = rows.count
    glp_term_out(GLP_OFF)
    unsafe problem = glp_create_prob()
    unsafe glp_add_cols(problem, Int32(columns))
    for column in 0..<columns { unsafe glp_set_col_kind(problem, Int32(column + 1), Int32(GLP_IV)) }
    if !rows.isEmpty { unsafe glp_add_rows(problem, Int32(rows.count)) }
    for (number, row) in rows.enumerated() {
      let places: [Int32] = [0] + row.terms.map { Int32($0.column + 1) }
      let factors: [Double] = [0] + row.terms.map { Double($0.coefficient) }
      unsafe glp_set_mat_row(problem, Int32(number + 1), Int32(row.terms.count), places, factors)
      unsafe glp_set_row_bnds(problem, Int32(number + 1), Int32(GLP_FX), Double(row.right), Double(row.right))
    }
  }

  deinit { unsafe glp_delete_prob(problem) }

  package func limit(_ column: Int, to bounds: ClosedRange<Int>) {
    unsafe glp_set_col_bnds(
      problem, Int32(column + 1), Int32(bounds.count == 1 ? GLP_FX : GLP_DB), Double(bounds.lowerBound),
      Double(bounds.upperBound))
  }

  package func weigh(_ column: Int, _ coefficient: Int) {
    unsafe glp_set_obj_coef(problem, Int32(column + 1), Double(coefficient))
  }

  package func optimum(isLargest: Bool, steps: Int) -> SolverAnswer? {
    unsafe glp_set_obj_dir(problem, Int32(isLargest ? GLP_MAX : GLP_MIN))
    var settings = glp_smcp()
    unsafe glp_init_smcp(&settings)
    settings.msg_lev = Int32(GLP_MSG_OFF)
    settings.it_lim = Int32(steps)
    if unsafe glp_simplex(problem, &settings) != 0 || glp_get_status(problem) != GLP_OPT {
      // The last basis has become useless: start again without it.
      unsafe glp_adv_basis(problem, 0)
      guard unsafe glp_simplex(problem, &settings) == 0 else { return nil }
    }
    guard unsafe glp_get_status(problem) == GLP_OPT else { return nil }
    return SolverAnswer(
      values: (0..<columns).map { unsafe glp_get_col_prim(problem, Int32($0 + 1)) },
      multipliers: (0..<rows).map { unsafe glp_get_row_dual(problem, Int32($0 + 1)) })
  }

  package func integers(branches: Int, stopsAtFirst: Bool) -> [Double]? {
    var settings = unsafe glp_iocp()
    unsafe glp_init_iocp(&settings)
    unsafe settings.msg_lev = Int32(GLP_MSG_OFF)
    // Comparing branches costs more than following them, sometimes a hundred times as much.
    unsafe settings.br_tech = Int32(GLP_BR_MFV)
    if stopsAtFirst { unsafe settings.bt_tech = Int32(GLP_BT_DFS) }
    var work = Work(branches: branches, stopsAtFirst: stopsAtFirst)
    let isEnded = unsafe withUnsafeMutablePointer(to: &work) { pointer in
      unsafe settings.cb_info = UnsafeMutableRawPointer(pointer)
      unsafe settings.cb_func = { tree, info in
        guard let work = unsafe info?.assumingMemoryBound(to: Work.self) else { return }
        let reason = unsafe glp_ios_reason(tree)
        if reason == GLP_ISELECT { unsafe work.pointee.branches -= 1 }
        let isFound = unsafe work.pointee.stopsAtFirst && reason == GLP_IBINGO
        if unsafe isFound || work.pointee.branches < 0 { unsafe glp_ios_terminate(tree) }
      }
      return unsafe glp_intopt(problem, &settings) == 0
    }
    let status = unsafe glp_mip_status(problem)
    guard status == GLP_OPT && isEnded || stopsAtFirst && (status == GLP_OPT || status == GLP_FEAS) else { return nil }
    return (0..<columns).map { unsafe glp_mip_col_val(problem, Int32($0 + 1)) }
  }

  private struct Work {
    var branches: Int
    let stopsAtFirst: Bool
  }
}
