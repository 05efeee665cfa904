import Foundation
import Shared
import TestSupport
import Testing

@testable import Generator

@Suite struct KnowledgeTests {
  @Test func thePackIsWholeAndHasSources() throws {
    let pack = try KnowledgePack.builtIn()
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(Project.root)/knowledge")
      .filter { $0.hasSuffix(".md") && $0 != "README.md" }
    #expect(pack.entries.count == files.count, "knowledge.c and the folder knowledge/ differ")
    #expect(pack.entries.count >= 60)
    #expect(Set(pack.entries.map(\.title)).count == files.count)
    for entry in pack.entries {
      #expect(!entry.sources.isEmpty && entry.text.count > 80, "\(entry.title)")
      #expect(entry.codes[9]?.isEmpty == false && entry.codes[10]?.isEmpty == false, "\(entry.title)")
    }
    #expect(pack.entries.count { !$0.ccs.isEmpty } >= 60)
  }

  @Test func noCodeStandsInTwoEntries() throws {
    var seen: [String: String] = [:]
    for entry in try KnowledgePack.builtIn().entries {
      for (version, codes) in entry.codes {
        for code in codes {
          #expect(seen["\(version):\(code)"] == nil, "\(code): \(entry.title)")
          seen["\(version):\(code)"] = entry.title
        }
      }
    }
  }

  @Test(arguments: [
    ("4280", "Heart failure"), ("10:I509", "Heart failure"), ("9:4280", "Heart failure"),
    ("51881", "Acute respiratory failure"),
    ("10:A419", "Sepsis"), ("38611", "Diseases of the nervous system"), ("V3001", "Newborn and prematurity"),
    ("99662", "Infection of a device or a wound"), ("9961", "Complication of an implant, graft or operation"),
    ("10:J0190", "Diseases of the respiratory system"),
  ])
  func theLongestCodeIsFoundThenTheChapter(_ code: String, _ title: String) throws {
    #expect(try KnowledgePack.builtIn().text(about: code, title: nil)?.title == title)
  }

  @Test func whatNobodyKnowsIsNothing() throws {
    #expect(try KnowledgePack.builtIn().text(about: "V5861", title: nil) == nil)
    #expect(try KnowledgePack.builtIn().text(about: "missing", title: nil) == nil)
  }

  @Test(arguments: [("text\n", 1), ("# A\nicd9: 1\n\nx\n", 2), ("# A\nicd-9: 1\n", 1), ("# A\n\nx\n", 3)])
  func aWrongEntryIsRefusedWithItsLine(_ text: String, _ line: Int) {
    let error = #expect(throws: CloisterError.self) { try KnowledgePack(files: ["own.md": Array(text.utf8)]) }
    #expect(error?.what.contains("own.md, line \(line)") == true, "\(error?.what ?? "")")
  }

  /// Invented replies in the service's two formats.
  private static let nested = """
    {"feed": {"title": {"_value": "MedlinePlus Connect", "type": "text"}, "entry": [
      {"title": {"_value": "Pacemakers and Implantable Defibrillators", "type": "text"},
       "summary": {"_value": "<p>A device.</p>", "type": "html"}},
      {"title": {"_value": "Heart Failure", "type": "text"},
       "summary": {"_value": "<p>Fluid &amp; weakness.<br/>It is <b>common</b>.</p>", "type": "html"}}]}}
    """
  private static let flat =
    #"{"feed": {"entry": {"title": "Heart Failure", "content": "Fluid &amp; weakness. It is common."}}}"#
  private static let empty = #"{"feed": {"title": "x", "entry": []}}"#

  @Test(arguments: [nested, flat]) func bothShapesOfAReplyAreRead(_ text: String) throws {
    let best = try #require(
      MedlinePlus.best(try JSONValue(parsing: text), title: "Congestive heart failure, unspecified"))
    #expect(best.title == "Heart Failure")
    #expect(best.text == "Fluid & weakness. It is common .".replacing(" .", with: text == Self.flat ? "." : " ."))
  }

  @Test func theFirstEntryIsNotBelieved() throws {
    #expect(MedlinePlus.best(try JSONValue(parsing: Self.nested), title: "Gout") == nil)
    #expect(MedlinePlus.best(try JSONValue(parsing: Self.nested), title: nil) == nil)
    #expect(MedlinePlus.best(try JSONValue(parsing: Self.flat), title: nil)?.title == "Heart Failure")
    #expect(MedlinePlus.best(try JSONValue(parsing: Self.empty), title: "Gout") == nil)
  }

  private actor Service {
    private(set) var addresses: [String] = []
    private var replies: [WebClient.Reply]
    init(_ replies: [(Int, String)]) {
      self.replies = replies.map { WebClient.Reply(status: $0.0, body: Array($0.1.utf8), retryAfter: nil) }
    }
    func next(_ address: String) -> WebClient.Reply {
      addresses.append(address)
      return replies.count > 1 ? replies.removeFirst() : replies[0]
    }
  }

  private func source(_ service: Service, _ cache: String) throws -> MedlinePlus {
    MedlinePlus(cache: cache, fallback: try KnowledgePack.builtIn(), requestsPerMinute: 60_000) {
      await service.next($0)
    }
  }

  @Test func aCodeIsAskedOnceThenItsCategoryThenThePack() async throws {
    let folder = try TemporaryFolder()
    let service = Service([(503, ""), (200, Self.empty), (200, Self.nested)])
    let text = try await source(service, folder.path("cache")).text(about: "4280", title: "Heart failure, unspecified")
    #expect(text?.title == "Heart Failure")
    let addresses = await service.addresses
    #expect(addresses.count == 3)
    #expect(addresses[0].contains("2.16.840.1.113883.6.103&mainSearchCriteria.v.c=428.0&"))
    #expect(addresses[2].contains("mainSearchCriteria.v.c=428&"))
    // The same text now comes from disk, without a request to the service.
    let silent = Service([(500, "")])
    let again = try await source(silent, folder.path("cache")).text(about: "4280", title: "Heart failure, unspecified")
    #expect(again == text)
    #expect(await silent.addresses.isEmpty)
    let nothing = Service([(200, Self.empty)])
    let pack = try await source(nothing, folder.path("other")).text(about: "10:I509", title: "Heart failure")
    #expect(pack?.source == "built-in: Heart failure")
    #expect(await nothing.addresses[0].contains("2.16.840.1.113883.6.90&mainSearchCriteria.v.c=I50.9&"))
  }

  @Test func aServiceThatIsGoneEndsTheRun() async throws {
    let folder = try TemporaryFolder()
    let service = Service([(500, "")])
    let error = await #expect(throws: CloisterError.self) {
      try await source(service, folder.path("cache")).text(about: "4280", title: "x")
    }
    #expect(error?.status == .modelUnreachable)
  }
}
