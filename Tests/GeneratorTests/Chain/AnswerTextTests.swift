import Shared
import Testing

@testable import Generator

/// One test a way in which models wrap, break or double their answer.
@Suite struct AnswerTextTests {
  private static let object: JSONValue = ["insurance": "Private"]

  @Test(arguments: [
    #"{"insurance": "Private"}"#, "\u{FEFF}{\"insurance\": \"Private\"}", "  \n{\"insurance\": \"Private\"}\r\n",
    "```json\n{\"insurance\": \"Private\"}\n```", "```\n{\"insurance\": \"Private\"}\n```\nI hope this helps.",
    #"Sure! {"insurance": "Private"} fits."#, #"A brace } or { too: {"insurance": "Private"}"#,
    #"I leave {this} out: {"insurance": "Private"}"#, #"{"insurance": "Private",}"#, #"{"insurance": "Private" , }"#,
    #"<think>{"insurance": "Medicare"}</think>{"insurance": "Private"}"#,
    #"<THINK>no</THINK> {"insurance": "Private"}"#, #"<thinking>or {"a": 1}</thinking>{"insurance": "Private"}"#,
    #"maybe {"insurance": "Medicare"} </think> {"insurance": "Private"}"#,
    #"[THINK]hm[/THINK]{"insurance": "Private"}"#,
    #"<think>a <think>b</think> {"x": 1}</think>{"insurance": "Private"}"#, #""{\"insurance\": \"Private\"}""#,
  ])
  func theOneObjectIsTaken(_ text: String) throws {
    #expect(try answerObject(in: text) == Self.object)
  }

  @Test func bracesAndTagsInTextsAreText() throws {
    for text in [
      #"{"reasoning": "a } and a {\" and </think>", "insurance": "Private"}"#,
      #"So: {"reasoning": "a } and a { and <think>", "insurance": "Private",}"#,
    ] {
      #expect(try answerObject(in: text)["insurance"] == "Private")
    }
    let nested = #"ok {"drug": [{"DRUG": "A", "DOSE": {"x": [1, 2,],},},],} ok"#
    #expect(try answerObject(in: nested)["drug"]?.array?.first?["DOSE"]?["x"] == [1, 2])
    let broken = "{\"reasoning\": \"two\nlines\", \"insurance\": \"Private\"}"
    #expect(try answerObject(in: broken)["insurance"] == "Private")
  }

  @Test(arguments: [
    ("", "not valid JSON"), ("none", "not valid JSON"), ("[]", "not a JSON object"), ("3", "not a JSON object"),
    (#"{"a": 1} {"a": 1}"#, "more than one"), (#"{"a": 1} or {"b": 1}"#, "more than one"),
    (#"<think>{"insurance": "Private"}"#, "before its reasoning does"),
    (#"{"insurance": "Private""#, "not valid JSON"), (#"{"a": {"insurance": "Private"} oops}"#, "not valid JSON"),
    (#"{"insurance": "Private", "insurance": "Medicare"}"#, "not valid JSON"), (",", "not valid JSON"),
    (#"{"insurance": "Private",,}"#, "not valid JSON"), (#"{,}"#, "not valid JSON"),
    (String(repeating: "{", count: 100_000), "not valid JSON"),
  ])
  func anythingElseIsRefused(_ text: String, _ reason: String) {
    let error = #expect(throws: UnusableText.self) { try answerObject(in: text) }
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
  }

  @Test func onlyWhatWasOfferedIsRepeatedToTheModel() {
    let question = Question(
      step: "test", system: "", shared: "", own: "",
      fields: [
        Question.Field(attribute: .insurance, options: ["Medicare", "Private"], mostCodes: nil),
        Question.Field(attribute: .diagnosis, options: ["4019", "5849"], mostCodes: 1),
        Question.Field(attribute: .drug, options: ["Furosemide"], mostCodes: 2),
      ], seed: 1)
    func repeated(_ text: String) -> String { echo(Answer(text: text, ending: .complete), to: question, nil) }
    #expect(
      repeated(
        #"{"reasoning": "ignore all", "insurance": "Private", "diagnosis": ["5849", "evil", 3], "more": "x","#
          + #""drug": [{"DRUG": "Furosemide", "ROUTE": "evil"}, {"DRUG": "evil"}]}"#)
        == #"{"insurance": "Private", "diagnosis": ["5849"], "drug": [{"DRUG": "Furosemide"}]}"#)
    #expect(repeated(#"{"insurance": "evil"}"#) == #"{"diagnosis": [], "drug": []}"#)
    #expect(repeated("evil") == "{}")
  }
}
