internal import Foundation

/// A hospital's own SQL engine, run by `warehouse.py` in a process of its own that ends with the tests.
package final class WarehouseEngine: @unchecked Sendable {
  package let name: String
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let scratch: TemporaryFolder
  private var loaded: String?

  /// Python with the engines, as `scripts/setup warehouse` installs it; nil if it is not installed.
  package static let python: String? = {
    let path = "\(Project.root)/.warehouse/bin/python3"
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }()

  /// An error of an engine, or its unexpected end.
  package struct Failure: Error { package let text: String }

  package init(_ name: String) throws {
    self.name = name
    scratch = try TemporaryFolder()
    process.executableURL = URL(fileURLWithPath: Self.python ?? "")
    process.arguments = ["\(Project.root)/Tests/Support/warehouse.py", name, scratch.path]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  /// Loads a folder of tables, unless they are already loaded.
  package func load(_ folder: String) throws {
    if loaded == folder { return }
    loaded = nil
    try ask(["load": folder])
    loaded = folder
  }

  /// Runs the queries in a file, and writes their results to `folder`.
  package func run(_ script: String, into folder: String) throws { try ask(["run": script, "into": folder]) }

  /// Runs a statement that makes a view; the next `load` replaces it.
  package func execute(_ statement: String) throws {
    loaded = nil
    try ask(["execute": statement])
  }

  private func ask(_ command: [String: String]) throws {
    try input.fileHandleForWriting.write(contentsOf: try JSONEncoder().encode(command) + Data("\n".utf8))
    var line = Data()
    while line.last != UInt8(ascii: "\n") {
      let next = output.fileHandleForReading.readData(ofLength: 1)
      guard !next.isEmpty else { throw Failure(text: "\(name) ended") }
      line += next
    }
    let answer = String(decoding: line, as: UTF8.self)
    guard answer.hasPrefix("{\"seconds\"") else { throw Failure(text: "\(name): \(answer)") }
  }
}
