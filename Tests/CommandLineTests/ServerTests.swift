import Foundation
import TestSupport
import Testing

/// Model servers as they really answer; see peculiar_server.py. Each run makes four admissions, about which eleven or
/// more questions are asked.
@Suite struct ServerTests {
  private let run: PeculiarRun
  private var folder: TemporaryFolder { run.folder }

  init() throws { run = try PeculiarRun() }

  @Test(arguments: [
    "fence", "prose", "think", "think-json", "comma", "string", "parts", "content-object", "reasoning-content",
    "tool-call", "function-call", "finish=eos", "finish=null", "finish=STOP", "finish=end_turn", "finish=none", "gzip",
    "bom", "large=6", "events", "stream-only", "alternate",
  ])
  func aPeculiarAnswerIsRead(_ habit: String) throws {
    let server = try ModelServer.peculiar([habit])
    try run.expectTheModelChose(try run.generate(server.url))
  }

  @Test(arguments: [
    ("no=json_schema", "json_object"), ("no=response_format", "the form in words only"),
    ("no=max_tokens", "max_completion_tokens"),
    ("no=max_tokens no=max_completion_tokens", "without a limit on the answer's tokens"),
    ("no=temperature", "without temperature"), ("no=seed no=temperature", "without temperature, seed"),
    ("no=system alternate", "without a system message"), ("no=json_schema silent", "json_object"),
    ("no=temperature fault silent", "without temperature"),
    ("no=system no=temperature no=seed no=response_format no=max_tokens silent", "max_completion_tokens; without"),
  ])
  func theProbeFindsWhatWorks(_ habits: String, _ words: String) throws {
    let server = try ModelServer.peculiar(habits.split(separator: " ").map(String.init))
    let finished = try run.generate(server.url)
    try run.expectTheModelChose(finished)
    #expect(finished.errors.contains("probe: ") && finished.errors.contains(words), "\(finished.errors)")
    let probe = try Project.generator("probe", "--model", server.url)
    #expect(probe.status == 0 && probe.output.contains(words), "\(probe.output)\(probe.errors)")
  }

  @Test func aServersOwnWordsAreShownWithoutControlCharacters() throws {
    let server = try ModelServer.peculiar(["no=temperature"])
    #expect(try run.generate(server.url).errors.contains("it says: Unsupported parameter: 'temperature'"))
    let limited = try ModelServer.peculiar(["status=400", "code=x"])
    let finished = try Project.generator("probe", "--model", limited.url)
    #expect(finished.status == 69)
    #expect(finished.errors.contains("it says: You\u{FFFD}[31m exceeded your quota"), "\(finished.errors)")
  }

  @Test func aResumedRunAsksAsTheProbeFoundOut() throws {
    let log = folder.path("log")
    let server = try ModelServer.peculiar(["no=seed", "log=\(log)"])
    #expect(try run.generate(server.url, ["--max-requests", "6"]).status == 69)
    let before = try run.received().count
    let resumed = try Project.generator("resume", folder.path("run"))
    #expect(resumed.status == 0 && !resumed.errors.contains("probe"), "\(resumed.errors)")
    let after = try run.received().dropFirst(before).compactMap { $0["body"] as? [String: Any] }
    #expect(!after.isEmpty && after.allSatisfy { $0["seed"] == nil && $0["temperature"] != nil })
    #expect(try Project.generator("audit", folder.path("run")).status == 0)
  }

  @Test func optionsSayHowToAsk() throws {
    let log = folder.path("log")
    let server = try ModelServer.peculiar(["log=\(log)"])
    let arguments = [
      "--response-format", "json_object", "--without", "temperature,seed", "--without", "system", "--token-parameter",
      "max_completion_tokens",
    ]
    try run.expectTheModelChose(try run.generate(server.url, arguments))
    for body in try run.received().compactMap({ $0["body"] as? [String: Any] }) {
      #expect(body.keys.sorted() == ["max_completion_tokens", "messages", "model", "response_format"])
      #expect((body["messages"] as? [[String: String]])?.map { $0["role"] ?? "" } == ["user"])
    }
    let fixed = try ModelServer.peculiar(["no=json_schema"])
    let probe = try Project.generator("probe", "--model", fixed.url, "--response-format", "json_schema")
    #expect(probe.status == 69 && probe.errors.contains("it says: response_format"), "\(probe.errors)")
    #expect(try Project.generator("probe", "--model", fixed.url, "--without", "color").status == 64)
  }

  /// The refused answer comes back as the assistant's, without its free text.
  @Test(arguments: [["alternate"], ["alternate", "no=system"]])
  func rolesAlternateInARepair(_ habits: [String]) throws {
    let log = folder.path("log")
    let server = try ModelServer.peculiar(habits + ["refuse-first", "log=\(log)"])
    try run.expectTheModelChose(try run.generate(server.url), repaired: true)
    let log2 = try folder.text("log") + folder.text("egress.jsonl")
    #expect(log2.contains("assistant") && !log2.contains("free text"))
  }

  @Test(arguments: [
    "nonsense", "refusal", "refusal-part", "finish=length", "finish=content_filter", "two", "think-open",
  ])
  func aRunInWhichTheModelChoosesNothingStops(_ habit: String) throws {
    let server = try ModelServer.peculiar([habit])
    let stopped = try run.generate(server.url)
    #expect(stopped.status == 75, "\(stopped.errors)")
    for words in ["the run stopped: every answer to ", "last reason: the ", "explain ", "--most-refused 100%"] {
      #expect(stopped.errors.contains(words), "\(words): \(stopped.errors)")
    }
    #expect(stopped.output.contains("who chose: model 0, repaired 0, sampler 1"), "\(stopped.output)")
    let explain = try #require(stopped.errors.firstMatch(of: /explain \S+ --admission (\d+)/))
    let example = try Project.generator("explain", folder.path("run"), "--admission", String(explain.output.1))
    #expect(example.output.contains("check: refused, "), "\(example.output)")
    #expect(try Project.generator("resume", folder.path("run"), "--most-refused", "100%").status == 0)
    let status = try Project.generator("status", folder.path("run")).output
    #expect(status.contains("who chose: model 0, repaired 0, sampler "))
    let counts = [
      "refusal": "answers declined by the model: ", "finish=length": "answers cut off: ",
      "finish=content_filter": "answers stopped by the content filter: ",
    ]
    if let words = counts[habit] { #expect(status.contains(words), "\(status)") }
  }

  @Test func aRunStopsAtAShareAndContinuesWithABetterServer() throws {
    let server = try ModelServer.peculiar(["nonsense=28"])
    let stopped = try run.generate(server.url, ["--admissions", "20", "--variant", "full", "--concurrency", "1"])
    #expect(stopped.status == 75, "\(stopped.output)\(stopped.errors)")
    let good = try ModelServer.peculiar([])
    let resumed = try Project.generator("resume", folder.path("run"), "--model", good.url)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.output.contains("who chose: model "))
  }

  @Test func onlyAnswersThatAreRefusedCount() throws {
    let sampled = try run.generate("sampler", ["--most-refused", "0"])
    #expect(sampled.status == 0 && sampled.output.contains("who chose: the sampler, everything"), "\(sampled.output)")
    #expect(try run.generate("http://127.0.0.1:1", ["--most-refused", "200%"]).status == 64)
  }

  @Test func aRefusedBatchStopsBeforeItsTables() throws {
    #expect(try run.generate("batch", ["--response-format", "json_object"]).status == 0)
    let server = try ModelServer.peculiar(["nonsense"])
    var last: Finished?
    for round in 4...30 where (last?.status ?? 0) == 0 {
      let export = try Project.generator(
        "batch", "export", folder.path("run"), "--out", folder.path("requests-\(round)"))
      guard !export.output.contains("nothing is left") else { break }
      #expect(try folder.text("requests-\(round)/requests-1.jsonl").contains("json_object"))
      let answered = try runProgram(
        "python3",
        [
          "\(Project.root)/Tests/Support/answer_batch.py", server.url, folder.path("requests-\(round)"),
          folder.path("results-\(round)"), "\(round)",
        ])
      #expect(answered.status == 0, "\(answered.errors)")
      last = try Project.generator("batch", "import", folder.path("run"), folder.path("results-\(round)/output.jsonl"))
    }
    #expect(last?.status == 75, "\(last?.errors ?? "")")
    let accepted = try Project.generator("batch", "import", folder.path("run"), "--most-refused", "100%")
    #expect(accepted.status == 0 && accepted.output.contains("who chose: model 0"), "\(accepted.errors)")
    #expect(try Project.generator("audit", folder.path("run")).status == 0)
  }
}
