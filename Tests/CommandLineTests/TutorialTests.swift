import Foundation
import TestSupport
import Testing

/// The commands of README.md and docs/, as a reader would type them.
@Suite struct TutorialTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["examples", "scripts"] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.path(name), withDestinationPath: "\(Project.root)/\(name)")
    }
    try FileManager.default.copyItem(atPath: "\(Project.root)/policies", toPath: folder.path("policies"))
    // The small policy takes the place of the one that the pages name, whose attack takes minutes.
    try folder.write(try folder.text("policies/demo.yaml"), to: "policies/cms-k11.yaml")
  }

  /// A block of commands in a page, and whether the page says that the test can't run it.
  private struct Block {
    let text: String
    let line: Int
    let isRun: Bool
  }

  /// The blocks without a language, in order. A comment before a block says why it isn't run.
  private static func blocks(_ page: String) throws -> [Block] {
    let lines = try String(contentsOfFile: "\(Project.root)/\(page)", encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    var blocks: [Block] = []
    var open: (line: Int, isShell: Bool)?
    for (number, line) in lines.enumerated() where line.hasPrefix("```") {
      guard let start = open else {
        open = (number, line == "```")
        continue
      }
      if start.isShell {
        blocks.append(
          Block(
            text: lines[start.line + 1..<number].joined(separator: "\n"), line: start.line + 1,
            isRun: start.line == 0 || !lines[start.line - 1].hasPrefix("<!-- not tested:")))
      }
      open = nil
    }
    return blocks
  }

  private func run(_ page: String, _ blocks: [Block]) throws {
    for block in blocks where block.isRun {
      let done = try runProgram(
        "bash", ["-euo", "pipefail", "-c", block.text], input: "yes\nyes\n",
        environment: [
          "PATH": "\(Project.programs):\(ProcessInfo.processInfo.environment["PATH"] ?? "")",
          "XDG_STATE_HOME": folder.path("state"),
        ], in: folder.path(""))
      try #require(done.status == 0, "\(page) line \(block.line): \(done.status)\n\(done.errors)")
    }
  }

  /// The officer approves a policy, hospital IT releases under it, and the officer looks at the release.
  @Test func theOfficersAndHospitalITsPagesWork() throws {
    let officer = try Self.blocks("docs/officer.md")
    let site = try Self.blocks("docs/hospital-it.md")
    #expect(officer.count { $0.isRun } >= 6 && site.count { $0.isRun } >= 10)
    let policy = try folder.text("policies/cms-k11.yaml")
    try folder.write(
      policy.replacingOccurrences(of: "approvals: 0", with: "approvals: 2")
        .replacingOccurrences(of: "owner: .*", with: "owner: Privacy Office", options: .regularExpression),
      to: "our-policy.yaml")
    try run("docs/officer.md", officer.filter { !$0.text.contains("bundle-1") })
    try run("docs/hospital-it.md", site)
    try run("docs/officer.md", officer.filter { $0.text.contains("bundle-1") })
    #expect(try folder.text("bundle-3/review.html").contains("Ada Officer, certificate SHA-256"))
    #expect(try folder.names("evaluation").contains("statistics.json"))
  }

  @Test func theResearchersPageWorks() throws {
    let blocks = try Self.blocks("docs/researcher.md")
    #expect(blocks.count { $0.isRun } >= 6)
    try run("docs/researcher.md", blocks)
    #expect(try folder.names("run").contains("score.html"))
  }

  /// The pages with commands.
  private static let pages: [String] = {
    let docs = (try? FileManager.default.subpathsOfDirectory(atPath: "\(Project.root)/docs")) ?? []
    return ["README.md", "policies/README.md", "knowledge/README.md", "examples/README.md"]
      + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
  }()

  /// Every command in every page, and in every help text that these commands have, exists with each of its options.
  /// Placeholders can't be run.
  @Test func everyCommandInThePagesExists() throws {
    var open: [(line: String, place: String)] = []
    for page in Self.pages {
      for block in try Self.blocks(page) {
        open += Self.commands(block.text).map { ($0, "\(page) line \(block.line)") }
      }
    }
    #expect(open.count > 40)
    var help: [String: String] = [:]
    while let (line, place) = open.popLast() {
      let words = line.split(separator: " ").prefix { $0 != "#" }.map(String.init)
      let command = words.prefix { $0.allSatisfy { $0.isLowercase || $0 == "-" } && !$0.hasPrefix("--") }
      let known = ["policy", "ledger", "sites", "batch"].contains(command.dropFirst().first ?? "") ? 3 : 2
      let name = command.prefix(known).joined(separator: " ")
      if help[name] == nil {
        let shown = try runProgram(
          Project.program(command[0]), Array(command.dropFirst().prefix(known - 1)) + ["--help"])
        #expect(shown.status == 0 && shown.output.contains("USAGE: \(name)"), "\(place): \(name)")
        help[name] = shown.output
        open += Self.commands(shown.output).map { ($0, "the help of \(name)") }
      }
      for option in words where option.hasPrefix("--") {
        #expect(help[name]?.contains("\(option)") == true, "\(place): \(name) \(option)")
      }
    }
    #expect(help.count > 20)
  }

  /// The lines of a text that are commands, with their continuations.
  private static func commands(_ text: String) -> [String] {
    text.replacingOccurrences(of: "\\\n", with: " ").split(separator: "\n")
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0.hasPrefix("cloister-") }
  }
}
