internal import ArgumentParser
internal import Foundation
internal import Shared

/// The options that say who approved the policy.
struct ApprovalOptions: ParsableArguments {
  @Option(help: "The policy's approvals, made with policy approve; by default POLICY.p7s if the policy asks for any.")
  var approvals: String?

  @Option(
    parsing: .upToNextOption, help: "Certificates of people who may approve policies: PEM files, or folders of them.")
  var approvers: [String] = []

  var request: ApprovalRequest { ApprovalRequest(approvals: approvals, approvers: approvers) }
}

/// The options that `extract` and `evaluate` share. They concern the signature, the approvals that must come first, and
/// the output.
struct SealOptions: ParsableArguments {
  @Option(help: "The signing key, made with keygen.")
  var key: String

  @Option(help: "The certificate that belongs to the key.")
  var cert: String

  @OptionGroup var approving: ApprovalOptions

  @Option(help: "The folder to write the bundle to; it must not exist.")
  var out: String

  @Option(help: "The site's ledger of releases; without one, the bundle is numbered 1.")
  var ledger: String?

  @Option(name: .customLong("passphrase-fd"), help: "Read the key's passphrase from this open file descriptor.")
  var passphraseDescriptor: Int32?

  @Flag(
    help: "Confirm that no codes have lost their leading zeros, although they look so; the manifest records it.")
  var codesAreWhole = false

  @Flag(help: "Print the summary as JSON, for scripts.")
  var json = false

  /// The options as a request, together with the policy's file.
  /// - Parameter report: the folder of the report that stays inside the hospital, if there is one.
  func request(policy: String, report: String? = nil) -> SealRequest {
    SealRequest(
      policyFile: policy, keyFile: key, certificateFile: cert, passphraseDescriptor: passphraseDescriptor,
      approvals: approving.request, out: out, report: report, ledger: ledger,
      codesAreWhole: codesAreWhole, created: Date.now.formatted(.iso8601))
  }

  /// Tells a person why nothing happens for now.
  static func noteWaiting() {
    Console.note("note: another release is being made with this ledger; waiting until it ends")
  }

  /// Prints what was written, or ends the program by the signal that stopped the work.
  func printSummary(_ release: SealedRelease, more: [JSONMember] = []) {
    for note in release.summary.notes { Console.note("note: \(note)") }
    if ledger == nil {
      Console.note(
        "note: without --ledger, nothing compares this release with earlier and later ones; keep one ledger for all "
          + "releases of the hospital")
    }
    if let number = release.number, let ledger, number == 1 {
      Console.note(
        "note: \(harmless(ledger)) had no release yet, so this is release 1; if the hospital has released before, its "
          + "ledger is elsewhere or lost: don't let this bundle leave, and see docs/releases-over-time.md")
    }
    if case .stopped(let signal) = release.ending { signal.endProgram() }
    let summary = release.summary
    let cells = summary.losses.reduce(0) { $0 + $1.publishedCells }
    if json {
      Console.result(
        JSONValue.object(
          [
            JSONMember("bundle", .string(out)), JSONMember("guarantee", .string(summary.guarantee)),
            JSONMember("schema", .string(summary.schema.rawValue)),
            JSONMember("release", .optional(release.number) { .integer($0) }),
            JSONMember("tables", .integer(summary.losses.count)), JSONMember("cells", .integer(cells)),
          ] + more
        ).compact())
    } else {
      Console.result("source: \(summary.schema.title)")
      Console.result("guarantee: \(summary.guarantee)")
      let number = release.number.map { "release \($0), " } ?? ""
      Console.result("\(harmless(out)): \(number)\(summary.losses.count) tables with \(cells) cells")
    }
  }
}
