internal import ArgumentParser
internal import Shared

struct ExtractCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract",
    abstract: "Counts, protects and signs: writes the bundle that may leave the hospital.",
    discussion: """
      Read BUNDLE/review.html before the bundle leaves: it shows everything in it. The output does not say what was
      withheld, because logs may leave the hospital; plan shows that. Example:
        cloister-extractor extract --input examples/mimic-iii --policy policies/cms-k11.yaml \\
          --key keys/signer.key.pem --cert keys/signer.cert.pem --ledger ledger.jsonl --out bundle/
      """)

  @OptionGroup var options: ReleaseOptions

  @OptionGroup var sealing: SealOptions

  func run() throws {
    options.protection.warn()
    let input = options.release
    let release = try PreparedRelease(
      sealing.request(policy: options.policy), reading: [options.folder], isOpen: options.protection.noSandbox,
      check: { _ in }, onWaiting: SealOptions.noteWaiting, onSignal: { $0.endProgram() })
    sealing.printSummary(try extract(input, release))
    if !sealing.json {
      Console.result("read its review.html before the bundle leaves; plan shows what was withheld")
    }
  }
}
