internal import ArgumentParser
internal import Shared

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Compares synthetic and real admissions: fidelity, utility, privacy.",
    discussion: """
      Needs Debian's package libxgboost0. REPORT/evaluation.html holds the exact figures and must stay in the hospital.
      Only the bundle may leave, with the tables that the policy names. --control names a folder with admissions of
      patients who are not in the statistics. Example:
        scripts/split-patients hospital/ --real real/ --control control/
        cloister-extractor evaluate --real real/ --control control/ --synthetic run/tables \\
          --policy policies/evaluation.yaml --key keys/signer.key.pem --cert keys/signer.cert.pem \\
          --out evaluation/ --report report/
      """)

  @Option(help: "The folder that the statistics were taken from.")
  var real: String

  @Option(help: "A folder from the same hospital, with other patients.")
  var control: String

  @Option(help: "The folder of synthetic tables: tables/ in a run's folder.")
  var synthetic: String

  @Option(help: "The policy file; start from policies/evaluation.yaml.")
  var policy: String

  @Option(help: "The folder for the exact figures, which must stay in the hospital; it must not exist yet.")
  var report: String

  @Option(help: "The largest number of admissions to test and count per folder; real and control have equal numbers.")
  var sample = 10_000

  @Option(help: "The same seed gives the same forests and samples.")
  var seed: UInt64 = 1

  @OptionGroup var protection: WorkOptions
  @OptionGroup var sealing: SealOptions

  func validate() throws {
    guard sample >= 10 else { throw ValidationError("--sample must be 10 or more") }
  }

  func run() throws {
    protection.warn()
    let input = EvaluationInput(
      real: real, control: control, synthetic: synthetic, threads: protection.threadCount, sample: sample, seed: seed)
    let release = try PreparedRelease(
      sealing.request(policy: policy, report: report), reading: [real, control, synthetic],
      isOpen: protection.noSandbox,
      check: { policy throws(CloisterError) in
        try requireEvaluation(policy)
        try Forest.load()
      }, onWaiting: SealOptions.noteWaiting, onSignal: { $0.endProgram() })
    sealing.printSummary(
      try evaluate(input, release, Console.progress), more: [JSONMember("report", .string(report))])
    if !sealing.json {
      Console.result("read its review.html before the bundle leaves")
      Console.result("\(harmless(report, file: "evaluation.html")) must stay in the hospital: it holds exact figures")
    }
  }
}
