internal import ArgumentParser
internal import Shared

/// The arguments that `plan` and `extract` share.
struct ReleaseOptions: ParsableArguments {
  @Option(help: "The folder with the exported tables: MIMIC-III's, or the MIMIC-IV folder that holds hosp/.")
  var input: String?

  @Option(
    help:
      "Instead of --input: the folder with the counts that the hospital's own database made with the queries from sql.")
  var counts: String?

  @Option(help: "What separates the fields of the exported tables: comma, semicolon, tab or pipe.")
  var separator = CSVSeparator.comma

  @Option(help: "The policy file.")
  var policy: String

  @OptionGroup var protection: WorkOptions

  func validate() throws {
    guard (input == nil) != (counts == nil) else { throw ValidationError("give either --input or --counts") }
    guard counts == nil || separator == .comma else { throw ValidationError("--separator is for --input only") }
  }

  var release: ReleaseInput {
    let source = counts.map { ReleaseInput.Source.counts($0) } ?? .tables(folder)
    return ReleaseInput(
      source: source, threads: protection.threadCount, separator: separator, progress: Console.progress)
  }

  /// The folder to read.
  var folder: String { counts ?? input ?? "" }
}

extension CSVSeparator: ExpressibleByArgument {}

/// The options of every command that reads patient-level data.
struct WorkOptions: ParsableArguments {
  @Option(help: "The number of threads that read and count; by default, the number of processors.")
  var threads: Int?

  @Flag(help: "Run without the sandbox that keeps this program from the network; the manifest says so.")
  var noSandbox = false

  func validate() throws {
    guard (1...256).contains(threads ?? 1) else { throw ValidationError("--threads must be from 1 to 256") }
  }

  var threadCount: Int { threads ?? processorCount }

  /// Warns the person at the terminal if `--no-sandbox` is given.
  func warn() {
    if noSandbox {
      Console.note("warning: no sandbox: only this program's own code keeps records from being sent or changed")
    }
  }
}

/// Prints what would be published and what would be withheld, as a table for people inside the hospital.
func printPlan(_ summary: ReleaseSummary) {
  Console.result("source: \(summary.schema.title)")
  Console.result("guarantee: \(summary.guarantee)")
  let widest = summary.losses.map(\.table.count).max() ?? 0
  let name = "table".padded(to: widest)
  Console.result(
    "\(name)  leave  too small  one patient  all but few  beyond top  changed by few  to protect others  "
      + "admissions kept")
  for loss in summary.losses {
    let share = loss.publishedShare.map { "\(Int(($0 * 100).rounded(.down))) %" } ?? "no admissions"
    Console.result(
      "\(loss.table.padded(to: widest))  \("\(loss.publishedCells)".aligned(to: 5))  "
        + "\("\(loss.smallCells)".aligned(to: 9))  \("\(loss.dominatedCells)".aligned(to: 11))  "
        + "\("\(loss.nearlyAllCells)".aligned(to: 11))  \("\(loss.cellsBeyondTop)".aligned(to: 10))  "
        + "\("\(loss.changedCells)".aligned(to: 14))  \("\(loss.complementaryCells)".aligned(to: 17))  "
        + share.aligned(to: 15)
    )
  }
  for table in summary.tablesLeftOut {
    Console.result("left out: \(table), because \(summary.schema.title) has no data for it")
  }
  if !summary.narrowest.isEmpty {
    Console.result("withheld cells, narrowest bounds first, as far as the attack had to look:")
    for cell in summary.narrowest { Console.result("  \(cell.line)") }
  }
}

extension ReleaseSummary {
  /// The plan as JSON, for scripts.
  var planJSON: JSONValue {
    .object([
      JSONMember("schema", .string(schema.rawValue)), JSONMember("guarantee", .string(guarantee)),
      JSONMember(
        "tables",
        .array(
          losses.map { loss in
            .object([
              JSONMember("name", .string(loss.table)), JSONMember("published", .integer(loss.publishedCells)),
              JSONMember("too-small", .integer(loss.smallCells)),
              JSONMember("one-patient-dominates", .integer(loss.dominatedCells)),
              JSONMember("all-but-too-few", .integer(loss.nearlyAllCells)),
              JSONMember("beyond-top", .integer(loss.cellsBeyondTop)),
              JSONMember("changed-by-few", .integer(loss.changedCells)),
              JSONMember("to-protect-others", .integer(loss.complementaryCells)),
              JSONMember("share", .optional(loss.publishedShare) { .number($0) }),
              JSONMember(
                "withheld-share",
                .object(
                  [
                    Verdict.Reason.tooFewPatients, .onePatientDominates, .tooFewWithout, .beyondTop,
                    .changedTooLittle, .wouldExposeAnother,
                  ]
                  .map { JSONMember($0.name, .number(loss.withheldShares[$0] ?? 0)) })),
            ])
          })),
      JSONMember("left-out", .array(tablesLeftOut.map { .string($0) })),
      JSONMember("narrowest", .array(narrowest.map(\.json))), JSONMember("data", .optional(report) { $0.json }),
    ])
  }
}

extension Verdict.Reason {
  fileprivate var name: String {
    switch self {
    case .tooFewPatients: "too-small"
    case .onePatientDominates: "one-patient-dominates"
    case .tooFewWithout: "all-but-too-few"
    case .emptyCell: "empty"
    case .beyondTop: "beyond-top"
    case .notInPolicy: "not-in-policy"
    case .changedTooLittle: "changed-by-few"
    case .wouldExposeAnother: "to-protect-others"
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
  fileprivate func aligned(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
