internal import ArgumentParser
internal import Foundation
internal import Shared

struct LedgerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger", abstract: "Lists a site's releases, or begins a new series of them.",
    subcommands: [LedgerListCommand.self, LedgerNewSeriesCommand.self])
}

struct LedgerListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Checks a ledger and lists its releases.",
    discussion: """
      The exit status is 77 if a line or a copy of a release was changed or lost. Example:
        cloister-extractor ledger list ledger.jsonl
      """)

  @Argument(help: "The site's ledger of releases.")
  var ledger: String

  func run() throws {
    guard FileStatus(of: ledger) != nil else {
      // Says so if its releases are still there.
      _ = try Ledger(ledger, site: nil)
      throw CloisterError(
        .inputMissing, "\(harmless(ledger)): no such file", hint: "name the file that extract got as --ledger")
    }
    let ledger = try Ledger(ledger, site: nil)
    for series in 1...ledger.next.series { _ = try ledger.earlierReleases(of: series) }
    for release in ledger.releases {
      if let series = ledger.series.first(where: { $0.series == release.series && $0.after == release.sequence - 1 }) {
        Console.result(
          "series \(series.series) begins on \(harmless(series.created)): \(harmless(series.reason, limit: 200))")
      }
      Console.result(
        "release \(release.sequence), \(harmless(release.created)): \(harmless(release.guarantee)); "
          + "policy SHA-256 \(harmless(release.policySHA256))")
    }
    Console.result("releases: \(ledger.releases.count); the next one will be in series \(ledger.next.series)")
  }
}

struct LedgerNewSeriesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new-series",
    abstract: "Begins a new series of releases, which is not compared with earlier ones.",
    discussion: """
      Use it only if the rules must change in a way that extract refuses, such as another cohort. Whoever has releases
      of both series can compute differences between them, and nothing checks these. The policy gives the reason under
      new-series, and needs its usual approvals. See docs/releases-over-time.md. Example:
        cloister-extractor ledger new-series --ledger ledger.jsonl --policy policy.yaml \\
          --cert keys/signer.cert.pem --approvers officers/
      """)

  @Option(help: "The site's ledger of releases.")
  var ledger: String

  @Option(help: "The policy of the new series, with its reason under new-series.")
  var policy: String

  @Option(help: "The site's certificate.")
  var cert: String

  @OptionGroup var approvals: ApprovalOptions

  func run() throws {
    let certificate = try Certificate(file: cert)
    let approved = try approvals.request.approved(policy: policy, certificate)
    let site = try siteName(certificate)
    let entry = try beginSeries(
      approved, inLedger: ledger, site: site, created: Date.now.formatted(.iso8601),
      onWaiting: SealOptions.noteWaiting)
    Console.result("series \(entry.series) begins after release \(entry.after)")
    Console.result("later releases are not compared with it or those before; every review page will say so")
  }
}
