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
        statisticsSHA256: "s", guarantee: "g")
      try ledger.append(entry, manifest: [UInt8(release)])
    }
  }

  @Test func theNextReleaseNamesTheLast() throws {
    let next = try Ledger(path, site: "Site").next
    #expect(next.sequence == 4)
    #expect(next.previousManifest == SHA256.hexadecimal([3]))
    let last = try #require(try folder.text("ledger.jsonl").split(separator: "\n").last)
    #expect(next.previousLine == SHA256.hexadecimal(Array(last.utf8)))
  }

  @Test func aReleaseThatDoesNotKnowTheLastIsRefused() throws {
    let early = try Ledger(path, site: "Site")
    let entry = LedgerEntry(
      site: "Site", place: early.next, created: "c", policySHA256: "p", statisticsSHA256: "s", guarantee: "g")
    try early.append(entry, manifest: [4])
    let error = #expect(throws: CloisterError.self) { try early.append(entry, manifest: [5]) }
    #expect(error?.status == .releaseRefused)
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
    ]
    for content in broken {
      try folder.write(content, to: "ledger.jsonl")
      let error = #expect(throws: CloisterError.self) { try Ledger(path, site: "Site") }
      #expect(error?.status == .releaseRefused)
    }
  }
}
