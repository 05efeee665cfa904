import Foundation
import TestSupport
import Testing

/// How the generator reaches model servers: addresses, keys, certificates, proxies, and what it says if it can't.
@Suite struct ServerConnectionTests {
  private let run: PeculiarRun
  private var folder: TemporaryFolder { run.folder }

  init() throws { run = try PeculiarRun() }

  @Test(arguments: ["insufficient_quota", "billing_hard_limit_reached"]) func anEmptyAccountEndsTheRunAtOnce(
    _ code: String
  ) throws {
    let log = folder.path("log")
    let server = try ModelServer.peculiar(["status=429", "code=\(code)", "log=\(log)"])
    let finished = try run.generate(server.url)
    #expect(finished.status == 69 && finished.errors.contains("status 429; it says: "), "\(finished.errors)")
    #expect(try run.received().count == 1)
    #expect(try !folder.names().contains("run"))
  }

  @Test(arguments: [
    ("/v1/chat/completions", "/v1/chat/completions"), ("/v1beta/openai", "/v1beta/openai/chat/completions"),
    ("/api/paas/v4", "/api/paas/v4/chat/completions"), ("/chat/completions?a=b", "/chat/completions?a=b"),
    ("/openai/deployments/d?api-version=1", "/openai/deployments/d/chat/completions?api-version=1"),
  ])
  func anAddressIsCompletedNotDoubled(_ given: String, _ path: String) throws {
    let server = try ModelServer.peculiar(["path=\(path)"])
    try run.expectTheModelChose(try run.generate(server.url + given))
  }

  @Test func theKeyGoesIntoTheHeaderThatIsNamed() throws {
    let server = try ModelServer.peculiar(["key=api-key:sk-very-secret"])
    let key = ["CLOISTER_API_KEY": "sk-very-secret\n"]
    let wrong = try run.generate(server.url, environment: key)
    #expect(wrong.status == 69 && wrong.errors.contains("bad key Bearer [key] None"), "\(wrong.errors)")
    let right = try run.generate(server.url, ["--key-header", "api-key", "--max-requests", "5"], environment: key)
    #expect(right.status == 69 && right.errors.contains("--max-requests"), "\(right.errors)")
    let resumed = try runProgram(
      Project.program("cloister-generator"), ["resume", folder.path("run")], environment: key)
    try run.expectTheModelChose(resumed)
    #expect(try runProgram("grep", ["-r", "very-secret", folder.path("run")]).status == 1)
  }

  @Test func aPrivateAuthorityIsTrustedIfItIsNamed() throws {
    try folder.write("", to: "tls/empty.pem")
    let server = try ModelServer.peculiar(["tls=\(folder.path("tls"))"])
    let refused = try run.generate(server.url)
    #expect(refused.status == 69 && refused.errors.contains("TLS: no trusted authority"), "\(refused.errors)")
    #expect(refused.errors.contains("--ca"))
    try run.expectTheModelChose(try run.generate(server.url, ["--ca", folder.path("tls/ca.pem")]))
    let wrong = try Project.generator("probe", "--model", server.url, "--ca", folder.path("tls/empty.pem"))
    #expect(wrong.status == 78, "\(wrong.errors)")
    let missing = try Project.generator("probe", "--model", server.url, "--ca", folder.path("none"))
    #expect(missing.status == 66, "\(missing.errors)")
  }

  @Test func proxiesAreHonouredAndSaid() throws {
    try folder.write("", to: "tls/empty.pem")
    let plain = try ModelServer.peculiar([])
    let secure = try ModelServer.peculiar(["tls=\(folder.path("tls"))"])
    let proxy = try ModelServer.proxy(log: folder.path("proxy"), login: "me:pass-word")
    let address = proxy.url.replacingOccurrences(of: "http://", with: "http://me:pass-word@")
    for (variable, server, method) in [("http_proxy", plain, "POST http://"), ("HTTPS_PROXY", secure, "CONNECT 127")] {
      try? FileManager.default.removeItem(atPath: folder.path("run"))
      try? FileManager.default.removeItem(atPath: folder.path("egress.jsonl"))
      let finished = try run.generate(
        server.url, ["--ca", folder.path("tls/ca.pem")], environment: [variable: address])
      try run.expectTheModelChose(finished)
      #expect(finished.errors.contains("go through the proxy \(proxy.url) (\(variable))"), "\(finished.errors)")
      #expect(!finished.errors.contains("pass-word"))
      #expect(try folder.text("proxy").contains(method))
    }
    try folder.write("", to: "proxy")
    try FileManager.default.removeItem(atPath: folder.path("run"))
    let direct = try run.generate(plain.url, environment: ["HTTP_PROXY": address, "NO_PROXY": "127.0.0.0/8"])
    #expect(direct.status == 0 && !direct.errors.contains("proxy"), "\(direct.errors)")
    #expect(try folder.text("proxy").isEmpty)
  }

  @Test func whatWentWrongOnTheWayIsSaid() throws {
    let server = try ModelServer.peculiar([])
    let slow = try ModelServer.peculiar(["slow"])
    for (url, words, extra) in [
      ("http://127.0.0.1:1", "refused the connection", []), ("http://nowhere.invalid", "(DNS)", []),
      (server.url.replacingOccurrences(of: "http:", with: "https:"), "does not use TLS", []),
      (slow.url, "time-out: no reply from the model server within 0.5 seconds", ["--timeout", "0.5"]),
    ] as [(String, String, [String])] {
      let probe = try Project.generator(["probe", "--model", url, "--patience", "1"] + extra)
      #expect(probe.status == 69 && probe.errors.contains(words), "\(url): \(probe.errors)")
    }
    for (habit, words) in [
      ("brotli", "compressed with br"), ("large=70", "larger than 64 MiB"),
      ("events-cut", "stream of events ended early"),
      ("error-200", "status 402; it says: no credits left"),
    ] {
      let peculiar = try ModelServer.peculiar([habit])
      let probe = try Project.generator("probe", "--model", peculiar.url, "--patience", "1")
      #expect(probe.status == 69 && probe.errors.contains(words), "\(habit): \(probe.errors)")
    }
  }

  @Test func theProbeCommandSaysIfAnswersCantBeUsed() throws {
    let server = try ModelServer.peculiar(["two"])
    let probe = try Project.generator("probe", "--model", server.url, "--json")
    #expect(probe.status == 75 && probe.output.contains(#""usable": false"#), "\(probe.output)\(probe.errors)")
  }

  /// A gateway that is not ours: LiteLLM's proxy in front of a server that takes no seed.
  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "\(Project.root)/.litellm/bin/python3"),
      "skipped: LiteLLM's proxy is not installed (scripts/setup gateway)"),
    .timeLimit(.minutes(3)))
  func aGatewayPassesQuestionsOn() throws {
    let server = try ModelServer.peculiar(["no=seed", "fence"])
    let gateway = try #require(try ModelServer.gateway(to: server))
    let key = ["CLOISTER_API_KEY": "sk-gateway"]
    let wrong = try run.generate(gateway.url, ["--model-name", "small"], environment: ["CLOISTER_API_KEY": "sk-wrong"])
    #expect(wrong.status == 69 && wrong.errors.contains("it says: "), "\(wrong.errors)")
    let finished = try run.generate(gateway.url, ["--model-name", "small"], environment: key)
    try run.expectTheModelChose(finished)
    #expect(finished.errors.contains("without seed"), "\(finished.errors)")
  }
}
