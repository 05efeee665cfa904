import Shared
import Testing

@Suite struct DidYouMeanTests {
  @Test(arguments: [
    ("main-diagnois", "did you mean main-diagnosis?"), ("Gender", "did you mean gender?"),
    ("gneder", "did you mean gender?"), ("dug", "did you mean drug?"),
    ("main_diagnosis", "did you mean main-diagnosis?"),
    ("sex", "known here: main-diagnosis, gender, drug"), ("", "known here: main-diagnosis, gender, drug"),
  ]) func theNearestNameIsSuggested(_ name: String, _ expected: String) {
    #expect(knownNames(["main-diagnosis", "gender", "drug"], nearest: name) == expected)
  }

  @Test func aLongNameIsNotCompared() {
    #expect(knownNames(["drug"], nearest: String(repeating: "drug", count: 10_000)) == "known here: drug")
  }
}
