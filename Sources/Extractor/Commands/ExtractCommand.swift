internal import ArgumentParser
internal import Foundation
internal import Shared

struct ExtractCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract",
    abstract: "Counts, protects and signs: writes the bundle that may leave.",
    discussion: """
      Read BUNDLE/review.html before the bundle leaves: it shows everything in it. What was withheld is not printed here, as
      logs may leave the hospital; plan tells it. Example:
        cloister-extractor extract --input examples/mimic-iii --policy policies/demo.yaml \\
          --key keys/signer.key.pem --cert keys/signer.cert.pem --ledger ledger.jsonl --out bundle/
      """)

  @OptionGroup var options: ReleaseOptions

  @OptionGroup var sealing: SealOptions

  func run() throws {
    let signingKey = try SigningKey(file: sealing.key, passphraseDescriptor: sealing.passphraseDescriptor)
    let certificate = try Certificate(file: sealing.cert)
    let approved = try sealing.approvedPolicy(options.policy, certificate)
    let input = options.release
    let created = Date.now.formatted(.iso8601)
    HeldSignals.block()
    try sealing.ledger.map { file throws(CloisterError) in try Ledger.begin(file) }
    let folder = try OutputFolder(sealing.out)
    let (sandbox, signals) = try sealing.beginWork(
      options.protection, reading: [options.folder], making: [(folder.aside, folder.parent)])
    let seal = try Seal(key: signingKey, certificate: certificate, created: created, sandbox: sandbox)
    let summary = try extract(input, approved: approved, seal: seal, ledgerFile: sealing.ledger, into: folder, signals)
    sealing.printSummary(summary)
    if !sealing.json {
      Console.result("read review.html in it before it leaves; plan tells what was withheld")
    }
  }
}
