internal import ArgumentParser
internal import Shared

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Compares synthetic with real admissions: fidelity, utility, privacy.",
    discussion: """
      Needs Debian's package libxgboost0. REPORT/evaluation.html holds the exact figures and stays in the hospital; what may leave is the
      bundle, with the tables that the policy names. --control are admissions of patients from whom no statistics were taken. Example:
        scripts/split-patients hospital/ --real real/ --control control/
        cloister-extractor evaluate --real real/ --control control/ --synthetic run/tables \\
          --policy policies/evaluation.yaml --key keys/signer.key.pem --cert keys/signer.cert.pem --out evaluation/ --report report/
      """)

  @Option(help: "The folder that the statistics were taken from.")
  var real: String

  @Option(help: "A folder of the same hospital with other patients.")
  var control: String

  @Option(help: "The folder with the synthetic tables: tables/ of a run.")
  var synthetic: String

  @Option(help: "The policy file; policies/evaluation.yaml is one to start from.")
  var policy: String

  @Option(help: "The folder to write the exact figures to, which stays in the hospital; it must not exist.")
  var report: String

  @Option(help: "At most so many admissions of each folder are tested and counted, as many real as control.")
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
      }, onSignal: { $0.endProgram() })
    sealing.printSummary(
      try evaluate(input, release, Console.progress), more: [JSONMember("report", .string(report))])
    if !sealing.json {
      Console.result("read review.html in it before it leaves")
      Console.result("\(Console.harmless(report))/evaluation.html stays in the hospital: it holds exact figures")
    }
  }
}
