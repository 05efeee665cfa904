import Shared
import Testing

@testable import Generator

/// How a run's counts are compared with the bundle's.
@Suite struct FidelityTests {
  private let members = GroupMembers(SmallBundle.statistics, prior: .builtIn)

  private func score(_ table: PublishedTable, _ made: [[String]: Int], of admissions: Int = 100) throws -> TableScore {
    let scored = Generator.score(table, made, 100, admissions, members)
    return try #require(scored)
  }

  /// A table says how much of the bundle it covers; one of several codes an admission can't.
  @Test func theCoverageIsWhatTheCellsCount() throws {
    let ages = SmallBundle.table([.gender, .ageBand], [(["F", "60-69"], 20), (["M", "60-69"], 30)])
    #expect(try score(ages, [["F", "60-69"]: 50]).coverage == 0.5)
    #expect(try score(SmallBundle.table([.drug], [(["Aspirin"], 90)]), [["Aspirin"]: 90]).coverage == nil)
  }

  @Test func prevalencesFitByTheShareOfVarianceThatTheyExplain() throws {
    let drugs = SmallBundle.table([.drug], [(["Aspirin"], 90), (["Heparin"], 50), (["Insulin"], 10)])
    func fit(_ counts: [Int]) throws -> Double? {
      try score(drugs, Dictionary(uniqueKeysWithValues: zip(["Aspirin", "Heparin", "Insulin"].map { [$0] }, counts)))
        .prevalenceFit
    }
    #expect(try fit([90, 50, 10]) == 1)
    // The spread is 2 · 0.4², and the errors are 0.1, 0 and 0.1.
    #expect(abs((try fit([80, 50, 20]) ?? 0) - (1 - 0.02 / 0.32)) < 1e-9)
    #expect(try score(SmallBundle.table([.drug], [(["Aspirin"], 90)]), [["Aspirin"]: 90]).prevalenceFit == nil)
  }

  /// In 100 draws, a share of one half is met within about 0.04 by chance.
  @Test(arguments: [(50, true), (53, true), (70, false)])
  func aTableIsCloseIfChanceExplainsTheDistance(_ women: Int, _ isClose: Bool) throws {
    let genders = SmallBundle.table([.gender], [(["F"], 50), (["M"], 50)])
    #expect(try score(genders, [["F"]: women, ["M"]: 100 - women]).isClose == isClose)
  }
}
