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
    /// Not found within the work that is allowed; what fractions allow, if that was found.
    case open(fractional: Int?)
  }

  /// Work after which a question stays open: steps, not seconds, so that every machine gives the same answer.
  static let mostSteps = 50_000
  private static let mostIntegerColumns = 300
  /// Branches after which a search for integers is given up.
  private static let mostBranches = 100
  private let steps: Int32
  private let bounds: [(low: Int, high: Int)]
  private let system: CountSystem
  private let component: CountSystem.Component

  /// Solutions near known ones; made when they are first asked for.
  private(set) lazy var nearby = NearbySolutions(system, component, bounds: bounds, steps: Int(steps))

  init(_ system: CountSystem, _ component: CountSystem.Component, steps: Int) {
    self.steps = Int32(steps)
    self.system = system
    self.component = component
    glp_term_out(GLP_OFF)
    unsafe problem = glp_create_prob()
    unknowns = component.unknowns
    columns = Dictionary(uniqueKeysWithValues: component.unknowns.enumerated().map { ($1, Int32($0 + 1)) })
    // What has no other limit gets one far beyond every count, so that there always is a largest value.
    let largest = component.unknowns.map { system.unknowns[$0] }
      .reduce(1_000) { max($0, $1.high < CountSystem.unlimited ? $1.high : $1.low) }
    let far = 4 * component.sums.reduce(largest) { max($0, system.sums[$1].size) }
    bounds = component.unknowns.map {
      (system.unknowns[$0].low, min(system.unknowns[$0].high, system.unknowns[$0].low + far))
    }
    unsafe glp_add_cols(problem, Int32(unknowns.count))
    for place in unknowns.indices {
      setBounds(place, bounds[place].low, bounds[place].high)
      unsafe glp_set_col_kind(problem, Int32(place + 1), Int32(GLP_IV))
    }
    if !component.sums.isEmpty { unsafe glp_add_rows(problem, Int32(component.sums.count)) }
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

  private func setBounds(_ place: Int, _ low: Int, _ high: Int) {
    unsafe glp_set_col_bnds(
      problem, Int32(place + 1), Int32(low == high ? GLP_FX : GLP_DB), Double(low), Double(high))
  }

  /// A solution in which the sum of some unknowns is largest, or smallest.
  func extreme(of ids: [Int], isLargest: Bool) -> Extreme {
    unsafe glp_set_obj_dir(problem, Int32(isLargest ? GLP_MAX : GLP_MIN))
    let objective = ids.compactMap { columns[$0] }
    for column in objective { unsafe glp_set_obj_coef(problem, column, 1) }
    defer { for column in objective { unsafe glp_set_obj_coef(problem, column, 0) } }
    guard isSolved() else { return .open(fractional: nil) }
    if let values = integers() { return .solution(values) }
    let value = unsafe glp_get_obj_val(problem)
    let fractional = Int(isLargest ? (value + 1e-6).rounded(.down) : (value - 1e-6).rounded(.up))
    guard unknowns.count <= Self.mostIntegerColumns, searchIntegers(branches: 20_000, stopsAtFirst: false),
      unsafe glp_mip_status(problem) == GLP_OPT
    else { return .open(fractional: fractional) }
    return .solution(integerValues())
  }

  /// Any solution in integers with the unknown within the limits; nil where none was found.
  func anySolution(with id: Int, atLeast low: Int, atMost high: Int?) -> [Int]? {
    guard let column = columns[id] else { return nil }
    let place = Int(column) - 1
    let (lower, upper) = (max(low, bounds[place].low), min(high ?? bounds[place].high, bounds[place].high))
    guard lower <= upper else { return nil }
    setBounds(place, lower, upper)
    defer { setBounds(place, bounds[place].low, bounds[place].high) }
    guard isSolved() else { return nil }
    if let values = integers() { return values }
    _ = searchIntegers(branches: Self.mostBranches, stopsAtFirst: true)
    let status = unsafe glp_mip_status(problem)
    return status == GLP_OPT || status == GLP_FEAS ? integerValues() : nil
  }

  private func isSolved() -> Bool { unsafe solveSimplex(problem, steps: steps) }

  /// The solution that was just found, if all its numbers are integers.
  private func integers() -> [Int]? {
    var values: [Int] = []
    values.reserveCapacity(unknowns.count)
    for place in unknowns.indices {
      let value = unsafe glp_get_col_prim(problem, Int32(place + 1))
      guard abs(value - value.rounded()) < 1e-6 else { return nil }
      values.append(Int(value.rounded()))
    }
    return values
  }

  private func integerValues() -> [Int] {
    unknowns.indices.map { Int(unsafe glp_mip_col_val(problem, Int32($0 + 1)).rounded()) }
  }

  /// Searches integer solutions from the solution that was just found.
  ///
  /// - Returns: whether the search came to its end.
  private func searchIntegers(branches: Int, stopsAtFirst: Bool) -> Bool {
    var settings = unsafe glp_iocp()
    unsafe glp_init_iocp(&settings)
    unsafe settings.msg_lev = Int32(GLP_MSG_OFF)
    if stopsAtFirst {
      // Weighing branches costs more here than taking them.
      unsafe settings.br_tech = Int32(GLP_BR_MFV)
      unsafe settings.bt_tech = Int32(GLP_BT_DFS)
    }
    var work = Work(branches: branches, stopsAtFirst: stopsAtFirst)
    return unsafe withUnsafeMutablePointer(to: &work) { pointer in
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
  }

  private struct Work {
    var branches: Int
    let stopsAtFirst: Bool
  }
}

/// Solves a linear programme from its last basis, and, where that has become of no use, from the start.
///
/// - Returns: whether a best solution was found within so many steps.
@unsafe func solveSimplex(_ problem: OpaquePointer, steps: Int32) -> Bool {
  var settings = glp_smcp()
  unsafe glp_init_smcp(&settings)
  settings.msg_lev = Int32(GLP_MSG_OFF)
  settings.it_lim = steps
  if unsafe glp_simplex(problem, &settings) != 0 || glp_get_status(problem) != GLP_OPT {
    unsafe glp_adv_basis(problem, 0)
    guard unsafe glp_simplex(problem, &settings) == 0 else { return false }
  }
  return unsafe glp_get_status(problem) == GLP_OPT
}
