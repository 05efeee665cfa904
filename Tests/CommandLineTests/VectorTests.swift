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

    /// - Throws: an error that says what is wrong with the file, for example a line without a known word, a repeated
    ///   word, or a stage that does not exist.
    init(_ name: String, _ text: String) throws {
      self.name = name
      var changes: [String] = []
      var values: [String: String] = [:]
      for (number, line) in text.split(separator: "\n").enumerated() {
        func wrong(_ what: String) -> ProgramFailed { ProgramFailed(what: "\(name) line \(number + 1): \(what)") }
        guard let colon = line.firstIndex(of: ":") else { throw wrong("has no colon") }
        let (word, rest) = (String(line[..<colon]), String(line[line.index(after: colon)...]))
        guard Self.words.contains(word) else { throw wrong("begins with an unknown word") }
        if word == "do" {
          guard rest.hasPrefix(" "), rest.count > 1 else { throw wrong("does nothing") }
          changes.append(String(rest.dropFirst()))
        } else if values.updateValue(rest.trimmingCharacters(in: .whitespaces), forKey: word) != nil {
          throw wrong("is there twice")
        }
      }
      guard let expect = values["expect"], VectorTests.stages.contains(expect) else {
        throw ProgramFailed(what: "\(name): expect names no stage")
      }
      guard let exit = values["exit"].flatMap(Int32.init), (exit == 0) == (expect == "none") else {
        throw ProgramFailed(what: "\(name): exit does not fit expect")
      }
      (self.expect, self.exit, self.changes, self.values) = (expect, exit, changes, values)
    }

    private static let words: Set = [
      "what", "expect", "says", "exit", "do", "trust", "authority", "approver", "timestamp", "remember", "key",
    ]

    func people(_ role: String, otherwise: String) -> [Substring] { (values[role] ?? otherwise).split(separator: " ") }
    /// What the refusal must say, so that no vector is refused for another reason than its own.
    var says: String? { values["says"] }
    var remembered: String? { values["remember"] }
    /// Whose key is remembered for the site.
    var key: Substring { values["key"].map { $0[...] } ?? "site" }
  }

  static let stages: Set = [
    "none", "folder", "timestamp", "signature", "manifest", "files", "policy", "approvals", "statistics", "texts",
    "ledger", "site", "sequence",
  ]

  private static let folder = "\(Project.root)/Tests/Vectors/bundle"

  /// How many files the folder holds: a vector that gets lost must not go unnoticed.
  private static let number = 207

  /// Every file in the folder, whatever its name: the vector or, if the file can't be read as one, the error.
  static let read: [Result<Vector, any Error>] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().map { name in
      Result { try Vector(name, String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) }
    }
  }()

  static let vectors = read.compactMap { try? $0.get() }

  @Test func everyFileIsAVectorAndNoneIsMissing() {
    for vector in Self.read { #expect(throws: Never.self) { _ = try vector.get() } }
    #expect(Self.read.count == Self.number)
    #expect(Set(Self.vectors.map(\.expect)) == Self.stages)
  }

  @Test(arguments: [
    "expect: none", "expect: nowhere\nexit: 76", "expect: none\nexit: 76", "expect: files\nexit: 76\nexit: 76",
    "expect: files\nexit: 76\ndone: flip a 1", "expect: files\nexit: 76\ndo:", "expect: files\nexit 76",
  ]) func aMalformedVectorIsRefused(_ text: String) {
    #expect(throws: ProgramFailed.self) { try Vector("x.vector", text) }
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
      + named("--authority", vector.people("authority", otherwise: ""))
      + named("--approver", vector.people("approver", otherwise: "officer"))
      + named("--timestamp-trust", vector.people("timestamp", otherwise: ""))
    if let remembered = vector.remembered {
      if remembered == "same" {
        #expect(try runProgram(Project.program("cloister-generator"), arguments).status == 0)
      } else {
        let key = try Certificate(file: bundle.key(vector.key, "crt")).keyFingerprint
        let release = #"{"source": "mimic-iii", "sequence": \#(remembered), "manifest-sha256": "00"}"#
        let site = #"{"site": "Test Hospital", "key-sha256": "\#(key)", "releases": [\#(release)]}"#
        try scratch.write(#"{"type": "cloister/sites", "format": 1, "sites": [\#(site)]}"#, to: "sites.json")
      }
    }
    let judged = try runProgram(Project.program("cloister-generator"), arguments)
    #expect(judged.status == vector.exit, "\(judged.errors)")
    if vector.expect == "none" {
      #expect(judged.output.contains("the bundle is whole and signed"))
    } else {
      #expect(judged.errors.contains("(refused at: \(vector.expect))"), "\(judged.errors)")
      if let says = vector.says { #expect(judged.errors.contains(says), "\(judged.errors)") }
      #expect(judged.output.isEmpty)
    }
  }
}
