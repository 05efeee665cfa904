internal import CGLPK

/// One connected part of a system, as GLPK holds it. Not for two threads at a time.
@safe final class LinearProgram {
  private let problem: OpaquePointer
  private let columns: [Int: Int32]
  private let unknowns: [Int]

  /// The answer to what an unknown's smallest or largest value is.
  enum Extreme {
    /// A solution that has it, all of integers: the value of each unknown of the part.
    case solution([Int])
    /// There is no largest value.
    case unlimited
    /// Not found within the work that is allowed.
    case open
  }

  /// Work after which a question stays open: steps, not seconds, so that every machine gives the same answer.
  static let mostSteps = 50_000
  private static let mostIntegerColumns = 300
  private let steps: Int32

  init(_ system: CountSystem, _ component: CountSystem.Component, steps: Int) {
    self.steps = Int32(steps)
    glp_term_out(GLP_OFF)
    unsafe problem = glp_create_prob()
    unknowns = component.unknowns
    columns = Dictionary(uniqueKeysWithValues: component.unknowns.enumerated().map { ($1, Int32($0 + 1)) })
    unsafe glp_add_cols(problem, Int32(unknowns.count))
    for (place, id) in unknowns.enumerated() {
      let (low, high) = (system.unknowns[id].low, system.unknowns[id].high)
      let kind = high >= CountSystem.unlimited ? GLP_LO : GLP_DB
      unsafe glp_set_col_bnds(problem, Int32(place + 1), Int32(kind), Double(low), Double(high))
      unsafe glp_set_col_kind(problem, Int32(place + 1), Int32(GLP_IV))
    }
    unsafe glp_add_rows(problem, Int32(component.sums.count))
    for (place, number) in component.sums.enumerated() { addRow(Int32(place + 1), system.sums[number], system) }
  }

  deinit { unsafe glp_delete_prob(problem) }

  private func addRow(_ row: Int32, _ sum: CountSystem.Sum, _ system: CountSystem) {
    var places: [Int32] = [0]
    var factors: [Double] = [0]
    var right = -sum.known
    for id in sum.parts {
      if let column = columns[id] {
        places.append(column)
        factors.append(1)
      } else {
        right -= system.unknowns[id].low
      }
    }
    switch sum.whole {
    case .known(let count): right += count
    case .unknown(let id):
      if let column = columns[id] {
        places.append(column)
        factors.append(-1)
      } else {
        right += system.unknowns[id].low
      }
    }
    unsafe glp_set_mat_row(problem, row, Int32(places.count - 1), places, factors)
    unsafe glp_set_row_bnds(problem, row, Int32(GLP_FX), Double(right), Double(right))
  }

  func extreme(of id: Int, isLargest: Bool) -> Extreme {
    guard let column = columns[id] else { return .open }
    unsafe glp_set_obj_dir(problem, Int32(isLargest ? GLP_MAX : GLP_MIN))
    unsafe glp_set_obj_coef(problem, column, 1)
    defer { unsafe glp_set_obj_coef(problem, column, 0) }
    var settings = glp_smcp()
    unsafe glp_init_smcp(&settings)
    settings.msg_lev = Int32(GLP_MSG_OFF)
    settings.it_lim = steps
    guard unsafe glp_simplex(problem, &settings) == 0 else { return .open }
    if unsafe glp_get_status(problem) == GLP_UNBND { return .unlimited }
    guard unsafe glp_get_status(problem) == GLP_OPT else { return .open }
    let values = unknowns.indices.map { place in unsafe glp_get_col_prim(problem, Int32(place + 1)) }
    let rounded = values.map { $0.rounded() }
    if zip(values, rounded).allSatisfy({ abs($0 - $1) < 1e-6 }) { return .solution(rounded.map { Int($0) }) }
    return unknowns.count > Self.mostIntegerColumns ? .open : integerExtreme()
  }

  /// The same over integers alone, from the solution that was just found.
  private func integerExtreme() -> Extreme {
    var settings = unsafe glp_iocp()
    unsafe glp_init_iocp(&settings)
    unsafe settings.msg_lev = Int32(GLP_MSG_OFF)
    var nodes = 0
    let status = unsafe withUnsafeMutablePointer(to: &nodes) { counter in
      unsafe settings.cb_info = UnsafeMutableRawPointer(counter)
      unsafe settings.cb_func = { tree, info in
        guard let info = unsafe info?.assumingMemoryBound(to: Int.self) else { return }
        unsafe info.pointee += 1
        if unsafe info.pointee > 20_000 { unsafe glp_ios_terminate(tree) }
      }
      return unsafe glp_intopt(problem, &settings)
    }
    guard status == 0, unsafe glp_mip_status(problem) == GLP_OPT else { return .open }
    return .solution(unknowns.indices.map { Int(unsafe glp_mip_col_val(problem, Int32($0 + 1)).rounded()) })
  }
}
