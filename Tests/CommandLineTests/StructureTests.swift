import Foundation
import TestSupport
import Testing

/// Runs the check of the folder order on small programs made for this test.
@Suite struct StructureTests {
  /// What the check says about two folders, with One before Two.
  private func breaches(one: String, two: String) throws -> [String] {
    let folder = try TemporaryFolder()
    try folder.write("# Contributing\n\n    Program: One → Two\n", to: "CONTRIBUTING.md")
    try folder.write(one, to: "Sources/Program/One/First.swift")
    try folder.write(two, to: "Sources/Program/Two/Second.swift")
    let script =
      "import sys, pathlib, folder_order; print(*folder_order.breaches(pathlib.Path(sys.argv[1])), sep='\\n')"
    let done = try runProgram(
      "python3", ["-B", "-c", script, folder.path("")], environment: ["PYTHONPATH": "\(Project.root)/scripts"])
    #expect(done.status == 0, "\(done.errors)")
    return done.output.split(separator: "\n").map(String.init)
  }

  private let second =
    "struct Later {}\nfunc follow(_ number: Int) {}\nextension Int {\n  var isLate: Bool { true }\n}\n"

  @Test(arguments: [
    "func lead() { _ = Later() }", "func lead() { follow(1) }", "let lead = [1].filter(\\.isLate)",
    "let text = \"so \\(Later())\"", "func lead(_ later: Later) {}", "let lead = [1].forEach(follow)",
  ]) func aBackwardCallIsABreach(_ first: String) throws {
    let found = try breaches(one: first, two: second)
    #expect(found.count == 1, "\(found)")
    #expect(found.first?.contains("Sources/Program/One/First.swift") == true, "\(found)")
  }

  @Test(arguments: [
    "/// Unlike `Later`.\nstruct First {}", "let text = \"Later\"", "struct First { func follow() {} }",
    "enum First { case isLate }\nlet it = First.isLate",
  ]) func wordsAreNotCalls(_ first: String) throws {
    #expect(try breaches(one: first, two: second).isEmpty)
  }

  @Test func aFolderMustBeInTheOrder() throws {
    let folder = try TemporaryFolder()
    try folder.write("    Program: One\n", to: "CONTRIBUTING.md")
    try folder.write("", to: "Sources/Program/Other/First.swift")
    let done = try runProgram(
      "python3", ["-B", "-c", "import pathlib, folder_order; print(folder_order.breaches(pathlib.Path('.')))"],
      environment: ["PYTHONPATH": "\(Project.root)/scripts"], in: folder.path(""))
    #expect(done.output.contains("does not name the folder Other"))
    #expect(done.output.contains("names One, which has no file"))
  }
}
