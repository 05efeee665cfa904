internal import Foundation
internal import Shared

/// DuckDB, which writes the forms that are not text. It is a program of its own, or a module of Python.
struct DuckDB: Sendable {
  private let program: String
  private let arguments: [String]

  /// - Parameter choice: the program `duckdb`, or a Python that has the module duckdb; nil to look for either on the
  ///   PATH.
  /// - Throws: status 66 if there is none.
  init(_ choice: String?) throws(CloisterError) {
    var tried: [String] = []
    for name in choice.map({ [$0] }) ?? ["duckdb", "python3"] {
      guard let path = Self.onPath(name) else {
        tried.append("\(harmless(name)) is not a program\(name.contains("/") ? "" : " on the PATH")")
        continue
      }
      let isPython = path.split(separator: "/").last?.hasPrefix("python") ?? false
      let arguments =
        isPython
        ? ["-I", "-c", "import sys, duckdb; duckdb.execute(sys.stdin.read())"] : ["-bail", "-batch", ":memory:"]
      guard Self.run(path, arguments, "SELECT 1;")?.status == 0 else {
        tried.append(isPython ? "\(harmless(path)) has no module duckdb" : "\(harmless(path)) is not DuckDB")
        continue
      }
      (program, self.arguments) = (path, arguments)
      return
    }
    throw CloisterError(
      .inputMissing, "this form needs DuckDB, which was not found: \(tried.joined(separator: "; "))",
      hint: "pip install duckdb; if that Python is not the first python3 on the PATH, name it with --duckdb")
  }

  /// - Throws: status 73 if DuckDB refuses a command.
  func run(_ script: String) throws(CloisterError) {
    let result = Self.run(program, arguments, script)
    guard result?.status == 0 else {
      let reason = result.flatMap { $0.errors.split(separator: "\n").last }.map {
        ": \(harmless(String($0), limit: 300))"
      }
      throw CloisterError(
        .cannotWrite, "DuckDB could not write the files\(reason ?? "")",
        hint: "is there enough space? DuckDB 1.0 and later are known to work")
    }
  }

  private static func onPath(_ name: String) -> String? {
    if name.contains("/") { return FileManager.default.isExecutableFile(atPath: name) ? name : nil }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private static func run(_ program: String, _ arguments: [String], _ script: String) -> (
    status: Int32, errors: String
  )? {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let (input, errors) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    guard (try? process.run()) != nil else { return nil }
    try? input.fileHandleForWriting.write(contentsOf: Data(script.utf8))
    try? input.fileHandleForWriting.close()
    let text = (try? errors.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }
}
