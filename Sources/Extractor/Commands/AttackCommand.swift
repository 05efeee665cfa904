internal import ArgumentParser
internal import Shared

struct AttackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attack",
    abstract: "Attacks a finished bundle as an outsider would, using only what it publishes.",
    discussion: """
      For every withheld cell that can be named, computes the smallest and the largest count that fit everything in the
      bundle. Prints only what anyone with the bundle can compute. Does not check signatures: cloister-generator verify
      does that. The exit status is 77 if a cell is bounded too closely. Example:
        cloister-extractor attack bundle/
      """)

  @Argument(help: "The bundle's folder.")
  var bundle: String

  @Flag(help: "Print JSON, for scripts.")
  var json = false

  func run() throws {
    let report = try attackBundle(bundle, Console.progress)
    if json {
      Console.result(report.json.compact())
    } else {
      Console.result("tables: \(report.tables); published cells: \(report.cells)")
      for exposure in report.exposures {
        Console.result("\(harmless(exposure.what)): \(exposure.low) to \(exposure.high)")
      }
    }
    if !json, !report.narrowest.isEmpty {
      Console.result("hidden well enough, narrowest bounds first:")
      for cell in report.narrowest { Console.result("  \(cell.line)") }
    }
    guard report.exposures.isEmpty else {
      throw CloisterError(
        .releaseRefused, "\(report.exposures.count) withheld counts can be computed, or bounded too closely",
        hint: "do not pass the bundle on; extract it again with this version")
    }
    if json { return }
    if let epsilon = report.epsilon {
      Console.result("every count carries noise, epsilon = \(epsilon.text) per patient: there is nothing to compute")
    } else {
      Console.result(
        "the attack fails: every withheld cell is known to be empty, or its bounds are at least "
          + "\(report.minimumPatients - 1) apart")
    }
  }
}
