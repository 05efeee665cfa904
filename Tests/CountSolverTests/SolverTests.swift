import TestSupport
import Testing

@testable import CountSolver

/// Compares what a solver finds with what trying every integer finds, and checks that a lying solver is not believed.
@Suite struct SolverTests {
  /// Asks whether each unknown of many systems can vary by `gap`, and compares the answers with what trying every
  /// integer shows.
  ///
  /// - Parameter startsFromTruth: whether the search knows a solution, from which it can exchange unknowns.
  /// - Returns: how many questions were settled by solutions far apart, how many by a proof, and how many stayed open.
  private func settled<Solver: FloatingPointSolver>(
    _ solver: Solver.Type, systems: Int, gap: Int, startsFromTruth: Bool = true
  ) throws -> (apart: Int, proven: Int, open: Int) {
    var random = RepeatableRandom(seed: 4)
    var (apart, proven, open) = (0, 0, 0)
    for number in 0..<systems {
      var made = RandomSystem(&random)
      made.system.narrow()
      for component in made.system.components() {
        let program = LinearProgram<Solver>(made.system, component)
        let truth = component.unknowns.map { made.truth[$0] }
        var search = SolutionSearch(program, component.unknowns, gap: gap, truth: startsFromTruth ? truth : nil)
        for (id, value) in zip(component.unknowns, truth) { search.see(id, value) }
        search.spread(component.unknowns)
        for id in component.unknowns {
          let isSettled = search.settle(id)
          let seen = try #require(search.seen[id])
          let range = try #require(made.attacker.extremes(id))
          #expect(
            range.contains(seen.low) && range.contains(seen.high), "system \(number), unknown \(id): no solution has it"
          )
          if let limits = search.proven[id] {
            #expect(
              limits.low <= range.lowerBound && range.upperBound <= limits.high, "system \(number), unknown \(id)")
          }
          if !isSettled {
            open += 1
          } else if seen.high - seen.low >= gap {
            apart += 1
          } else {
            proven += 1
            #expect(seen.low...seen.high == range, "system \(number), unknown \(id): not its exact bounds")
          }
        }
      }
    }
    return (apart, proven, open)
  }

  @Test func glpkSettlesEveryQuestion() throws {
    let found = try settled(GLPKSolver.self, systems: 40, gap: 3)
    #expect(found.apart > 50 && found.proven > 20, "\(found)")
    #expect(found.open == 0, "\(found)")
  }

  @Test func extremesAreThoseOfIntegers() throws {
    var random = RepeatableRandom(seed: 5)
    var asked = 0
    for number in 0..<40 {
      let made = RandomSystem(&random)
      for component in made.system.components() {
        let program = LinearProgram<GLPKSolver>(made.system, component)
        for (place, id) in component.unknowns.enumerated() {
          let range = try #require(made.attacker.extremes(id))
          for isLargest in [true, false] {
            guard let values = program.extreme(of: [id], isLargest: isLargest) else { continue }
            asked += 1
            #expect(
              values[place] == (isLargest ? range.upperBound : range.lowerBound), "system \(number), unknown \(id)")
          }
          let any = program.anySolution(with: id, atLeast: range.upperBound + 1, atMost: nil)
          #expect(any == nil, "system \(number), unknown \(id)")
          #expect(program.anySolution(with: id, atLeast: range.upperBound, atMost: range.upperBound) != nil)
        }
      }
    }
    #expect(asked > 200)
  }

  @Test func nearbySolutionsMoveTheUnknownAndFit() throws {
    var random = RepeatableRandom(seed: 6)
    var found = 0
    for _ in 0..<40 {
      let made = RandomSystem(&random)
      for component in made.system.components() {
        let program = LinearProgram<GLPKSolver>(made.system, component)
        let equations = made.system.equations(of: component)
        let base = component.unknowns.map { made.truth[$0] }
        for (place, id) in component.unknowns.enumerated() {
          for step in [-2, -1, 1, 2] {
            guard let values = program.nearby.solution(near: base, moving: id, by: step) else { continue }
            found += 1
            #expect(values[place] == base[place] + step)
            #expect(equations.isSolution(values))
          }
        }
      }
    }
    #expect(found > 100)
  }

  /// Without any solver, exchanges alone find most of what a solver finds.
  @Test func exchangesSettleMostQuestions() throws {
    let all = try settled(GLPKSolver.self, systems: 40, gap: 3)
    let found = try settled(NeverSolved.self, systems: 40, gap: 3)
    #expect(found.proven == 0 && found.apart * 10 >= all.apart * 9, "\(found), \(all)")
  }

  @Test func exchangesMoveTheUnknownAndFit() throws {
    var random = RepeatableRandom(seed: 7)
    var found = 0
    for _ in 0..<10 {
      let made = RandomSystem(&random, rows: 12, columns: 8)
      for component in made.system.components() {
        let program = LinearProgram<NeverSolved>(made.system, component)
        let equations = made.system.equations(of: component)
        let base = component.unknowns.map { made.truth[$0] }
        for (place, id) in component.unknowns.enumerated() {
          for step in [-3, 3] {
            guard let values = program.exchanges.solution(near: base, moving: id, by: step) else { continue }
            found += 1
            #expect(equations.isSolution(values))
            #expect((values[place] - base[place]) * step.signum() > 0 && abs(values[place] - base[place]) <= 3)
          }
        }
      }
    }
    #expect(found > 500)
  }

  // MARK: a solver that lies

  @Test func wrongValuesAreNeverBelieved() throws {
    let found = try settled(WrongValues.self, systems: 15, gap: 3, startsFromTruth: false)
    #expect(found.apart == 0 || found.open > 0, "\(found)")
    _ = try settled(WrongIntegers.self, systems: 15, gap: 3)
    _ = try settled(NoNumbers.self, systems: 15, gap: 3)
    _ = try settled(TooFewValues.self, systems: 15, gap: 3)
  }

  @Test func aWrongStatusIsNeverBelieved() throws {
    // `NoOptimum` passes off the wrong extreme as the optimum. Without a proof, no bounds narrower than the true ones
    // may result.
    let found = try settled(NoOptimum.self, systems: 15, gap: 3, startsFromTruth: false)
    #expect(found.open > 0, "\(found)")
    let silent = try settled(NeverSolved.self, systems: 15, gap: 3, startsFromTruth: false)
    #expect(silent.apart == 0 && silent.proven == 0 && silent.open > 0, "\(silent)")
  }

  @Test func wrongMultipliersProveNothing() throws {
    let found = try settled(WrongMultipliers.self, systems: 15, gap: 3)
    #expect(found.apart > 0, "\(found)")
  }
}

/// GLPK, with its answers falsified.
class Liar: FloatingPointSolver {
  fileprivate let honest: GLPKSolver
  fileprivate let columns: Int

  required init(columns: Int, rows: [SolverRow]) {
    self.columns = columns
    honest = GLPKSolver(columns: columns, rows: rows)
  }

  func limit(_ column: Int, to bounds: ClosedRange<Int>) { honest.limit(column, to: bounds) }
  func weigh(_ column: Int, _ coefficient: Int) { honest.weigh(column, coefficient) }

  func optimum(isLargest: Bool, steps: Int) -> SolverAnswer? {
    honest.optimum(isLargest: isLargest, steps: steps).flatMap { lie($0, isLargest: isLargest) }
  }

  func integers(branches: Int, stopsAtFirst: Bool) -> [Double]? {
    honest.integers(branches: branches, stopsAtFirst: stopsAtFirst).flatMap { values in
      lie(SolverAnswer(values: values, multipliers: []), isLargest: true)?.values
    }
  }

  /// The answer given in place of the true one; nil for no answer.
  func lie(_ answer: SolverAnswer, isLargest: Bool) -> SolverAnswer? { answer }
}

/// Each value is off by 3, so it still looks like an integer.
final class WrongValues: Liar {
  override func lie(_ answer: SolverAnswer, isLargest: Bool) -> SolverAnswer? {
    SolverAnswer(values: answer.values.map { $0 + (isLargest ? 3 : -3) }, multipliers: answer.multipliers)
  }
}

/// One value is off by one.
final class WrongIntegers: Liar {
  override func lie(_ answer: SolverAnswer, isLargest: Bool) -> SolverAnswer? {
    var values = answer.values
    if !values.isEmpty { values[values.count / 2] += isLargest ? 1 : -1 }
    return SolverAnswer(values: values, multipliers: answer.multipliers)
  }
}

final class NoNumbers: Liar {
  override func lie(_ answer: SolverAnswer, isLargest: Bool) -> SolverAnswer? {
    SolverAnswer(values: answer.values.map { _ in .nan }, multipliers: answer.multipliers.map { _ in .infinity })
  }
}

final class TooFewValues: Liar {
  override func lie(_ answer: SolverAnswer, isLargest: Bool) -> SolverAnswer? {
    SolverAnswer(values: Array(answer.values.dropLast()), multipliers: Array(answer.multipliers.dropLast()))
  }
}

/// When asked for the largest value, it gives the smallest as the optimum, and vice versa.
final class NoOptimum: Liar {
  override func optimum(isLargest: Bool, steps: Int) -> SolverAnswer? {
    honest.optimum(isLargest: !isLargest, steps: steps)
  }
}

final class NeverSolved: Liar {
  override func lie(_ answer: SolverAnswer, isLargest: Bool) -> SolverAnswer? { nil }
}

final class WrongMultipliers: Liar {
  override func lie(_ answer: SolverAnswer, isLargest: Bool) -> SolverAnswer? {
    SolverAnswer(values: answer.values, multipliers: answer.multipliers.map { -$0 + 0.25 })
  }
}
