internal import CGLPK

/// One connected part of a system, as GLPK holds it. Not for two threads at a time.
@safe final class LinearProgram {
  private let problem: OpaquePointer
  private let columns: [Int: Int32]
  private let unknowns: [Int]

  /// A smallest or largest value, and a solution that has it.
  struct Extreme {
    /// Rounded inwards to an integer; nil where there is none.
    let value: Int?
    /// The value of each unknown of the part, where all are integers.
    let point: [Int]?
  }

  /// Work after which a question stays open: steps, not seconds, so that every machine gives the same answer.
  private static let mostSteps: Int32 = 50_000
  private static let mostIntegerColumns = 300

  init(_ system: CountSystem, _ component: CountSystem.Component) {
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

  /// - Returns: nil where the question stays open.
  func extreme(of id: Int, isLargest: Bool) -> Extreme? {
    guard let column = columns[id] else { return nil }
    unsafe glp_set_obj_dir(problem, Int32(isLargest ? GLP_MAX : GLP_MIN))
    unsafe glp_set_obj_coef(problem, column, 1)
    defer { unsafe glp_set_obj_coef(problem, column, 0) }
    var settings = glp_smcp()
    unsafe glp_init_smcp(&settings)
    settings.msg_lev = Int32(GLP_MSG_OFF)
    settings.it_lim = Self.mostSteps
    guard unsafe glp_simplex(problem, &settings) == 0 else { return nil }
    if unsafe glp_get_status(problem) == GLP_UNBND { return Extreme(value: CountSystem.unlimited, point: nil) }
    guard unsafe glp_get_status(problem) == GLP_OPT else { return nil }
    let values = unknowns.indices.map { place in unsafe glp_get_col_prim(problem, Int32(place + 1)) }
    let rounded = values.map { $0.rounded() }
    let isWhole = zip(values, rounded).allSatisfy { abs($0 - $1) < 1e-6 }
    if isWhole || unknowns.count > Self.mostIntegerColumns {
      let value = values[Int(column) - 1]
      return Extreme(
        value: Int(isLargest ? (value + 1e-6).rounded(.down) : (value - 1e-6).rounded(.up)),
        point: isWhole ? rounded.map { Int($0) } : nil)
    }
    return integerExtreme(column)
  }

  /// The same over integers alone, from the solution that was just found.
  private func integerExtreme(_ column: Int32) -> Extreme? {
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
    guard status == 0, unsafe glp_mip_status(problem) == GLP_OPT else { return nil }
    let point = unknowns.indices.map { Int(unsafe glp_mip_col_val(problem, Int32($0 + 1)).rounded()) }
    return Extreme(value: point[Int(column) - 1], point: point)
  }
}
