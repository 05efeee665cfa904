import Shared
import TestSupport
import Testing

@testable import Generator

@Suite struct ChatCompletionsTests {
  private static let question = Question(
    step: "test", system: "stable", user: "patient",
    fields: [Question.Field(attribute: .insurance, options: ["Medicare", "Private"], mostCodes: nil)], seed: 3)

  private func model(_ url: String) throws -> ChatCompletions { try ChatCompletions(url: url, name: "m", key: nil) }

  @Test func theRequestBeginsWithWhatIsStable() throws {
    let body = try model("http://127.0.0.1:1/v1/").body(Self.question, "why not")
    let messages = try #require(body["messages"]?.array)
    #expect(messages.map { $0["content"]?.string ?? "" }.prefix(2) == ["stable", "patient"])
    #expect(messages.last?["content"]?.string?.contains("why not") == true)
    #expect(body["response_format"]?["json_schema"]?["schema"] == Self.question.schema)
  }

  @Test(arguments: ["sampler2", "127.0.0.1:80", "ftp://host", "http://", ""])
  func whatIsNoURLIsRefused(_ url: String) {
    let error = #expect(throws: CloisterError.self) { try model(url) }
    #expect(error?.status == .wrongArguments)
  }

  @Test func anAnswerIsUnpacked() async throws {
    let server = try ModelServer.stub("first")
    let answer = try await model(server.url).answer(Self.question, complaint: nil)
    #expect(check(answer, to: Self.question) == .accepted([.insurance: ["Medicare"]]))
    #expect(answer.promptTokens == 10)
  }

  @Test func aBusyServerIsAskedAgain() async throws {
    let server = try ModelServer.stub("503", "429", "first")
    let answer = try await model(server.url + "/v1").answer(Self.question, complaint: nil)
    #expect(answer.isComplete)
  }

  @Test(arguments: ["404", "401", "nojson"]) func aServerThatRefusesIsNotAskedAgain(_ word: String) async throws {
    let server = try ModelServer.stub(word, "first")
    let model = try model(server.url)
    let error = await #expect(throws: CloisterError.self) { try await model.answer(Self.question, complaint: nil) }
    #expect(error?.status == .modelUnreachable)
  }
}
