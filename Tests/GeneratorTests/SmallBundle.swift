import Shared

@testable import Generator

/// Statistics of a fictional hospital, small enough to check by hand.
enum SmallBundle {
  static let statistics: Statistics = {
    var titles = CodeTitles()
    titles["diagnosis", "4280"] = "Heart failure"
    titles["diagnosis", "4019"] = "High blood pressure"
    return Statistics(
      schema: .mimicIII, minimumPatients: 11,
      tables: [
        table([.gender], [(["F"], 60), (["M"], 40)]),
        table([.ageBand], [(["60-69"], 70), (["90+"], 30)]),
        table([.insurance], [(["Medicare"], 80), (["Private"], 20)]),
        table([.mainDiagnosis], [(["4280"], 50), (["486"], 50)]),
        table([.mainDiagnosis, .gender], [(["4280", "F"], 50), (["486", "M"], 40)]),
        table([.mainDiagnosis, .diagnosis], [(["4280", "4019"], 25), (["4280", "5849"], 50)]),
        table([.procedure], [(["3893"], 100)]),
        table([.drug], [(["Aspirin"], 100)]),
      ], titles: titles)
  }()

  static func table(_ attributes: [Attribute], _ cells: [([String], Int)]) -> PublishedTable {
    PublishedTable(
      attributes: attributes, total: nil, cells: cells.map { PublishedCell(key: $0.0, count: $0.1) }, suppressed: [])
  }

  static func chain(
    _ model: (any LanguageModel)?, seed: UInt64 = 1, variant: Variant = .full, _ statistics: Statistics = statistics,
    knowledge: (any KnowledgeSource)? = nil, dictionary: CodeTitles? = nil
  ) throws -> Chain {
    let sampler = Sampler(statistics)
    let book = CodeBook(statistics.titles, sampler, dictionary: dictionary)
    return Chain(
      sampler: sampler, plan: nil, book: book, variant: variant, templates: try promptTemplates([:]),
      knowledge: KnowledgeShelf(knowledge, book), seed: seed, repairs: 2, model: model)
  }

  static func fill(_ number: Int, _ chain: Chain) async throws -> (draft: Draft, calls: [Call]) {
    let filling = try await Generator.fill(AdmissionBlock(place: 0, numbers: [number]), chain)[0]
    return (filling.draft, filling.calls)
  }
}

/// A model that plays back recorded answers one by one and then repeats the last.
actor RecordedModel: LanguageModel {
  private var answers: [Answer]
  private(set) var asked: [Prompt] = []

  init(_ answers: [Answer]) { self.answers = answers }

  /// Reads a recording: a list of `{"text", "finish_reason"}`.
  init(recording: [UInt8]) throws {
    let entries = try JSONValue(parsing: recording).array ?? []
    answers = entries.map {
      Answer(
        text: $0["text"]?.string ?? "", ending: $0["finish_reason"]?.string == "stop" ? .complete : .cut,
        usage: Usage(promptTokens: 1, answerTokens: 1))
    }
  }

  func answer(_ prompt: Prompt) throws -> Answer {
    asked.append(prompt)
    return answers.count > 1 ? answers.removeFirst() : answers[0]
  }
}
