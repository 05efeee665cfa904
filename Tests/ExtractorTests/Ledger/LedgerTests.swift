import Foundation
import Shared
import TestSupport
import Testing

@testable import Extractor

@Suite struct LedgerTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("ledger.jsonl")
    for release in 1...3 {
      let ledger = try Ledger(path, site: "Site")
      #expect(ledger.next.sequence == release)
      let entry = LedgerEntry(
        site: "Site", place: ledger.next, created: "2026-01-0\(release)T00:00:00Z", policySHA256: "p",
        statisticsSHA256: "s", guarantee: "g", epsilon: nil)
      try ledger.append(entry, manifest: [UInt8(release)], statistics: [], policy: [])
    }
  }

  @Test func theNextReleaseNamesTheLast() throws {
    let next = try Ledger(path, site: "Site").next
    #expect(next.sequence == 4)
    #expect(next.previousManifest == SHA256.hexadecimal([3]))
    let last = try #require(try folder.text("ledger.jsonl").split(separator: "\n").last)
    #expect(next.previousLine == SHA256.hexadecimal(Array(last.utf8)))
  }

  @Test func theLineKeepsHowCodesWereCounted() throws {
    let ledger = try Ledger(path, site: "Site")
    var categories = CodeCategories.none
    categories.insert(["428*", "other", "10:I50*"], .diagnosis)
    let entry = LedgerEntry(
      site: "Site", place: ledger.next, created: "c", policySHA256: "p", statisticsSHA256: "s", guarantee: "g",
      epsilon: nil)
    try ledger.append(entry, manifest: [4], statistics: [], policy: [], counting: categories)
    let releases = try Ledger(path, site: "Site").releases
    #expect(releases.map(\.codeCategories) == [.none, .none, .none, categories])
  }

  @Test func aReleaseThatDoesNotKnowTheLastIsRefused() throws {
    let early = try Ledger(path, site: "Site")
    let entry = LedgerEntry(
      site: "Site", place: early.next, created: "c", policySHA256: "p", statisticsSHA256: "s", guarantee: "g",
      epsilon: nil)
    try early.append(entry, manifest: [4], statistics: [], policy: [])
    let error = #expect(throws: CloisterError.self) {
      try early.append(entry, manifest: [5], statistics: [], policy: [])
    }
    #expect(error?.status == .releaseRefused)
  }

  private func noisy(_ epsilon: String, budget: String) throws -> Policy.Noise? {
    let text = """
      cloister-policy: 1
      title: T
      owner: O
      protection:
        minimum-patients: 20
        noise: {epsilon: \(epsilon), budget: \(budget), admissions-per-patient: 1, codes-per-admission: 1}
      release:
        - table: [gender]
      """
    return try Policy(parsing: Array(text.utf8), file: "p").protection.noise
  }

  @Test func epsilonIsAddedUpAndRefusedBeyondTheBudget() throws {
    let path = folder.path("noisy.jsonl")
    for release in 1...3 {
      let ledger = try Ledger(path, site: "Site")
      try ledger.requireRoom(for: try noisy("0.3", budget: "0.9"))
      try ledger.append(
        LedgerEntry(
          site: "Site", place: ledger.next, created: "c\(release)", policySHA256: "p", statisticsSHA256: "s",
          guarantee: "g", epsilon: Epsilon("0.3")), manifest: [UInt8(release)], statistics: [], policy: [])
    }
    let ledger = try Ledger(path, site: "Site")
    let error = #expect(throws: CloisterError.self) {
      try ledger.requireRoom(for: try noisy("0.000001", budget: "0.9"))
    }
    #expect(error?.status == .releaseRefused)
    #expect(error?.what.contains("epsilon 0.9 of the policy's budget of 0.9 is spent") == true)
    try ledger.requireRoom(for: try noisy("0.1", budget: "1"))
  }

  @Test func exactCountsAndNoiseDoNotMix() throws {
    let error = #expect(throws: CloisterError.self) {
      try Ledger(path, site: "Site").requireRoom(for: try noisy("1", budget: "9"))
    }
    #expect(error?.status == .releaseRefused)
    try Ledger(path, site: "Site").requireRoom(for: nil)
  }

  @Test func aCopyThatIsNotWhatWasPublishedIsRefused() throws {
    let error = #expect(throws: CloisterError.self) { try Ledger(path, site: "Site").earlierReleases() }
    #expect(error?.status == .releaseRefused)
    #expect(error?.what.contains("ledger.jsonl.releases/1/policy.yaml") == true)
  }

  @Test func anotherSitesLedgerIsRefused() {
    #expect(throws: CloisterError.self) { try Ledger(path, site: "Other") }
  }

  @Test func aChangedLostOrMovedLineIsRefused() throws {
    let text = try folder.text("ledger.jsonl")
    let lines = text.split(separator: "\n").map(String.init)
    let broken = [
      text.replacingOccurrences(of: "2026-01-01", with: "2026-01-09"), [lines[0], lines[2]].joined(separator: "\n"),
      [lines[1], lines[0], lines[2]].joined(separator: "\n"), lines.dropFirst().joined(separator: "\n"),
      text + "{\"entry\":",
      // The chain doesn't cover the last line; its code does.
      text.replacingOccurrences(of: "2026-01-03", with: "2026-01-09"),
      text.replacingOccurrences(of: "\"guarantee\": \"g\"", with: "\"guarantee\": \"h\""),
    ]
    for content in broken {
      try folder.write(content, to: "ledger.jsonl")
      let error = #expect(throws: CloisterError.self) { try Ledger(path, site: "Site") }
      #expect(error?.status == .releaseRefused)
    }
  }

  /// The copies beside the ledger show how many lines it had.
  @Test func aLedgerThatLostItsLastLinesIsRefused() throws {
    let lines = try folder.text("ledger.jsonl").split(separator: "\n").map(String.init)
    try folder.write(lines[0] + "\n", to: "ledger.jsonl")
    let shorter = #expect(throws: CloisterError.self) { try Ledger(path, site: "Site") }
    #expect(shorter?.status == .releaseRefused)
    #expect(shorter?.what.hasSuffix("but the ledger has only 1 release") == true, "\(shorter?.what ?? "")")
    try FileManager.default.removeItem(atPath: path)
    let missing = #expect(throws: CloisterError.self) { try Ledger(path, site: "Site") }
    #expect(missing?.what.hasSuffix("but the ledger is missing") == true)
    #expect(throws: CloisterError.self) { _ = try BegunLedger(path) }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  /// A program that was killed after it wrote its line left the copy unfinished; one that was killed before left a copy
  /// of a release that nobody got.
  @Test func theCopyOfAKilledReleaseIsFinishedOrRemoved() throws {
    let ledger = try Ledger(path, site: "Site")
    let entry = LedgerEntry(
      site: "Site", place: ledger.next, created: "c", policySHA256: "p", statisticsSHA256: SHA256.hexadecimal([1]),
      guarantee: "g", epsilon: nil)
    try ledger.append(entry, manifest: [4], statistics: [1], policy: [])
    let copies = folder.path("ledger.jsonl.releases")
    try FileManager.default.moveItem(atPath: "\(copies)/4", toPath: "\(copies)/4.incomplete-123")
    try FileManager.default.copyItem(atPath: "\(copies)/4.incomplete-123", toPath: "\(copies)/5.incomplete-124")
    _ = try BegunLedger(path)
    #expect(try folder.names("ledger.jsonl.releases") == ["1", "2", "3", "4"])
  }
}
