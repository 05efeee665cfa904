import Foundation
import TestSupport
import Testing

/// A run of four admissions, about which eleven or more questions are asked, with a peculiar model server.
struct PeculiarRun {
  let folder: TemporaryFolder
  let bundle: ExampleBundle

  init() throws {
    folder = try TemporaryFolder()
    bundle = try ExampleBundle.mimicIII.get()
  }

  func generate(
    _ url: String, _ arguments: [String] = [], environment: [String: String] = [:]
  ) throws -> Finished {
    let own = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].flatMap { [($0, ""), ($0.uppercased(), "")] }
    return try runProgram(
      Project.program("cloister-generator"),
      [
        "generate", bundle.path, "--trust", bundle.certificate, "--out", folder.path("run"), "--admissions", "4",
        "--seed", "3", "--model", url,
      ] + arguments,
      environment: Dictionary(own) { $1 }.merging(environment) { $1 })
  }

  /// Expects that the model answered everything on the first try, that the last line says so, and that everything sent
  /// derives from the run's own files.
  func expectTheModelChose(_ finished: Finished, repaired: Bool = false) throws {
    #expect(finished.status == 0, "\(finished.errors)")
    let last = finished.output.split(separator: "\n").last.map(String.init) ?? ""
    let wanted =
      repaired
      ? #"^who chose: model 0, repaired (\d+), sampler 0, of \1 questions$"#
      : #"^who chose: model (\d+), repaired 0, sampler 0, of \1 questions$"#
    #expect(last.range(of: wanted, options: .regularExpression) != nil, "\(last)\n\(finished.errors)")
    #expect(try Project.generator("status", folder.path("run")).output.hasSuffix(last + "\n"))
    let audit = try Project.generator("audit", folder.path("run"), "--log", folder.path("egress.jsonl"))
    #expect(audit.status == 0, "\(audit.output)")
  }

  /// The bodies, headers and paths that the server received.
  func received() throws -> [[String: Any]] {
    try folder.text("log").split(separator: "\n").compactMap {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
  }
}
