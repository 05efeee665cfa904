internal import Foundation
internal import Glibc

/// A server on a free port of 127.0.0.1, killed by its process id when the object is destroyed.
package final class ModelServer {
  package let url: String
  private let process: Process

  /// Starts a program whose first line of output is its URL.
  private init(_ program: String, _ arguments: [String]) throws {
    process = Process()
    process.executableURL = URL(fileURLWithPath: program.contains("/") ? program : "/usr/bin/env")
    process.arguments = program.contains("/") ? arguments : [program] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte != Data("\n".utf8) {
      line += byte
    }
    url = String(decoding: line, as: UTF8.self)
  }

  deinit {
    // Not SIGTERM: a program started from one of Swift's worker threads inherits a signal mask that blocks it.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// A stub that answers from a scenario; see stub_model_server.py.
  package static func stub(_ scenario: String...) throws -> ModelServer {
    try ModelServer("python3", ["\(Project.root)/Tests/Support/stub_model_server.py"] + scenario)
  }

  /// The same over TLS, with a certificate that no authority has signed.
  package static func stubWithTLS(_ scenario: String...) throws -> ModelServer {
    try ModelServer("python3", ["\(Project.root)/Tests/Support/stub_model_server.py", "--tls"] + scenario)
  }

  /// A server with the peculiarities of real ones; see peculiar_server.py.
  package static func peculiar(_ habits: [String]) throws -> ModelServer {
    try ModelServer("python3", ["\(Project.root)/Tests/Support/peculiar_server.py"] + habits)
  }

  /// A web proxy that writes each request's method and target to a file; see proxy_server.py.
  package static func proxy(log: String, login: String? = nil) throws -> ModelServer {
    try ModelServer(
      "python3", ["\(Project.root)/Tests/Support/proxy_server.py", log] + (login.map { [$0] } ?? []))
  }

  /// LiteLLM's own proxy in front of another server; nil if scripts/setup could not install it.
  package static func gateway(to server: ModelServer) throws -> ModelServer? {
    let python = "\(Project.root)/.litellm/bin/python3"
    guard FileManager.default.isExecutableFile(atPath: python) else { return nil }
    let gateway = try ModelServer(python, ["\(Project.root)/Tests/Support/gateway.py", server.url])
    return gateway.url.hasPrefix("http") ? gateway : nil
  }

  /// A server that gives a faulty reply three times in ten; see fault_server.py.
  package static func faulty(seed: Int, log: String) throws -> ModelServer {
    try ModelServer("python3", ["\(Project.root)/Tests/Support/fault_server.py", "\(seed)", "0.3", log])
  }

  /// The real llama.cpp server with a small model; nil if scripts/setup could not install it.
  package static func local() throws -> ModelServer? {
    let python = "\(Project.root)/.llm/bin/python3"
    guard FileManager.default.isExecutableFile(atPath: python) else { return nil }
    let server = try ModelServer(python, ["\(Project.root)/scripts/llm-server"])
    return server.url.hasPrefix("http") ? server : nil
  }
}
