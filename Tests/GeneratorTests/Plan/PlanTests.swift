import Shared
import TestSupport
import Testing

@testable import Generator

/// The run as a whole has the bundle's counts, whatever the model says.
@Suite struct PlanTests {
  /// A hospital with linked tables, a withheld cell and codes for one sex.
  private static let statistics: Statistics = {
    var titles = CodeTitles()
    titles["diagnosis", "4019"] = "High blood pressure"
    return Statistics(
      schema: .mimicIII, minimumPatients: 11,
      tables: [
        SmallBundle.table([.gender], [(["F"], 600), (["M"], 400)]),
        SmallBundle.table(
          [.ageBand, .gender],
          [(["60-69", "F"], 500), (["60-69", "M"], 200), (["90+", "F"], 100), (["90+", "M"], 200)]),
        SmallBundle.table(
          [.insurance, .ageBand],
          [(["Medicare", "60-69"], 300), (["Private", "60-69"], 400), (["Medicare", "90+"], 290)]),
        SmallBundle.table([.insurance], [(["Medicare"], 590), (["Private"], 410)]),
        SmallBundle.table([.mainDiagnosis], [(["4280"], 500), (["486"], 300), (["V270"], 200)]),
        SmallBundle.table(
          [.mainDiagnosis, .gender],
          [
            (["4280", "F"], 200), (["4280", "M"], 300), (["486", "F"], 200), (["486", "M"], 100), (["V270", "F"], 200),
          ]),
        SmallBundle.table([.diagnosisCountBand], [(["1"], 100), (["2-4"], 900)]),
        SmallBundle.table([.diagnosis], [(["4019"], 400), (["6202"], 100), (["5849"], 700), (["2859"], 333)]),
        SmallBundle.table(
          [.mainDiagnosis, .diagnosis], [(["4280", "4019"], 250), (["4280", "5849"], 450), (["486", "5849"], 200)]),
        SmallBundle.table([.diagnosis, .gender], [(["2859", "F"], 300), (["2859", "M"], 33)]),
        SmallBundle.table([.procedure], [(["3893"], 200), (["9604"], 100)]),
      ], titles: titles)
  }()

  private func drafts(_ count: Int, seed: UInt64 = 1) -> [Draft] {
    let plan = RunPlan(
      count, Self.statistics, Sampler(Self.statistics), order: Step.chain.flatMap { $0.drawn + $0.asked }, seed: seed)
    return (0..<count).map(plan.draft)
  }

  private func share(_ drafts: [Draft], _ isMet: (Draft) -> Bool) -> Double {
    Double(drafts.count(where: isMet)) / Double(drafts.count)
  }

  /// Codes of two kinds occur together as often as their table says, and no other count changes.
  @Test func pairsOfCodesAreMet() {
    let codes = { (share: Int) in ["3893", "9604", "966", "3961"].map { ([$0], share) } }
    let statistics = Statistics(
      schema: .mimicIII, minimumPatients: 11,
      tables: [
        SmallBundle.table([.mainDiagnosis], [(["4280"], 1000)]),
        SmallBundle.table([.diagnosis], [(["4019"], 400), (["5849"], 500), (["51881"], 300)]),
        SmallBundle.table([.procedure], codes(300)),
        SmallBundle.table(
          [.diagnosis, .procedure],
          [
            (["51881", "9604"], 190), (["51881", "966"], 40), (["51881", "3893"], 90), (["4019", "9604"], 60),
            (["4019", "3961"], 200), (["5849", "3893"], 230), (["5849", "966"], 150),
          ]),
      ], titles: CodeTitles())
    let plan = RunPlan(
      3000, statistics, Sampler(statistics), order: Step.chain.flatMap { $0.drawn + $0.asked }, seed: 1)
    let drafts = (0..<3000).map(plan.draft)
    for table in statistics.tables where table.attributes != [.mainDiagnosis] {
      for cell in table.cells {
        let found = share(drafts) { draft in
          zip(table.attributes, cell.key).allSatisfy { draft.codes[$0]?.contains($1) == true }
        }
        #expect(abs(found - Double(cell.count) / 1000) < 0.012, "\(cell.key): \(found)")
      }
    }
    #expect(drafts.allSatisfy { Set($0.codes[.procedure] ?? []).count == $0.codes[.procedure]?.count })
  }

  /// A frequent combination that is withheld to protect a rare one is drawn as often as the margins say, and so is the
  /// rare one, even if not every margin is published.
  @Test(arguments: [true, false]) func withheldCellsGetWhatTheMarginsLeave(_ hasEveryMargin: Bool) {
    let tables = [
      SmallBundle.table(
        [.mainDiagnosis], [(["4280"], 500), (["71536"], 200)] + (hasEveryMargin ? [(["486"], 300)] : [])),
      SmallBundle.table([.diedInHospital], [(["0"], 896), (["1"], 104)]),
      SmallBundle.table(
        [.mainDiagnosis, .diedInHospital],
        [(["4280", "0"], 430), (["4280", "1"], 70), (["486", "0"], 270), (["486", "1"], 30)]),
      SmallBundle.table(
        [.mainDiagnosis, .ageBand],
        ["4280", "486", "71536"].flatMap { main in
          ["50-59", "60-69", "70-79", "80-89"].map { ([main, $0], main == "4280" ? 125 : main == "486" ? 75 : 50) }
        }),
    ]
    let statistics = Statistics(schema: .mimicIII, minimumPatients: 11, tables: tables, titles: CodeTitles())
    let plan = RunPlan(
      5000, statistics, Sampler(statistics), order: Step.chain.flatMap { $0.drawn + $0.asked }, seed: 1)
    let drafts = (0..<5000).map(plan.draft)
    // The margins leave 4 deaths in 200.
    let found = share(drafts) { $0.categories[.mainDiagnosis] == "71536" && $0.categories[.diedInHospital] == "1" }
    #expect(abs(found - 0.004) < 0.0015, "\(found)")
    #expect(abs(share(drafts) { $0.categories[.diedInHospital] == "1" } - 0.104) < 0.002)
    #expect(abs(share(drafts) { $0.categories[.mainDiagnosis] == "71536" } - 0.2) < 0.002)
  }

  /// Each bound has a false-alarm rate under one in ten thousand, with a fixed seed; the draws are spread more evenly
  /// than independent draws.
  @Test func everyTableOfSingleAttributesIsMet() {
    let drafts = drafts(4000)
    for table in Self.statistics.tables where table.attributes.allSatisfy({ !$0.isMultiValued }) {
      for cell in table.cells {
        let found = share(drafts) { draft in zip(table.attributes, cell.key).allSatisfy { draft.categories[$0] == $1 } }
        #expect(abs(found - Double(cell.count) / 1000) < 0.02, "\(table.name) \(cell.key): \(found)")
      }
    }
    // The one withheld cell, Private at 90+, gets what the others leave.
    #expect(
      abs(share(drafts) { $0.categories[.insurance] == "Private" && $0.categories[.ageBand] == "90+" } - 0.01) < 0.008)
  }

  @Test func everyCodeComesAsOftenAsPublished() {
    let drafts = drafts(4000)
    for (code, count) in [("4019", 400), ("6202", 100), ("5849", 700), ("2859", 333)] {
      let found = share(drafts) { $0.codes[.diagnosis]?.contains(code) == true }
      #expect(abs(found - Double(count) / 1000) < 0.002, "\(code): \(found)")
    }
    let both = share(drafts) {
      $0.categories[.mainDiagnosis] == "4280" && $0.codes[.diagnosis]?.contains("4019") == true
    }
    #expect(abs(both - 0.25) < 0.002)
    // Published cells leave 150 of 4019. The cell with 486 is withheld, so it is thought to hold 5; V270 has no cell.
    let rest = share(drafts) {
      $0.categories[.mainDiagnosis] == "V270" && $0.codes[.diagnosis]?.contains("4019") == true
    }
    #expect(abs(rest - 0.145) < 0.006)
    #expect(share(drafts) { $0.categories[.gender] == "M" && $0.codes[.diagnosis]?.contains("6202") == true } == 0)
    let women = share(drafts) { $0.categories[.gender] == "F" && $0.codes[.diagnosis]?.contains("2859") == true }
    #expect(abs(women - 0.3) < 0.05)
  }

  @Test func whoHasManyDiagnosesGetsMore() {
    let drafts = drafts(4000)
    func mean(_ band: String) -> Double {
      let own = drafts.filter { $0.categories[.diagnosisCountBand] == band }
      return Double(own.reduce(0) { $0 + ($1.codes[.diagnosis]?.count ?? 0) }) / Double(own.count)
    }
    #expect(mean("1") < 0.5)
    #expect(mean("2-4") > 1)
  }

  @Test func theSameSeedPlansTheSame() {
    #expect(drafts(300) == drafts(300))
    #expect(drafts(300) != drafts(300, seed: 2))
  }

  @Test func systematicSamplingIsExactAndFair() {
    var counts = [0, 0, 0, 0]
    var random = SeededRandom(seed: 1)
    for _ in 0..<4000 {
      let chosen = systematic(2, of: [0, 1, 2, 3], [1, 1, 2, 100], &random)
      #expect(chosen.count == 2 && Set(chosen).count == 2)
      for member in chosen { counts[Int(member)] += 1 }
    }
    #expect(counts[3] == 4000)
    // The third is chosen half of the time; the false-alarm rate is under one in a million.
    #expect(abs(counts[2] - 2000) < 160 && abs(counts[0] - 1000) < 140)
  }

  /// Whether a model always takes the first candidates, takes none or answers nonsense, the run's counts remain those
  /// of the plan.
  @Test(arguments: ["first", "none", "nonsense"]) func noModelMovesACount(_ kind: String) async throws {
    let count = 320
    let sampler = Sampler(Self.statistics)
    let plan = RunPlan(count, Self.statistics, sampler, order: Step.chain.flatMap { $0.drawn + $0.asked }, seed: 4)
    let book = CodeBook(Self.statistics.titles, sampler)
    let chain = Chain(
      sampler: sampler, plan: plan, book: book, variant: .calibrated, templates: try promptTemplates([:]),
      knowledge: KnowledgeShelf(nil, book), seed: 4, repairs: 1, model: StubbornModel(kind: kind))
    var filled: [Draft] = []
    for block in askingOrder(count, sampler, .calibrated, plan, size: 32, seed: 4) {
      filled += try await fill(block, chain).map(\.draft)
    }
    #expect(filled.count == count)
    func counts(_ drafts: [Draft], _ attribute: Attribute) -> [String: Int] {
      drafts.reduce(into: [:]) { counts, draft in
        for code in draft.codes[attribute] ?? [] {
          counts[code == furtherCode ? otherCategory : sampler.members.counted(code, attribute), default: 0] += 1
        }
      }
    }
    let planned = (0..<count).map(plan.draft)
    for attribute in [Attribute.diagnosis, .procedure] {
      #expect(counts(filled, attribute) == counts(planned, attribute))
    }
    for draft in filled {
      let settled = plan.draft(draft.number).categories.filter { draft.categories[$0.key] != nil }
      #expect(draft.categories == settled)
      for (attribute, codes) in draft.codes {
        #expect(Set(codes).count == codes.count)
        for code in codes { #expect(implausibility(of: code, attribute, in: draft) == nil) }
        #expect(draft.choices[attribute, default: [:]].values.reduce(0, +) == codes.count)
      }
    }
    let byModel = filled.reduce(0) { $0 + ($1.choices[.diagnosis]?[.model] ?? 0) }
    #expect(kind == "first" ? byModel > 100 : byModel == 0)
  }

  private struct StubbornModel: LanguageModel {
    let kind: String

    func answer(_ prompt: Prompt) -> Answer {
      if kind == "nonsense" { return Answer(text: "no", ending: .complete) }
      let members = prompt.question.fields.map { field in
        JSONMember(
          field.attribute.rawValue,
          .array((kind == "first" ? Array(field.options.prefix(field.mostCodes ?? 0)) : []).map { .string($0) }))
      }
      return Answer(text: JSONValue.object(members).compact(), ending: .complete)
    }
  }
}
