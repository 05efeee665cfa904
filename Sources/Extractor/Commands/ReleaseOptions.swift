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
