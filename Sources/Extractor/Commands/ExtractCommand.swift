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

  @Option(help: "The signing key, as keygen makes it.")
  var key: String

  @Option(help: "The certificate that belongs to the key.")
  var cert: String

  @Option(help: "The policy's approvals, as policy approve makes them; POLICY.p7s where the policy asks for any.")
  var approvals: String?

  @Option(
    parsing: .upToNextOption, help: "Certificates of those who may approve policies: PEM files, or folders of them.")
  var approvers: [String] = []

  @Option(help: "The folder to write the bundle to; it must not exist.")
  var out: String

  @Option(help: "The site's ledger of releases; without one, the bundle is numbered 1.")
  var ledger: String?

  @Option(name: .customLong("passphrase-fd"), help: "Read the key's passphrase from this open file descriptor.")
  var passphraseDescriptor: Int32?

  @Flag(help: "Print the summary as JSON, for scripts.")
  var json = false

  func run() throws {
    let signingKey = try SigningKey(file: key, passphraseDescriptor: passphraseDescriptor)
    let certificate = try Certificate(file: cert)
    let approved = try approvedPolicy(certificate)
    let input = options.release
    let created = Date.now.formatted(.iso8601)
    HeldSignals.block()
    try ledger.map { file throws(CloisterError) in try Ledger.begin(file) }
    let folder = try OutputFolder(out)
    let sandbox = try options.enter(
      Sandbox(writable: [folder.aside], inOut: ledger.map(Ledger.files) ?? [], renaming: [folder.parent]))
    let signals = HeldSignals { [aside = folder.aside] signal in
      removeTree(aside)
      signal.endProgram()
    }
    HeldSignals.unblock()
    let seal = try Seal(key: signingKey, certificate: certificate, created: created, sandbox: sandbox)
    let summary = try extract(input, approved: approved, seal: seal, ledgerFile: ledger, into: folder, signals)
    let cells = summary.losses.reduce(0) { $0 + $1.publishedCells }
    if json {
      let result: JSONValue = [
        "bundle": .string(out), "guarantee": .string(summary.guarantee), "schema": .string(summary.schema.rawValue),
        "tables": .integer(summary.losses.count), "cells": .integer(cells),
      ]
      Console.result(result.compact())
    } else {
      Console.result("source: \(summary.schema.title)")
      Console.result("guarantee: \(summary.guarantee)")
      Console.result("\(Console.harmless(out)): \(summary.losses.count) tables with \(cells) cells")
      Console.result("read review.html in it before it leaves; plan tells what was withheld")
    }
  }

  private func approvedPolicy(_ certificate: borrowing Certificate) throws(CloisterError) -> ApprovedPolicy {
    let policy = try readPolicy(options.policy)
    let usual = "\(options.policy).p7s"
    let isThere = FileStatus(of: usual) != nil
    let file = approvals ?? (policy.protection.approvals > 0 && isThere ? usual : nil)
    let signatures = try file.map(readApprovals)
    return try ApprovedPolicy(policy, signatures: signatures, approvers: approvers, certificate: certificate)
  }
}
