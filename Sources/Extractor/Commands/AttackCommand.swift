internal import ArgumentParser
internal import Shared

struct AttackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attack",
    abstract: "Attacks a finished bundle as an outsider would, with what it publishes and nothing else.",
    discussion: """
      Computes, for every withheld cell that can be named, the smallest and the largest count that fit everything in the bundle.
      Prints only what anyone who holds the bundle can compute. Checks no signature: cloister-generator verify does. Exit status
      77 where a cell is bounded too closely. Example:
        cloister-extractor attack bundle/
      """)

  @Argument(help: "The bundle's folder.")
  var bundle: String

  @Flag(help: "Print JSON, for scripts.")
  var json = false

  func run() throws {
    let report = try attackBundle(bundle)
    if json {
      Console.result(report.json.compact())
    } else {
      Console.result("tables: \(report.tables); published cells: \(report.cells)")
      for exposure in report.exposures {
        Console.result("\(Console.harmless(exposure.what)): \(exposure.low) to \(exposure.high)")
      }
    }
    if !json, !report.weakest.isEmpty {
      Console.result("hidden well enough, the narrowest first:")
      for weakest in report.weakest {
        let high = weakest.highest.map { "to \($0)" } ?? "or more"
        Console.result("  \(Console.harmless(weakest.what)): \(weakest.low) \(high)")
      }
    }
    guard report.exposures.isEmpty else {
      throw CloisterError(
        .releaseRefused, "\(report.exposures.count) withheld counts can be computed, or bounded too closely",
        hint: "the bundle must not be passed on; extract it again with this version")
    }
    if json { return }
    if let epsilon = report.epsilon {
      Console.result("every count carries noise, epsilon = \(epsilon.text) per patient: there is nothing to compute")
    } else {
      Console.result(
        "the attack fails: every withheld cell is empty for certain, or open by \(report.minimumPatients - 1) or more")
    }
  }
}
