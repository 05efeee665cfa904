internal import ArgumentParser
internal import Shared

struct SandboxTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox-test",
    abstract: "Tests from inside extract's sandbox that it refuses what it must on this machine.",
    discussion: """
      Reads no table. The exit status is 70 if something is not refused. Example:
        cloister-extractor sandbox-test --input examples/mimic-iii --out /tmp/trial
      """)

  @Option(help: "The folder with the exported tables.")
  var input: String

  @Option(help: "A folder to create for trying to write; it is left behind with one empty file.")
  var out: String

  func run() throws {
    try makeFolder(out)
    let trials = try trySandbox(input: input, output: out)
    for trial in trials { Console.result("\(trial.isRefused ? "refused" : "NOT REFUSED"): \(trial.what)") }
    guard trials.allSatisfy(\.isRefused) else {
      throw CloisterError(
        .systemRefused, "the sandbox does not work on this machine",
        hint: "do not extract here; report this output with the kernel's version")
    }
  }
}
