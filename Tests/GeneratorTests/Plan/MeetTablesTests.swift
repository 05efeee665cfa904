import Shared
import TestSupport
import Testing

@testable import Generator

/// A run meets every published table, of whatever attributes.
@Suite struct MeetTablesTests {
  private static let singles: [(attribute: Attribute, names: [String])] = [
    (.gender, ["F", "M"]), (.ageBand, ["18-29", "30-39", "40-49", "60-69", "80-89"]),
    (.admissionType, ["ELECTIVE", "EMERGENCY", "URGENT"]), (.insurance, ["Medicaid", "Medicare", "Private"]),
    (.mainDiagnosis, ["25000", "4019", "41401", "4280", "486", "5849"]), (.ethnicity, ["A", "B", "C", "D"]),
    (.lengthOfStayBand, ["0", "1", "2", "3", "4-6", "7-13"]),
  ]
  private static let codes: [(attribute: Attribute, names: [String])] = [
    (.diagnosis, ["2724", "2859", "40390", "42731", "V5867"]), (.drug, ["Aspirin", "Heparin", "Insulin", "Warfarin"]),
  ]
  private static let count = 2000

  /// Admissions whose attributes depend on one another through a hidden number.
  private func hospital(_ random: inout RepeatableRandom) -> [Draft] {
    (0..<Self.count).map { number in
      var draft = Draft(number: number)
      let hidden = Int.random(in: 0..<6, using: &random)
      for (place, (attribute, names)) in Self.singles.enumerated() {
        let follows = Int.random(in: 0..<10, using: &random) < 6
        let drawn = follows ? hidden + place : Int.random(in: 0..<60, using: &random)
        draft.categories[attribute] = names[drawn % names.count]
      }
      for (attribute, names) in Self.codes {
        draft.codes[attribute] = names.indices.filter { code in
          Int.random(in: 0..<12, using: &random) < (code == hidden % names.count ? 8 : 2)
        }.map { names[$0] }
      }
      return draft
    }
  }

  private func keys(_ draft: Draft, _ attributes: [Attribute]) -> [[String]] {
    attributes.reduce([[]]) { keys, attribute in
      let own = attribute.isMultiValued ? draft.codes[attribute] ?? [] : [draft.categories[attribute] ?? ""]
      return keys.flatMap { key in own.map { key + [$0] } }
    }
  }

  private func counts(_ drafts: [Draft], _ attributes: [Attribute]) -> [[String]: Int] {
    drafts.reduce(into: [:]) { counts, draft in
      for key in keys(draft, attributes) { counts[key, default: 0] += 1 }
    }
  }

  /// Cells under 11 are withheld. A perfect sample's total variation is what independent draws from the table would
  /// have on average.
  @Test(arguments: 1...8) func everyTableIsMet(_ seed: UInt64) {
    var random = RepeatableRandom(seed: seed)
    let real = hospital(&random)
    let attributes = Self.singles.map(\.attribute) + Self.codes.map(\.attribute)
    var sets = Set(attributes.map { [$0] })
    for _ in 0..<8 {
      let chosen = attributes.shuffled(using: &random).prefix(Int.random(in: 2...3, using: &random))
      sets.insert(Attribute.allCases.filter(chosen.contains))
    }
    let tables = sets.sorted { $0.lexicographicallyPrecedes($1) { $0.rawValue < $1.rawValue } }.map { attributes in
      SmallBundle.table(
        attributes,
        counts(real, attributes).filter { $0.value >= 11 }.sorted { byteOrder($0.key, $1.key) }
          .map { ($0.key, $0.value) })
    }
    let statistics = Statistics(schema: .mimicIII, minimumPatients: 11, tables: tables, titles: CodeTitles())
    let plan = RunPlan(
      Self.count, statistics, Sampler(statistics), order: Step.chain.flatMap { $0.drawn + $0.asked }, seed: seed)
    let made = (0..<Self.count).map(plan.draft)
    for table in tables {
      let found = counts(made, table.attributes)
      let (off, sampled) = table.cells.reduce((0.0, 0.0)) { sums, cell in
        let share = Double(cell.count) / Double(Self.count)
        return (
          sums.0 + Double(abs(found[cell.key, default: 0] - cell.count)),
          sums.1 + (2 / Double.pi * Double(cell.count) * (1 - share)).squareRoot()
        )
      }
      #expect(off <= 1.5 * max(sampled, 2), "\(table.name): \(off), sampled \(sampled)")
    }
    for draft in made {
      #expect(draft.codes.values.allSatisfy { Set($0).count == $0.count })
    }
  }

  /// As many codes as the bands say.
  @Test func admissionsHaveAsManyCodesAsTheirBandSays() {
    let codes = (0..<20).map { (["D\($0)"], 100) }
    let statistics = Statistics(
      schema: .mimicIII, minimumPatients: 11,
      tables: [
        SmallBundle.table([.gender], [(["F"], 600), (["M"], 400)]),
        SmallBundle.table([.mainDiagnosis], [(["4280"], 1000)]),
        SmallBundle.table([.drug], codes), SmallBundle.table([.drugCountBand], [(["0"], 500), (["1-9"], 500)]),
      ], titles: CodeTitles())
    let plan = RunPlan(
      2000, statistics, Sampler(statistics), order: Step.chain.flatMap { $0.drawn + $0.asked }, seed: 1)
    let made = (0..<2000).map(plan.draft)
    #expect(abs(made.count { $0.codes[.drug]?.isEmpty ?? true } - 1000) <= 2)
    #expect(made.allSatisfy { ($0.categories[.drugCountBand] == "0") == ($0.codes[.drug]?.isEmpty ?? true) })
    #expect(abs(made.reduce(0) { $0 + ($1.codes[.drug]?.count ?? 0) } - 4000) <= 20)
  }
}
