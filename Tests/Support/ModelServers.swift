internal import Foundation

/// A server on 127.0.0.1 and a free port, stopped by its process id when its value goes away.
public final class ModelServer {
  public let url: String
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
    process.terminate()
    process.waitUntilExit()
  }

  /// A stand-in that answers from a scenario; see stub_model_server.py.
  public static func stub(_ scenario: String...) throws -> ModelServer {
    try ModelServer("python3", ["\(Project.root)/Tests/Support/stub_model_server.py"] + scenario)
  }

  /// The real llama.cpp server with a small model; nil where scripts/setup could not install it.
  public static func local() throws -> ModelServer? {
    let python = "\(Project.root)/.llm/bin/python3"
    guard FileManager.default.isExecutableFile(atPath: python) else { return nil }
    let server = try ModelServer(python, ["\(Project.root)/scripts/llm-server"])
    return server.url.hasPrefix("http") ? server : nil
  }
}
