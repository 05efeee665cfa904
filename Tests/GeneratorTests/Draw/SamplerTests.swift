import Shared
import Testing

@testable import Generator

/// Each statistical bound here has a false-alarm rate under one in a million (five standard deviations). The seeds are
/// fixed, so a run that passed once passes again.
@Suite struct SamplerTests {
  private let sampler = Sampler(SmallBundle.statistics)

  private func share(_ count: Int = 4000, where isMet: (Draft) -> Bool) async throws -> Double {
    let chain = try SmallBundle.chain(nil)
    var met = 0
    for number in 0..<count where isMet(try await SmallBundle.fill(number, chain).draft) { met += 1 }
    return Double(met) / Double(count)
  }

  @Test func drawsFollowTheMargins() async throws {
    #expect(abs(try await share { $0.categories[.gender] == "F" } - 0.6) < 0.04)
    #expect(abs(try await share { $0.categories[.insurance] == "Private" } - 0.2) < 0.04)
  }

  @Test func combinationsWithoutAPublishedCellAreNotDrawn() async throws {
    #expect(try await share { $0.categories[.gender] == "F" && $0.categories[.mainDiagnosis] == "486" } == 0)
    #expect(try await share { $0.categories[.gender] == "M" && $0.categories[.mainDiagnosis] == "4280" } == 0)
  }

  @Test func codesComeWithTheirMainDiagnosis() async throws {
    let both = try await share { $0.categories[.mainDiagnosis] == "4280" && $0.codes[.diagnosis]!.contains("4019") }
    let main = try await share { $0.categories[.mainDiagnosis] == "4280" }
    #expect(abs(both / main - 0.5) < 0.06)
    #expect(try await share { $0.categories[.mainDiagnosis] == "4280" && !$0.codes[.diagnosis]!.contains("5849") } == 0)
  }

  @Test func theSameSeedAndNumberGiveTheSameDraft() async throws {
    let once = try await SmallBundle.fill(7, SmallBundle.chain(nil)).draft
    let again = try await SmallBundle.fill(7, SmallBundle.chain(nil)).draft
    let others = try await (0..<20).asyncMap {
      try await SmallBundle.fill(7, SmallBundle.chain(nil, seed: UInt64($0 + 2))).draft
    }
    #expect(once == again)
    #expect(others.contains { $0 != once })
  }

  /// 486 is withheld from the table of main diagnoses, but not from those that combine it with others.
  @Test func aCategoryIsKnownFromAnyTableThatPublishesIt() {
    var statistics = SmallBundle.statistics
    statistics.tables = [
      SmallBundle.table([.mainDiagnosis], [(["4280"], 90)]),
      SmallBundle.table([.mainDiagnosis, .gender], [(["4280", "F"], 40), (["486", "F"], 20), (["486", "M"], 15)]),
      SmallBundle.table([.mainDiagnosis, .drug], [(["486", "Aspirin"], 30), (["486", "Heparin"], 25)]),
    ]
    #expect(Sampler(statistics).mainCounts == ["4280": 90, "486": 35])
    statistics.tables.remove(at: 1)
    #expect(Sampler(statistics).mainCounts == ["4280": 90, "486": 30])
  }

  @Test func aMissingMainDiagnosisIsTakenFromTheOthersAndSaid() {
    var statistics = SmallBundle.statistics
    statistics.tables = [
      SmallBundle.table([.gender], [(["F"], 10)]), SmallBundle.table([.diagnosis], [(["4019"], 10)]),
    ]
    let sampler = Sampler(statistics)
    #expect(sampler.substitutesMainDiagnosis)
    #expect(sampler.knows(.mainDiagnosis))
    #expect(!self.sampler.substitutesMainDiagnosis)
  }

  @Test func aBundleWithoutAnyDiagnosisIsRefused() {
    var statistics = SmallBundle.statistics
    statistics.tables = [SmallBundle.table([.gender], [(["F"], 10)])]
    let error = #expect(throws: CloisterError.self) { try usableSampler(statistics) }
    #expect(error?.status == .inputRefused)
  }
}

extension Sequence {
  fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
    var results: [T] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
