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

  @Option(help: "The folder to write the bundle to; it must not exist.")
  var out: String

  @Option(help: "The site's ledger of releases; without one, the bundle is numbered 1.")
  var ledger: String?

  @Option(name: .customLong("passphrase-fd"), help: "Read the key's passphrase from this open file descriptor.")
  var passphraseDescriptor: Int32?

  @Flag(help: "Print the summary as JSON, for scripts.")
  var json = false

  func run() throws {
    let descriptor = passphraseDescriptor
    let signingKey = try SigningKey(file: key) { () throws(CloisterError) in
      if let descriptor { return try Passphrase.read(fromDescriptor: descriptor) }
      return try Passphrase.ask("Passphrase of the signing key: ")
    }
    let seal = try Seal(
      key: signingKey, certificate: try Certificate(file: cert), created: Date.now.formatted(.iso8601))
    let summary = try extract(options.release, seal: seal, ledgerFile: ledger, to: out)
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
}
