internal import Foundation

/// The exit status and the output of a finished program.
package struct Finished: Sendable {
  package let status: Int32
  package let output: String
  package let errors: String
}

/// Runs a program to its end.
///
/// - Parameters:
///   - program: a path, or a name to look up in PATH.
///   - input: what the program reads from standard input.
package func runProgram(
  _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
  in folder: String? = nil
) throws -> Finished {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program.contains("/") ? program : "/usr/bin/env")
  process.arguments = program.contains("/") ? arguments : [program] + arguments
  let scratch = try TemporaryFolder()
  // Each run has its own state folder, so no test remembers the releases that another one accepted.
  process.environment = ProcessInfo.processInfo.environment.merging(["XDG_STATE_HOME": scratch.path("state")]) { $1 }
    .merging(environment) { $1 }
  if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
  for name in ["out", "err"] { try scratch.write("", to: name) }
  try scratch.write(input, to: "in")
  process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: scratch.path("in")))
  process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.path("out")))
  process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.path("err")))
  try process.run()
  process.waitUntilExit()
  return Finished(
    status: process.terminationStatus, output: try scratch.text("out"), errors: try scratch.text("err"))
}

/// The built programs and the files that tests look for.
package enum Project {
  /// The folder of the programs: the one that CLOISTER_PROGRAMS names or, without that variable, the folder of the
  /// running test's executable. The variable lets the tests run the release build, where the optimiser may have broken
  /// what works in a debug build.
  package static let programs: String = {
    if let folder = ProcessInfo.processInfo.environment["CLOISTER_PROGRAMS"] { return folder }
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: own).deletingLastPathComponent().path
  }()

  /// Whether CLOISTER_EXHAUSTIVE asks for the long tests.
  package static let isExhaustive = ProcessInfo.processInfo.environment["CLOISTER_EXHAUSTIVE"] != nil

  package static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  package static func extractor(_ arguments: String..., input: String = "") throws -> Finished {
    try extractor(arguments, input: input)
  }

  package static func extractor(_ arguments: [String], input: String = "") throws -> Finished {
    try runProgram("\(programs)/cloister-extractor", arguments, input: input)
  }

  package static func generator(_ arguments: String...) throws -> Finished { try generator(arguments) }

  package static func generator(_ arguments: [String]) throws -> Finished {
    try runProgram("\(programs)/cloister-generator", arguments)
  }

  package static func program(_ name: String) -> String { "\(programs)/\(name)" }

  /// A folder of real hospital data beside the checkout; nil if it does not exist.
  package static func sharedData(_ name: String) -> String? {
    let path = "\(root)/../shared/data/\(name)"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }
}
