import TestSupport
import Testing

@testable import CountSolver

/// Tests the system by itself: what narrowing shows, and the only check of solutions.
@Suite struct CountSystemTests {
  @Test func narrowingKeepsEverySolutionAndIsExactWithoutRings() throws {
    var random = RepeatableRandom(seed: 1)
    var trees = 0
    for number in 0..<120 {
      var made = RandomSystem(&random, rows: 2, columns: 3)
      made.system.narrow()
      #expect(!made.system.isContradictory, "system \(number)")
      for component in made.system.components() {
        for id in component.unknowns {
          let unknown = made.system.unknowns[id]
          let range = try #require(made.attacker.extremes(id))
          #expect(
            unknown.low <= range.lowerBound && range.upperBound <= unknown.high, "system \(number), unknown \(id)")
          guard component.isTree, made.system.isSettled else { continue }
          trees += 1
          #expect(unknown.low...unknown.high == range, "system \(number), unknown \(id)")
        }
      }
    }
    #expect(trees > 20, "too few parts without rings were seen")
  }

  @Test func aContradictionIsFound() {
    var system = CountSystem()
    let parts = [system.addUnknown(high: 3), system.addUnknown(high: 3)]
    system.add(CountSystem.Sum(parts: parts, known: 1, whole: .known(8)))
    system.narrow()
    #expect(system.isContradictory)
  }

  @Test func onlyRightValuesAreASolution() throws {
    var random = RepeatableRandom(seed: 2)
    var wrong = 0
    for _ in 0..<60 {
      let made = RandomSystem(&random)
      for component in made.system.components() {
        let equations = made.system.equations(of: component)
        let values = component.unknowns.map { made.truth[$0] }
        #expect(equations.isSolution(values))
        #expect(!equations.isSolution(values + [0]))
        #expect(!equations.isSolution(Array(values.dropLast())))
        for place in values.indices {
          var other = values
          other[place] += 1
          // Adding one breaks any sum that the unknown is in; otherwise it can only break a bound.
          let isInSum = equations.rows.contains { row in row.terms.contains { $0.column == place } }
          if isInSum || !equations.bounds[place].contains(other[place]) {
            wrong += 1
            #expect(!equations.isSolution(other))
          }
          other[place] = .max
          #expect(!equations.isSolution(other))
          other[place] = -1
          #expect(!equations.isSolution(other))
        }
      }
    }
    #expect(wrong > 100)
  }

  @Test func anyMultipliersGiveATrueLimit() throws {
    var random = RepeatableRandom(seed: 3)
    var reached = 0
    for number in 0..<80 {
      var made = RandomSystem(&random)
      made.system.narrow()
      for component in made.system.components() {
        let equations = made.system.equations(of: component)
        let place = Int.random(in: 0..<component.unknowns.count, using: &random)
        let range = try #require(made.attacker.extremes(component.unknowns[place]))
        for _ in 0..<20 {
          let multipliers = equations.rows.map { _ in
            Double(Int.random(in: -2...2, using: &random)) / Double(Int.random(in: 1...3, using: &random))
          }
          if let most = equations.provenLimit(of: [place], isLargest: true, multipliers) {
            #expect(most >= range.upperBound, "system \(number)")
            reached += most == range.upperBound ? 1 : 0
          }
          if let least = equations.provenLimit(of: [place], isLargest: false, multipliers) {
            #expect(least <= range.lowerBound, "system \(number)")
          }
        }
        for useless in [Double.nan, .infinity, 1e300] {
          #expect(
            equations.provenLimit(of: [place], isLargest: true, equations.rows.map { _ in useless }) == nil
              || equations.rows.isEmpty)
        }
        #expect(equations.provenLimit(of: [place], isLargest: true, [0] + equations.rows.map { _ in 0 }) == nil)
      }
    }
    #expect(reached > 5, "no multipliers proved anything")
  }
}
