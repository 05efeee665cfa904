internal import ArgumentParser
internal import Shared

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Shows what would be published under a policy, and what was found in the tables.",
    discussion: """
      The output says how many cells are withheld, so it must stay inside the hospital. Example:
        cloister-extractor plan --input examples/mimic-iii --policy policies/cms-k11.yaml
      """)

  @OptionGroup var options: ReleaseOptions

  @Flag(help: "Print JSON, for scripts.")
  var json = false

  @Option(help: "The site's ledger of releases, to take earlier releases into account.")
  var ledger: String?

  @Option(help: "Write a page about the tables that were read, for the hospital's own eyes; the file must not exist.")
  var report: String?

  @Option(help: "Write the plan as a page for the hospital's own eyes, with what is withheld and why.")
  var html: String?

  func validate() throws {
    guard report == nil || options.counts == nil else { throw ValidationError("--report is for --input only") }
  }

  func run() throws {
    let policy = try readPolicy(options.policy)
    // A ledger that was lost beside its secret has an error of its own.
    if let ledger, Ledger.files(ledger).isEmpty {
      throw CloisterError(
        .inputMissing, "\(harmless(ledger)): no such ledger",
        hint: "give the ledger of the hospital's earlier releases, or leave out --ledger before the first one")
    }
    let pages = [report, html].compactMap(\.self)
    for page in pages { try requireNothing(at: page) }
    // The number of processors is read before the sandbox is entered.
    let input = options.release
    options.protection.warn()
    let secret = try ledger.flatMap { ledger throws(CloisterError) in try SiteSecret.kept(beside: ledger) }
    _ = try Sandbox(readable: ledger.map(Ledger.files) ?? [], writable: pages.map(parentFolder))
      .entered(reading: [options.folder], isOpen: options.protection.noSandbox)
    let summary = try plan(input, policy, ledgerFile: ledger, drawnWith: secret)
    if let report, let found = summary.report {
      try replaceFile(Array(found.html().utf8), at: report, permissions: 0o600)
    }
    if let html { try replaceFile(Array(summary.html(under: policy).utf8), at: html, permissions: 0o600) }
    for note in summary.notes { Console.note("note: \(note)") }
    if json { return Console.result(summary.planJSON.compact()) }
    summary.planLines(minimum: policy.protection.minimumPatients).forEach(Console.result)
  }
}
