internal import ArgumentParser
internal import Shared

/// The arguments that say whom to trust; every command that verifies a bundle has them.
struct TrustOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: "Certificates of hospitals that you trust: PEM files, or folders of them, also with revocation lists.")
  var trust: [String] = []

  @Option(
    name: .customLong("authority"), parsing: .upToNextOption,
    help: "Certificates of authorities that you trust with every certificate that they issue to a hospital.")
  var authorities: [String] = []

  @Option(name: .customLong("approver"), parsing: .upToNextOption, help: "Certificates of people who approve policies.")
  var approvers: [String] = []

  @Option(parsing: .upToNextOption, help: "Certificates of time stamp authorities, for bundles with a time stamp.")
  var timestampTrust: [String] = []

  @OptionGroup var remembering: MemoryOptions

  var memory: String? { remembering.memory }

  @Option(help: "The largest statistics.json to read, in MiB.")
  var mostStatistics = BundleLayout.usualStatistics

  func validate() throws {
    guard !trust.isEmpty || !authorities.isEmpty else {
      throw ValidationError("name the hospital's certificate with --trust, or its authority's with --authority")
    }
    guard (1...4096).contains(mostStatistics) else { throw ValidationError("--most-statistics must be from 1 to 4096") }
  }

  var trusted: Trust {
    Trust(sites: trust, authorities: authorities, approvers: approvers, timestamps: timestampTrust)
  }
}
