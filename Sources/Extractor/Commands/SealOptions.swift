internal import ArgumentParser
internal import Shared

/// What `extract` and `evaluate` sign with, and what they demand before.
struct SealOptions: ParsableArguments {
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

  /// The policy of a file, with the approvals that it demands.
  func approvedPolicy(_ file: String, _ certificate: borrowing Certificate) throws(CloisterError) -> ApprovedPolicy {
    let policy = try readPolicy(file)
    let usual = "\(file).p7s"
    let isThere = FileStatus(of: usual) != nil
    let signed = approvals ?? (policy.protection.approvals > 0 && isThere ? usual : nil)
    let signatures = try signed.map(readApprovals)
    return try ApprovedPolicy(policy, signatures: signatures, approvers: approvers, certificate: certificate)
  }

  /// Enters the sandbox, with room for the folders that are made and the ledger, and removes those folders when a signal ends the program. To be called
  /// while signals are blocked, as no thread may have started; lets them come again.
  ///
  /// - Returns: what the manifest says of the sandbox, and what holds signals back.
  func beginWork(
    _ protection: WorkOptions, reading folders: [String], making places: [(aside: String, parent: String)]
  ) throws(CloisterError) -> (sandbox: String, signals: HeldSignals) {
    let sandbox = try protection.enter(
      Sandbox(
        writable: places.map(\.aside), inOut: ledger.map(Ledger.files) ?? [], renaming: places.map(\.parent)),
      reading: folders)
    let signals = HeldSignals { [asides = places.map(\.aside)] signal in
      for aside in asides { removeTree(aside) }
      signal.endProgram()
    }
    HeldSignals.unblock()
    return (sandbox, signals)
  }

  /// Says what was written.
  func printSummary(_ summary: ReleaseSummary, more: [JSONMember] = []) {
    let cells = summary.losses.reduce(0) { $0 + $1.publishedCells }
    if json {
      Console.result(
        JSONValue.object(
          [
            JSONMember("bundle", .string(out)), JSONMember("guarantee", .string(summary.guarantee)),
            JSONMember("schema", .string(summary.schema.rawValue)),
            JSONMember("tables", .integer(summary.losses.count)), JSONMember("cells", .integer(cells)),
          ] + more
        ).compact())
    } else {
      Console.result("source: \(summary.schema.title)")
      Console.result("guarantee: \(summary.guarantee)")
      Console.result("\(Console.harmless(out)): \(summary.losses.count) tables with \(cells) cells")
    }
  }
}
