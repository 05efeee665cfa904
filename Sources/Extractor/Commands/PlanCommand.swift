internal import ArgumentParser
internal import Shared

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Shows what would leave under a policy; writes nothing.",
    discussion: """
      The output tells how many cells are withheld: it is meant for people inside the hospital. Example:
        cloister-extractor plan --input examples/mimic-iii --policy policies/demo.yaml
      """)

  @OptionGroup var options: ReleaseOptions

  @Flag(help: "Print JSON, for scripts.")
  var json = false

  @Option(help: "The site's ledger of releases, to see what earlier ones leave room for.")
  var ledger: String?

  func run() throws {
    let policy = try readPolicy(options.policy)
    // How many processors there are is asked before the sandbox.
    let input = options.release
    options.protection.warn()
    _ = try Sandbox(readable: ledger.map(Ledger.files) ?? [])
      .entered(reading: [options.folder], isOpen: options.protection.noSandbox)
    let summary = try plan(input, policy, ledgerFile: ledger)
    for note in summary.notes { Console.note("note: \(note)") }
    if json { Console.result(summary.planJSON.compact()) } else { printPlan(summary) }
  }
}
