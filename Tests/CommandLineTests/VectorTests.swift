import Foundation
import Shared
import TestSupport
import Testing

/// Every scenario in Tests/Vectors/bundle, judged by the program as a researcher would run it.
@Suite struct VectorTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let name: String
    let expect: String
    let exit: Int32
    let changes: [String]
    private let values: [String: String]

    var testDescription: String { name }

    init(_ name: String, _ text: String) throws {
      self.name = name
      let lines = text.split(separator: "\n").map { $0.split(separator: ":", maxSplits: 1).map(String.init) }
      values = Dictionary(lines.filter { $0[0] != "do" }.map { ($0[0], $0[1].trimmingCharacters(in: .whitespaces)) }) {
        $1
      }
      changes = lines.filter { $0[0] == "do" }.map { String($0[1].dropFirst()) }
      expect = try #require(values["expect"])
      exit = try #require(values["exit"].flatMap { Int32($0) })
    }

    func people(_ role: String, otherwise: String) -> [Substring] { (values[role] ?? otherwise).split(separator: " ") }
    var remembered: String? { values["remember"] }
  }

  private static let folder = "\(Project.root)/Tests/Vectors/bundle"

  static let vectors: [Vector] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().compactMap { name in
      (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)).flatMap { try? Vector(name, $0) }
    }
  }()

  @Test func thereAreVectorsForEveryStage() {
    #expect(Self.vectors.count >= 60)
    #expect(
      Set(Self.vectors.map(\.expect)) == [
        "none", "folder", "timestamp", "signature", "manifest", "files", "policy", "approvals", "statistics", "texts",
        "sequence",
      ])
  }

  @Test(arguments: vectors) func theStageThatMustRefuseDoes(_ vector: Vector) throws {
    let bundle = try VectorBundle()
    for change in vector.changes { try bundle.apply(change) }
    let scratch = try TemporaryFolder()
    let memory = scratch.path("sites.json")
    func named(_ option: String, _ people: [Substring]) -> [String] {
      people.isEmpty ? [] : [option] + people.map { bundle.key($0, "crt") }
    }
    let arguments =
      ["verify", bundle.path, "--memory", memory] + named("--trust", vector.people("trust", otherwise: "site"))
      + named("--approver", vector.people("approver", otherwise: "officer"))
      + named("--timestamp-trust", vector.people("timestamp", otherwise: ""))
    if let remembered = vector.remembered {
      if remembered == "same" {
        #expect(try runProgram(Project.program("cloister-generator"), arguments).status == 0)
      } else {
        let site = #"{"site": "Test Hospital", "sequence": \#(remembered), "manifest-sha256": "00"}"#
        try scratch.write(#"{"type": "cloister/sites", "format": 1, "sites": [\#(site)]}"#, to: "sites.json")
      }
    }
    let judged = try runProgram(Project.program("cloister-generator"), arguments)
    #expect(judged.status == vector.exit, "\(judged.errors)")
    if vector.expect == "none" {
      #expect(judged.output.contains("the bundle is whole and signed"))
    } else {
      #expect(judged.errors.contains("(refused at: \(vector.expect))"), "\(judged.errors)")
      #expect(judged.output.isEmpty)
    }
  }
}
