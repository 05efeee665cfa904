import Foundation
import TestSupport
import Testing

/// A new series of releases, and what the review page says about releases over time.
@Suite struct SeriesTests {
  private let site: TestSite
  private var folder: TemporaryFolder { site.folder }
  private var ledger: [String] { ["--ledger", folder.path("ledger")] }

  init() throws { site = try TestSite() }

  private func policy(_ name: String, _ change: (String) -> String) throws -> String {
    try folder.write(change(SmallHospital.policy), to: name)
  }

  private func extract(_ out: String, _ policy: String, _ more: [String]? = nil) throws -> Finished {
    try site.extract(out, policy: policy, more ?? ledger)
  }

  private func newSeries(_ policy: String) throws -> Finished {
    try Project.extractor(["ledger", "new-series", "--policy", policy, "--cert", site.certificate] + ledger)
  }

  /// What a page says about earlier releases.
  private func changes(_ bundle: String) throws -> String {
    let page = try folder.text("\(bundle)/review.html")
    let start = try #require(page.range(of: "<h2>Changes since the last release</h2>")?.upperBound)
    let end = try #require(page.range(of: "<h2>Tables</h2>")?.lowerBound)
    return String(page[start..<end])
  }

  /// The officer's reason stands in the policy; the ledger, the page and the manifest say that a series began.
  @Test func aNewSeriesIsNotComparedAndSaysSo() throws {
    let first = try policy("first.yaml") { $0 }
    let changed = try policy("changed.yaml") { $0.replacing("patients: 11", with: "patients: 12") }
    let reason = "From 2027 a cell needs 12 patients."
    let second = try policy("second.yaml") {
      "new-series: \(reason)\n" + $0.replacing("patients: 11", with: "patients: 12")
    }
    #expect(try extract("first", first).status == 0)
    #expect(try extract("none", changed).errors.contains("another minimum-patients"))
    #expect(try newSeries(changed).status == 78)
    let early = try extract("none", second)
    #expect(early.status == 77 && early.errors.contains("the ledger has not begun it"), "\(early.errors)")
    let begun = try newSeries(second)
    #expect(begun.status == 0 && begun.output.contains("series 2 begins after release 1"), "\(begun.errors)")
    #expect(try newSeries(second).status == 77)
    #expect(try extract("second", second).status == 0)
    #expect(try folder.text("second/manifest.json").contains("\"series\": 2,\n  \"sequence\": 2"))
    #expect(try folder.text("second/review.html").contains("The reason given: \(reason)"))
    let page = try changes("second")
    #expect(page.contains("release 1, of the series before"), "\(page)")
    #expect(page.contains("The rules: stronger (less can be published): patients that a cell needs: was 11, now 12."))
    // Later releases of the series need not give the reason again.
    #expect(try extract("third", changed).status == 0)
    #expect(try changes("third").contains("Compared with release 2."))
    // One approval begins one series.
    #expect(try newSeries(second).errors.contains("began a series before"))
    let listed = try Project.extractor("ledger", "list", folder.path("ledger"))
    #expect(listed.status == 0 && listed.output.contains(reason) && listed.output.contains("releases: 3"))
    let verified = try Project.generator(
      "verify", folder.path("third"), "--trust", site.certificate, "--memory", folder.path("sites.json"))
    #expect(verified.status == 0 && verified.output.contains("series 2"), "\(verified.errors)")
    try folder.write(try folder.text("ledger").replacing("12 patients", with: "10 patients"), to: "ledger")
    let forged = try Project.extractor("ledger", "list", folder.path("ledger"))
    #expect(forged.status == 77 && forged.errors.contains("line 2.hmac-sha256"), "\(forged.errors)")
  }

  /// A weaker policy needs its approvals before a series can begin.
  @Test func aNewSeriesNeedsThePolicysApprovals() throws {
    #expect(try extract("first", try policy("first.yaml") { $0 }).status == 0)
    let second = try policy("second.yaml") {
      "new-series: A trial\n" + $0.replacing("patients: 11}", with: "patients: 12, approvals: 1}")
    }
    let refused = try newSeries(second)
    #expect(refused.status == 77 && refused.errors.contains("requires 1 approvals"), "\(refused.errors)")
    #expect(try folder.text("ledger").split(separator: "\n").count == 1)
  }

  @Test func aPolicyWithNoiseBeginsNoSeries() throws {
    let text = try String(contentsOfFile: "\(Project.root)/policies/differential-privacy.yaml", encoding: .utf8)
    let path = try folder.write(text + "\nnew-series: More\n", to: "noise.yaml")
    let checked = try Project.extractor("policy", "check", path)
    #expect(checked.status == 78 && checked.errors.contains("new-series can't be used with noise"), "\(checked.errors)")
  }

  /// A release that was refused must leave no empty ledger, which would look as if one had been kept.
  @Test func aRefusedFirstReleaseLeavesNoLedger() throws {
    let names = try folder.names()
    let huge = try policy("huge.yaml") { $0.replacing("patients: 11", with: "patients: 5000") }
    #expect(try extract("bundle", huge).status == 77)
    #expect(try folder.names() == (names + ["huge.yaml"]).sorted())
  }

  /// Every kind of release says what was compared, and nothing else.
  @Test func thePageSaysWhatWasCompared() throws {
    let plain = try policy("first.yaml") { $0 }
    #expect(try extract("alone", plain, []).status == 0)
    #expect(try changes("alone").contains("No ledger was used"))
    #expect(try extract("first", plain).status == 0)
    #expect(try changes("first").contains("first release of this kind"))
    let more = try policy("more.yaml") { $0 + "  - table: [religion]\n" }
    #expect(try extract("second", more).status == 0)
    #expect(
      try changes("second").contains("The rules: weaker (more can be published): the table religion may be published."))
    // Releases of another source are of another kind.
    let newer = try site.extract(
      "third", from: ["--input", "\(Project.root)/examples/mimic-iv"], policy: plain, ledger)
    #expect(newer.status == 0, "\(newer.errors)")
    #expect(try changes("third").contains("first release of this kind"))
  }

  /// With noise, no attack was made and no cell is withheld for its number of patients.
  @Test func thePageOfNoisedCountsSpeaksOfNoise() throws {
    let done = try site.extract(
      "noisy", from: ["--input", "\(Project.root)/examples/mimic-iii"],
      policy: "\(Project.root)/policies/differential-privacy.yaml", ledger)
    #expect(done.status == 0, "\(done.errors)")
    let page = try folder.text("noisy/review.html")
    for words in ["too few patients", "The attack", "withheld", "add up to its own, as far"] {
      #expect(!page.contains(words), "\(words)")
    }
    #expect(page.contains("but only roughly: each cell of each table has noise of its own."))
    #expect(try changes("noisy").contains("with this one, epsilon 2 of at most 4."))
    let exact = try extract("exact", try policy("first.yaml") { $0 }, [])
    #expect(exact.status == 0)
    #expect(!(try folder.text("exact/review.html").contains("noise")))
  }
}
