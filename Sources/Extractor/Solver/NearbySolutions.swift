internal import CGLPK

/// Solutions near one that is known: the least change, over all unknowns of a part, that moves one of them by so much. The change that
/// is least in all is mostly a few exchanges of whole numbers, where the largest value of one unknown is often reached in fractions only.
///
/// Not for two threads at a time.
@safe final class NearbySolutions {
  private let problem: OpaquePointer
  private let places: [Int: Int]
  private let bounds: [(low: Int, high: Int)]
  private let steps: Int32
  private var base: [Int] = []

  init(_ system: CountSystem, _ component: CountSystem.Component, bounds: [(low: Int, high: Int)], steps: Int) {
    self.steps = Int32(steps)
    self.bounds = bounds
    let places = Dictionary(uniqueKeysWithValues: component.unknowns.enumerated().map { ($1, $0) })
    self.places = places
    glp_term_out(GLP_OFF)
    unsafe problem = glp_create_prob()
    unsafe glp_set_obj_dir(problem, Int32(GLP_MIN))
    // Two columns an unknown: how much more, and how much less.
    unsafe glp_add_cols(problem, Int32(2 * bounds.count))
    for column in 1...Int32(2 * bounds.count) {
      unsafe glp_set_obj_coef(problem, column, 1)
      unsafe glp_set_col_kind(problem, column, Int32(GLP_IV))
    }
    if !component.sums.isEmpty { unsafe glp_add_rows(problem, Int32(component.sums.count)) }
    for (row, number) in component.sums.enumerated() {
      let sum = system.sums[number]
      var columns: [Int32] = [0]
      var factors: [Double] = [0]
      func add(_ id: Int, _ factor: Double) {
        guard let place = places[id] else { return }
        columns += [Self.up(place), Self.down(place)]
        factors += [factor, -factor]
      }
      for id in sum.parts { add(id, 1) }
      if case .unknown(let id) = sum.whole { add(id, -1) }
      unsafe glp_set_mat_row(problem, Int32(row + 1), Int32(columns.count - 1), columns, factors)
      unsafe glp_set_row_bnds(problem, Int32(row + 1), Int32(GLP_FX), 0, 0)
    }
  }

  deinit { unsafe glp_delete_prob(problem) }

  private static func up(_ place: Int) -> Int32 { Int32(2 * place + 1) }
  private static func down(_ place: Int) -> Int32 { Int32(2 * place + 2) }

  private func limit(_ column: Int32, _ low: Int, _ high: Int) {
    unsafe glp_set_col_bnds(problem, column, Int32(low == high ? GLP_FX : GLP_DB), Double(low), Double(high))
  }

  /// - Parameters:
  ///   - base: the known solution.
  ///   - step: by how much the unknown becomes more, or, under 0, less.
  /// - Returns: nil where none was found within the work that is allowed.
  func solution(near base: [Int], moving id: Int, by step: Int) -> [Int]? {
    guard let place = places[id], bounds[place].low...bounds[place].high ~= base[place] + step else { return nil }
    if base != self.base {
      for place in bounds.indices { limitChange(place, base) }
      self.base = base
    }
    limit(Self.up(place), max(0, step), max(0, step))
    limit(Self.down(place), max(0, -step), max(0, -step))
    defer { limitChange(place, base) }
    guard unsafe solveSimplex(problem, steps: steps) else { return nil }
    var values = base
    for place in bounds.indices {
      let change = unsafe glp_get_col_prim(problem, Self.up(place)) - glp_get_col_prim(problem, Self.down(place))
      guard abs(change - change.rounded()) < 1e-6 else { return nil }
      values[place] += Int(change.rounded())
    }
    return values
  }

  private func limitChange(_ place: Int, _ base: [Int]) {
    limit(Self.up(place), 0, bounds[place].high - base[place])
    limit(Self.down(place), 0, base[place] - bounds[place].low)
  }
}
