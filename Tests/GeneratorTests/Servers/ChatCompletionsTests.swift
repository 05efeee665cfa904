import Foundation
import Shared
import TestSupport
import Testing

@testable import Generator

@Suite struct ChatCompletionsTests {
  private static let question = Question(
    step: "test", system: "stable", shared: "neighbours ", own: "patient",
    fields: [Question.Field(attribute: .insurance, options: ["Medicare", "Private"], mostCodes: nil)], seed: 3)

  private static func prompt(_ number: Int = 0, complaint: Complaint? = nil) -> Prompt {
    Prompt(admission: number, attempt: 1, question: question, complaint: complaint, knowledge: nil)
  }

  private static let folder = Result { try TemporaryFolder() }

  private func client(
    _ urls: [String], limits: Limits = Limits(), prices: Prices? = nil, key: String? = nil, concurrency: Int = 4,
    timeout: Double = 2, patience: Double = 20
  ) throws -> (model: ChatCompletions, journal: Journal) {
    let journal = try Journal(creating: Self.folder.get().path("\(UUID()).sqlite"))
    let settings = ServerSettings(
      urls: urls, modelName: "m", key: key, concurrency: concurrency, timeout: timeout, patience: patience)
    return (try ChatCompletions(settings, journal, Spending(limits, prices)), journal)
  }

  @Test func theRequestBeginsWithWhatIsStable() throws {
    let prompt = Self.prompt(complaint: Complaint(reason: "why not", echo: "{}"))
    let body = try JSONValue(parsing: requestBody(prompt, model: "m", Dialect()))
    let messages = try #require(body["messages"]?.array)
    #expect(messages.map { $0["role"]?.string } == ["system", "user", "assistant", "user"])
    #expect(messages.map { $0["content"]?.string ?? "" }.prefix(3) == ["stable", "neighbours patient", "{}"])
    #expect(messages.last?["content"]?.string?.contains("why not") == true)
    #expect(body["response_format"]?["json_schema"]?["schema"] == Question.schema(Self.question.fields))
  }

  @Test(arguments: ["sampler2", "127.0.0.1:80", "ftp://host", "http://", "", "http://me:secret@host"])
  func whatIsNoURLIsRefused(_ url: String) {
    let error = #expect(throws: CloisterError.self) { try serverAddress(url) }
    #expect(error?.status == .wrongArguments)
    #expect(error?.what.contains("secret") == false)
  }

  @Test func anAnswerIsUnpackedAndKept() async throws {
    let server = try ModelServer.stub("first")
    let (model, journal) = try client([server.url])
    let answer = try await model.answer(Self.prompt())
    #expect(answer.text.contains("Medicare") && answer.ending == .complete)
    #expect(answer.usage.promptTokens == 10)
    #expect(try journal.answer(Self.prompt().key) == answer)
    #expect(try journal.requestCounts() == RequestCounts(sent: 1, answered: 1, usage: answer.usage))
  }

  @Test func aBusyServerIsAskedAgainAndTheTriesAreCounted() async throws {
    let server = try ModelServer.stub("503", "429", "408", "409", "first")
    let (model, journal) = try client([server.url + "/v1"])
    #expect(try await model.answer(Self.prompt()).ending == .complete)
    let counts = try journal.requestCounts()
    #expect(counts.sent == 5)
    #expect(counts.failures.count == 4)
  }

  @Test(arguments: ["404", "401", "307", "400"]) func aServerThatRefusesIsNotAskedAgain(_ word: String) async throws {
    let server = try ModelServer.stub(word, "first")
    let (model, journal) = try client([server.url])
    let error = await #expect(throws: CloisterError.self) { try await model.answer(Self.prompt()) }
    #expect(error?.status == .modelUnreachable)
    #expect(try journal.requestCounts().sent == 1)
  }

  @Test func oneServerStepsInForAnother() async throws {
    let server = try ModelServer.stub("first")
    let (model, _) = try client(["http://127.0.0.1:1", server.url])
    for number in 0..<6 { #expect(try await model.answer(Self.prompt(number)).ending == .complete) }
  }

  @Test func theServersWordOnWhenToComeBackIsRead() throws {
    let now = Date(timeIntervalSince1970: 784_111_767)
    #expect(WebClient.pause("3", now: now) == 3)
    #expect(WebClient.pause("Sun, 06 Nov 1994 08:49:37 GMT", now: now) == 10)
    #expect(WebClient.pause("Sun, 06 Nov 1994 08:49:17 GMT", now: now) == 0)
    #expect(WebClient.pause("soon", now: now) == nil)
    #expect(WebClient.pause("-1", now: now) == nil)
  }

  @Test func nothingIsSentThatMightPassALimit() async throws {
    let server = try ModelServer.stub("first")
    let prices = try Prices(
      Array(#"{"currency": "USD", "models": {"m": {"prompt": 1000, "answer": 1000}}}"#.utf8), name: "p", model: "m")
    let bytes = requestBody(Self.prompt(), model: "m", Dialect()).count
    let worst = bytes + Self.question.maximumAnswerTokens
    for (limits, name) in [
      (Limits(tokens: worst + 16), "--max-tokens"), (Limits(requests: 2), "--max-requests"),
      (Limits(money: Double(worst + 16) / 1000), "--budget"),
    ] {
      let (model, journal) = try client([server.url], limits: limits, prices: prices, concurrency: 1)
      for number in 0..<2 { _ = try await model.answer(Self.prompt(number)) }
      let error = await #expect(throws: CloisterError.self) { try await model.answer(Self.prompt(2)) }
      #expect(error?.what.contains(name) == true)
      #expect(try journal.requestCounts().sent == 2)
    }
  }

  @Test func pricesCountWhatTheCacheHolds() throws {
    let text = #"{"currency": "EUR", "models": {"m": {"prompt": 2, "cached-prompt": 1, "answer": 4}}}"#
    let prices = try Prices(Array(text.utf8), name: "p", model: "m")
    #expect(prices.cost(Usage(promptTokens: 1_000_000, cachedTokens: 500_000, answerTokens: 250_000)) == 2.5)
    #expect(prices.text(2.5) == "2.50 EUR")
    for wrong in [
      "{}", #"{"currency": "EUR", "models": {}}"#,
      #"{"currency": "EUR", "models": {"m": {"prompt": -1, "answer": 1}}}"#,
    ] {
      #expect(throws: CloisterError.self) { try Prices(Array(wrong.utf8), name: "p", model: "m") }
    }
  }

  @Test func theQueueServesNeighboursOneAfterAnother() async throws {
    let queue = PromptQueue(places: 1)
    try await queue.enter("b")
    let served = Served()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for key in ["c2", "a1", "c1", "b2", "a2"] {
        group.addTask {
          try await queue.enter(key)
          await served.add(key)
          queue.leave()
        }
      }
      while queue.waiting < 5 { try await Task.sleep(for: .milliseconds(5)) }
      queue.leave()
      try await group.waitForAll()
    }
    #expect(await served.keys == ["b2", "c1", "c2", "a1", "a2"])
  }

  private actor Served {
    private(set) var keys: [String] = []
    func add(_ key: String) { keys.append(key) }
  }
}
