import Shared
import Testing

@testable import Generator

/// Admissions from a bundle that names few codes, as small hospitals publish it.
@Suite struct GroupTests {
  /// A hospital whose diagnoses are published as groups alone, with more codes an admission than groups.
  private static let statistics = Statistics(
    schema: .mimicIII, minimumPatients: 11,
    tables: [
      SmallBundle.table([.gender], [(["F"], 60), (["M"], 40)]),
      SmallBundle.table([.ageBand], [(["60-69"], 100)]),
      SmallBundle.table([.mainDiagnosis], [(["390-459*"], 60), (["460-519*"], 25)]),
      SmallBundle.table([.diagnosis], [(["240-279*"], 80), (["390-459*"], 60), (["4019"], 40), (["other"], 50)]),
      SmallBundle.table([.diagnosisCountBand], [(["5-9"], 100)]),
      SmallBundle.table([.mainDiagnosis, .diagnosis], [(["390-459*", "390-459*"], 50)]),
      SmallBundle.table([.drug], [(["other"], 90)]),
    ], titles: CodeTitles())

  /// To protect small counts, a hospital may withhold every main diagnosis, but tell drugs by them.
  @Test func mainDiagnosesThatOnlyOtherTablesTellAreCounted() throws {
    let statistics = Statistics(
      schema: .mimicIII, minimumPatients: 11,
      tables: [
        SmallBundle.table([.gender], [(["F"], 60), (["M"], 40)]), SmallBundle.table([.mainDiagnosis], []),
        SmallBundle.table([.drug], [(["Insulin"], 50)]),
        SmallBundle.table([.mainDiagnosis, .drug], [(["390-459*", "Insulin"], 12), (["other", "Insulin"], 24)]),
      ], titles: CodeTitles()
    ).withAllMainDiagnoses()
    let mains = try #require(statistics.table(over: [.mainDiagnosis])).cells
    #expect(mains.map(\.key) == [["390-459*"], ["other"]])
    #expect(abs(mains.reduce(0) { $0 + $1.count } - 100) <= 1)
    let shares = try #require(Sampler(statistics).codeList(.drug, "other")).shares
    #expect(shares.allSatisfy { abs($0 - 24 / 66) < 0.02 }, "\(shares)")
  }

  private static func chain(_ model: (any LanguageModel)?, _ variant: Variant = .calibrated) throws -> Chain {
    let statistics = statistics.withAllMainDiagnoses()
    let sampler = Sampler(statistics)
    let book = CodeBook(statistics.titles, sampler)
    let plan =
      variant.fixesMargins
      ? RunPlan(200, statistics, sampler, order: Step.chain.flatMap { $0.drawn + $0.asked }, seed: 3) : nil
    return Chain(
      sampler: sampler, plan: plan, book: book, variant: variant, templates: try promptTemplates([:]),
      knowledge: KnowledgeShelf(nil, book), seed: 3, repairs: 1, model: model)
  }

  private static func filled(_ chain: Chain) async throws -> [Draft] {
    var drafts: [Draft] = []
    for start in stride(from: 0, to: 200, by: 25) {
      drafts += try await fill(AdmissionBlock(place: start / 25, numbers: Array(start..<(start + 25))), chain)
        .map(\.draft)
    }
    return drafts
  }

  private func share(_ drafts: [Draft], _ group: String, _ attribute: Attribute, _ chain: Chain) -> Double {
    let count = drafts.count { draft in
      (draft.categories[attribute].map { [$0] } ?? draft.codes[attribute] ?? [])
        .contains { chain.sampler.members.counted($0, attribute) == group }
    }
    return Double(count) / Double(drafts.count)
  }

  /// Whoever chooses the codes, they are codes, each group has its share, and admissions have as many as the band says.
  @Test(arguments: [nil, "last"]) func groupsBecomeCodes(_ kind: String?) async throws {
    let chain = try Self.chain(kind.map(OneSidedModel.init))
    let drafts = try await Self.filled(chain)
    for draft in drafts {
      let codes = draft.codes[.diagnosis] ?? []
      #expect(Set(codes).count == codes.count)
      #expect(!codes.contains(draft.categories[.mainDiagnosis] ?? ""))
      for code in codes { #expect(chain.book.knows(code, .diagnosis)) }
      #expect(chain.book.knows(draft.categories[.mainDiagnosis] ?? "", .mainDiagnosis))
      #expect(draft.codes[.drug]?.contains("other") != true)
    }
    for (group, expected) in [("390-459*", 0.6), ("460-519*", 0.25), ("other", 0.15)] {
      #expect(abs(share(drafts, group, .mainDiagnosis, chain) - expected) < 0.006)
    }
    for (group, expected) in [("240-279*", 0.8), ("390-459*", 0.6), ("4019", 0.4), ("other", 0.5)] {
      #expect(abs(share(drafts, group, .diagnosis, chain) - expected) < 0.006)
    }
    // Only an admission without any group, which can't have further codes, may have fewer.
    #expect(drafts.count { (4...8).contains($0.codes[.diagnosis]?.count ?? 0) } > 185)
    let chosen = drafts.reduce(0) { $0 + ($1.members[.mainDiagnosis]?[kind == nil ? .sampler : .model] ?? 0) }
    #expect(chosen == 200)
    #expect((kind == nil) == drafts.allSatisfy { $0.members[.diagnosis]?[.model] == nil })
  }

  /// The model is asked for the category and then the code of a large planned main group, among codes of this group
  /// that the patient can have.
  @Test func theModelNamesAPlannedMainGroup() async throws {
    let chain = try Self.chain(OneSidedModel(kind: "last"))
    let filling = try await fill(AdmissionBlock(place: 0, numbers: [0]), chain)[0]
    let group = try #require(filling.planned?.categories[.mainDiagnosis])
    let questions = filling.calls.map(\.prompt.question).filter { $0.step.hasPrefix("main-diagnosis") }
    #expect(questions.map(\.step) == ["main-diagnosis-category", "main-diagnosis"])
    let options = questions.map { $0.fields[0].options }
    #expect(questions.allSatisfy { $0.fields.map(\.attribute) == [.mainDiagnosis] } && options[0].count == 24)
    let category = try #require(options[0].last)
    #expect(CodeGroups.isGroup(category, .mainDiagnosis) && options[1].count > 1)
    for code in options[1] {
      #expect(chain.sampler.members.counted(code, .mainDiagnosis) == group)
      #expect(CodeGroups.groups(of: code, .mainDiagnosis).first == category)
    }
    #expect(filling.draft.categories[.mainDiagnosis] == options[1].last)
    #expect(filling.draft.origins["main-diagnosis-category"] == .model)
  }

  /// If no answer about the category is accepted, the sampler names the code, and the code is not asked for.
  @Test func aRefusedCategoryIsLeftToTheSampler() async throws {
    let chain = try Self.chain(OneSidedModel(kind: "nonsense"))
    let filling = try await fill(AdmissionBlock(place: 0, numbers: [0]), chain)[0]
    let steps = filling.calls.map(\.prompt.question.step).filter { $0.hasPrefix("main-diagnosis") }
    #expect(steps == ["main-diagnosis-category", "main-diagnosis-category"])
    let main = try #require(filling.draft.categories[.mainDiagnosis])
    #expect(chain.sampler.members.counted(main, .mainDiagnosis) == filling.planned?.categories[.mainDiagnosis])
    #expect(filling.draft.origins["main-diagnosis-category"] == .fallback)
    #expect(filling.draft.origins["main-diagnosis"] == nil)
    #expect(filling.draft.members[.mainDiagnosis] == [.fallback: 1])
  }

  /// In the paper's variants the model chooses among codes too, never among groups.
  @Test(arguments: [Variant.full, .prior, .base]) func noGroupIsEverOffered(_ variant: Variant) async throws {
    let chain = try Self.chain(OneSidedModel(kind: "last"), variant)
    for filling in try await fill(AdmissionBlock(place: 0, numbers: Array(0..<20)), chain) {
      for call in filling.calls {
        #expect(call.refusal == nil)
        for field in call.prompt.question.fields where field.attribute.isCode {
          #expect(!field.options.contains { CodeGroups.isGroup($0, field.attribute) })
        }
      }
      #expect(chain.book.knows(filling.draft.categories[.mainDiagnosis] ?? "", .mainDiagnosis))
    }
  }

  /// Chooses the last options, or answers nonsense.
  private struct OneSidedModel: LanguageModel {
    let kind: String

    func answer(_ prompt: Prompt) -> Answer {
      if kind == "nonsense" { return Answer(text: "nonsense", ending: .complete) }
      let order = Dictionary(
        uniqueKeysWithValues: DrugOrder.Field.allCases.map { field in
          (field.rawValue, field.options?[0] ?? (field == .formularyCode ? "AB12" : "1"))
        })
      let members = prompt.question.fields.map { field -> JSONMember in
        guard let most = field.mostCodes else {
          return JSONMember(field.attribute.rawValue, .string(field.options.last ?? ""))
        }
        let chosen = field.options.suffix(most).map { option -> JSONValue in
          guard field.attribute == .drug else { return .string(option) }
          return .object(
            [JSONMember("DRUG", .string(option))] + order.inByteOrder().map { JSONMember($0.key, .string($0.value)) })
        }
        return JSONMember(field.attribute.rawValue, .array(chosen))
      }
      return Answer(text: JSONValue.object([JSONMember("reasoning", "x")] + members).compact(), ending: .complete)
    }
  }
}
